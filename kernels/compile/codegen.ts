/**
 * Third pass of compilation: writes the WGSL of fused kernels. This is the only WGSL that is generated; whole
 * operand kernels are files beside their ops.
 * @module
 */
import {
  type DType,
  type ElementIndex,
  type PointwiseOp,
  type ReduceOp,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
  type TexelsOp,
} from "../tensor.ts";
import { linearWorkgroups, linearWorkgroupSize, texelsPerRow, workgroupsPerRow } from "../workgroups.ts";
import { type PartialAttributes, reducedSize } from "./lower.ts";

/** A fused kernel. */
export interface FusedKernel {
  /** WGSL source; bindings 0…n−1 are `reads`, n is the result. */
  readonly wgsl: string;
  /** Stored tensors that it reads. */
  readonly reads: readonly Tensor[];
  /** Workgroups along x, y, z; the shader guards its bounds. */
  readonly workgroups: readonly [number, number, number];
}

const wgslType: Record<DType, string> = { float32: "f32", int32: "i32", uint32: "u32" };

/** Writes the body of one kernel. Each line goes to the outermost loop that defines what it uses. */
class Emitter {
  readonly reads: Tensor[] = [];
  /** Reads that are bound as vectors of four. */
  readonly fours = new Set<Tensor>();
  readonly helpers = new Set<string>();
  readonly #stored: ReadonlySet<Tensor>;
  readonly #scopes: string[][] = [[]];
  readonly #depths = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, string>();

  constructor(stored: ReadonlySet<Tensor>) {
    this.#stored = stored;
  }

  /** Opens a loop whose counter is `counter`. */
  enter(counter: string): void {
    this.#depths.set(counter, this.#scopes.length);
    this.#scopes.push([]);
  }

  /** The lines of a loop level, innermost last. */
  lines(depth: number): string {
    return this.#scopes[depth]!.join("\n");
  }

  /** A name for an expression, written once. */
  name(expression: string): string {
    if (/^(\w+|[iuf]32\([-\d.e+]+\))$/.test(expression)) return expression;
    let name = this.#names.get(expression);
    if (!name) {
      const depth = Math.max(
        0,
        ...(expression.match(/[a-z]\w*/g) ?? []).map((word) => this.#depths.get(word) ?? 0),
      );
      name = `v${this.#names.size}`;
      this.#names.set(expression, name);
      this.#depths.set(name, depth);
      this.#scopes[depth]!.push(`let ${name} = ${expression};`);
    }
    return name;
  }

  index(
    shape: Shape,
    at: { axes: readonly string[] } | { linear: string },
    four?: ElementIndex["four"],
  ): ElementIndex {
    const strides = stridesOf(shape);
    const axes = () =>
      "axes" in at ? at.axes : shape.map((size, i) => {
        if (size === 1) return "0u";
        const shifted = strides[i] === 1 ? at.linear : this.name(`${at.linear} / ${strides[i]}u`);
        return i === shape.findIndex((s) => s !== 1) ? shifted : this.name(`${shifted} % ${size}u`);
      });
    const linear = () => {
      if ("linear" in at) return at.linear;
      const terms = at.axes.flatMap((axis, i) =>
        shape[i] === 1 || axis === "0u" ? [] : strides[i] === 1 ? [axis] : [`${axis} * ${strides[i]}u`]
      );
      // Summed outermost first, so that the part that loops do not change is computed outside them.
      return terms.length === 0 ? "0u" : terms.reduce((sum, term) => `${this.name(sum)} + ${term}`);
    };
    return { axes, linear: () => this.name(linear()), ...(four ? { four } : {}) };
  }

  /** The value of a node's element. */
  value(node: Tensor, index: ElementIndex): string {
    if (node.op.kind === "leaf" || this.#stored.has(node)) return this.#load(node, index);
    if (node.op.name === "reshape") {
      const [source] = node.inputs;
      return this.value(source!, this.index(source!.shape, { linear: index.linear() }));
    }
    const key = `${node.id} ${node.op.kind === "view" ? index.axes().join() : index.linear()}`;
    let value = this.#values.get(key);
    if (value === undefined) {
      value = node.op.kind === "view"
        ? this.#moved(node, index)
        : this.#computed(node, node.op as PointwiseOp, index);
      this.#values.set(key, value);
    }
    return value;
  }

  #load(node: Tensor, index: ElementIndex): string {
    let binding = this.reads.indexOf(node);
    if (binding < 0) {
      binding = this.reads.push(node) - 1;
      if (index.four) this.fours.add(node);
    }
    const buffer = `b${binding}`;
    if (!this.fours.has(node)) return this.name(`${buffer}[${index.linear()}]`);
    if (index.four) {
      const { group, lane } = index.four;
      return this.name(`${this.name(`${buffer}[${group}]`)}.${"xyzw"[lane]}`);
    }
    const at = index.linear();
    return this.name(`${buffer}[${at} / 4u][${at} % 4u]`);
  }

  #moved(node: Tensor, index: ElementIndex): string {
    if (node.op.kind !== "view") throw new TypeError(`Cannot move elements by ${node.op.name}`);
    const [input] = node.inputs;
    const { axes, inside } = node.op.source(index.axes(), node);
    const value = this.value(input!, this.index(input!.shape, { axes: axes.map((axis) => this.name(axis)) }));
    return inside ? this.name(`select(${wgslType[node.dtype]}(0), ${value}, ${inside})`) : value;
  }

  #computed(node: Tensor, op: PointwiseOp, index: ElementIndex): string {
    if (op.helpers) this.helpers.add(op.helpers);
    return this.name(op.expression(node.inputs.map((input) => this.value(input, index)), node, index));
  }
}

function assemble(
  emitter: Emitter,
  result: string,
  invocations: number,
  body: string,
): FusedKernel {
  const bindings = emitter.reads.map((read, i) => {
    const element = emitter.fours.has(read) ? `vec4<${wgslType[read.dtype]}>` : wgslType[read.dtype];
    return `@group(0) @binding(${i}) var<storage, read> b${i}: array<${element}>;`;
  });
  const wgsl = `${bindings.join("\n")}
@group(0) @binding(${emitter.reads.length}) var${result};
${[...emitter.helpers].join("\n")}
@compute @workgroup_size(${linearWorkgroupSize})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
let i = (workgroup.y * ${workgroupsPerRow}u + workgroup.x) * ${linearWorkgroupSize}u + local;
if (i >= ${invocations}u) { return; }
${body}
}
`;
  return { wgsl, reads: emitter.reads, workgroups: linearWorkgroups(invocations) };
}

function bufferResult(node: Tensor, element = wgslType[node.dtype]): string {
  return `<storage, read_write> result: array<${element}>`;
}

/** Elements below which there are too few invocations to let each take several. */
const manyElements = 16_384;

/**
 * How many neighbours along the last axis an invocation takes: what they have in common, such as all that belongs to
 * their channel, it then reads and computes once.
 */
function runOf(shape: Shape): number {
  return sizeOf(shape) < manyElements ? 1 : divisorRun(shape.at(-1) ?? 1);
}

/** How many at a time make up `count`, best four. */
function divisorRun(count: number): number {
  return [4, 7, 5, 3, 2].find((run) => count % run === 0) ?? 1;
}

/** The coordinates of each element of the run that invocation `i` takes. */
function runAxes(emitter: Emitter, shape: Shape, run: number): string[][] {
  const outer = shape.slice(0, -1), last = shape.at(-1) ?? 1;
  const axes = [...emitter.index([...outer, last / run], { linear: "i" }).axes()];
  if (run === 1) return [axes];
  const first = emitter.name(`${axes.pop()} * ${run}u`);
  return Array.from({ length: run }, (_, k) => [...axes, k === 0 ? first : emitter.name(`${first} + ${k}u`)]);
}

/** The kernel that stores a pointwise expression or a view. */
function pointwiseKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel {
  const others = new Set(stored);
  others.delete(root);
  const emitter = new Emitter(others);
  const run = runOf(root.shape);
  const values = run === 1
    ? [emitter.value(root, emitter.index(root.shape, { linear: "i" }))]
    : runAxes(emitter, root.shape, run).map((axes, lane) =>
      emitter.value(root, emitter.index(root.shape, { axes }, run === 4 ? { group: "i", lane } : undefined))
    );
  const invocations = sizeOf(root.shape) / run;
  if (run === 4) {
    const element = `vec4<${wgslType[root.dtype]}>`;
    const body = `${emitter.lines(0)}\nresult[i] = ${element}(${values.join(", ")});`;
    return assemble(emitter, bufferResult(root, element), invocations, body);
  }
  const stores = values.map((value, k) => `result[${run === 1 ? "i" : `i * ${run}u + ${k}u`}] = ${value};`);
  const body = `${emitter.lines(0)}\n${stores.join("\n")}`;
  return assemble(emitter, bufferResult(root), invocations, body);
}

/** The kernel that stores a reduction, or its partial results. */
function reduceKernel(root: Tensor, op: ReduceOp, stored: ReadonlySet<Tensor>): FusedKernel {
  const { axes: over, chunks = 1 } = root.attributes as PartialAttributes & { chunks?: number };
  const input = root.inputs[0]!;
  const kept = input.shape.map((size, axis) => over.includes(axis) ? 1 : size);
  const results = sizeOf(kept);
  const length = reducedSize(input.shape, over);
  const innerAxis = over.at(-1);
  const innerSize = innerAxis === undefined ? 1 : input.shape[innerAxis]!;
  // Whole rows of the innermost axis per chunk where they fit: then only the outer loop divides.
  const rows = length / innerSize;
  const nested = innerAxis !== undefined && rows >= chunks && length > 0;
  const total = nested ? rows : length;
  const perChunk = Math.ceil(total / chunks);

  const emitter = new Emitter(stored);
  const slot = emitter.name(chunks === 1 ? "i" : `i % ${results}u`);
  const keptAxes = emitter.index(kept, { linear: slot }).axes();
  emitter.enter("r");
  const outerShape = over.filter((axis) => !nested || axis !== innerAxis).map((axis) => input.shape[axis]!);
  const outerAxes = [...emitter.index(outerShape, { linear: "r" }).axes()];
  if (nested) emitter.enter("k");
  const axes = input.shape.map((_, axis) => {
    if (!over.includes(axis)) return keptAxes[axis]!;
    return nested && axis === innerAxis ? (innerSize === 1 ? "0u" : "k") : outerAxes.shift()!;
  });
  const run = nested ? divisorRun(innerSize) : 1;
  const isFour = run === 4 && innerAxis === input.shape.length - 1;
  const group = isFour ? emitter.name(`${emitter.index(input.shape, { axes }).linear()} / 4u`) : "";
  const values = Array.from({ length: run }, (_, lane) => {
    const at = lane === 0 ? axes : axes.with(innerAxis!, emitter.name(`k + ${lane}u`));
    return emitter.value(
      input,
      emitter.index(input.shape, { axes: at }, isFour ? { group, lane } : undefined),
    );
  });
  const type = wgslType[root.dtype];
  const step = values.map((value) => `accumulator = ${op.combine("accumulator", value)};`).join("\n");
  const inner = nested
    ? `for (var k = 0u; k < ${innerSize}u; k += ${run}u) {\n${emitter.lines(2)}\n${step}\n}`
    : step;
  const from = chunks === 1 ? "0u" : `(i / ${results}u) * ${perChunk}u`;
  const to = chunks === 1 ? `${total}u` : `min(first + ${perChunk}u, ${total}u)`;
  const body = `${emitter.lines(0)}
let first = ${from};
let last = ${to};
var accumulator = ${type}(${op.identity});
for (var r = first; r < last; r++) {
${emitter.lines(1)}
${inner}
}
result[i] = accumulator;`;
  return assemble(emitter, bufferResult(root), results * chunks, body);
}

/** The kernel that stores an expression as a texture. */
function texelsKernel(root: Tensor, op: TexelsOp, stored: ReadonlySet<Tensor>): FusedKernel {
  const emitter = new Emitter(stored);
  const input = root.inputs[0]!;
  const texels = root.shape.slice(0, -1);
  const run = runOf(texels);
  const stores = runAxes(emitter, texels, run).map((axes, k) => {
    const lanes = [0, 1, 2, 3].map((lane) => {
      const source = op.source(axes, lane, root);
      if (!source) return "0.0";
      const index = emitter.index(input.shape, { axes: source.axes.map((axis) => emitter.name(axis)) });
      const value = emitter.value(input, index);
      return source.inside ? emitter.name(`select(0.0, ${value}, ${source.inside})`) : value;
    });
    const texel = run === 1 ? "i" : emitter.name(`i * ${run}u + ${k}u`);
    const place = `vec2u(${texel} % ${texelsPerRow}u, ${texel} / ${texelsPerRow}u)`;
    return `textureStore(result, ${place}, vec4f(${lanes.join(", ")}));`;
  });
  const body = `${emitter.lines(0)}\n${stores.join("\n")}`;
  return assemble(emitter, " result: texture_storage_2d<rgba32float, write>", sizeOf(texels) / run, body);
}

/** The kernel that computes a stored node that is no kernel op from other stored nodes. */
export function fusedKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel {
  if (root.op.kind === "reduce") return reduceKernel(root, root.op, stored);
  if (root.op.kind === "texels") return texelsKernel(root, root.op, stored);
  return pointwiseKernel(root, stored);
}
