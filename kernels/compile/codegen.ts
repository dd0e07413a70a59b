/**
 * Fourth pass of compilation: writes the WGSL of fused kernels. This is the only WGSL that is generated; whole
 * operand kernels are files beside their ops.
 * @module
 */
import { type ReduceOp, sizeOf, type Tensor } from "../tensor.ts";
import type { ReduceAttributes } from "../ops/expansion.ts";
import { workgroupRows, workgroupsPerRow } from "../workgroups.ts";
import { Emitter, wgslType } from "./emitter.ts";
import { keepsLanes, type PartialAttributes, reducedSize } from "./lower.ts";

/** A fused kernel. */
export interface FusedKernel {
  /** WGSL source; bindings 0…n−1 are `reads`, n is the result. */
  readonly wgsl: string;
  /** Stored tensors that it reads. */
  readonly reads: readonly Tensor[];
  /** Workgroups along x, y, z; the shader guards its bounds. */
  readonly workgroups: readonly [number, number, number];
}

/** Elements below which there are too few invocations to let each take several. */
const manyElements = 16_384;
/** Invocations per workgroup: many where each does little, few where there are few. */
const workgroupSizes = { pointwise: 256, reduce: 32 };

/** A kernel that runs `body` with `i` from 0 to `invocations`. */
function assemble(
  emitter: Emitter,
  root: Tensor,
  { width, invocations, body, size }: {
    /** Elements per element of the result's array: 1 or 4. */
    readonly width: number;
    readonly invocations: number;
    readonly body: string;
    /** Invocations per workgroup. */
    readonly size: number;
  },
): FusedKernel {
  const array = (tensor: Tensor, isFour: boolean) => {
    const element = wgslType[tensor.dtype];
    return `array<${isFour ? `vec4<${element}>` : element}>`;
  };
  const bindings = emitter.reads.map((read, i) =>
    `@group(0) @binding(${i}) var<storage, read> b${i}: ${array(read, emitter.fours.has(read))};`
  );
  const wgsl = `${bindings.join("\n")}
@group(0) @binding(${emitter.reads.length}) var<storage, read_write> result: ${array(root, width === 4)};
${[...emitter.helpers].join("\n")}
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
let i = (workgroup.y * ${workgroupsPerRow}u + workgroup.x) * ${size}u + local;
if (i >= ${invocations}u) { return; }
${body}
}
`;
  return { wgsl, reads: emitter.reads, workgroups: workgroupRows(Math.ceil(invocations / size)) };
}

/** Writes values, side by side, to a place of the result. */
function store(root: Tensor, at: string, values: readonly string[]): string {
  const value = values.length === 4 ? `vec4<${wgslType[root.dtype]}>(${values.join(", ")})` : values[0]!;
  return `result[${at}] = ${value};`;
}

/** How many of `count` at a time, best four. */
function divisorRun(count: number): number {
  return [4, 7, 5, 3, 2].find((run) => count % run === 0) ?? 1;
}

const lanes = [0, 1, 2, 3];

/** A kernel that does not care for coordinates: vectors of neighbours, whatever the shape. None where it does. */
function flatKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel | undefined {
  const size = sizeOf(root.shape);
  if (size % 4 !== 0) return undefined;
  const emitter = new Emitter(stored);
  const quads = size / 4;
  const run = size < manyElements ? 1 : [4, 2].find((count) => quads % count === 0) ?? 1;
  const invocations = quads / run;
  const stores = Array.from({ length: run }, (_, k) => {
    const quad = emitter.name(`i + ${k * invocations}u`);
    const values = lanes.map((lane) =>
      emitter.value(root, emitter.index(root.shape, { linear: emitter.name(`${quad} * 4u + ${lane}u`) }))
    );
    return store(root, quad, values);
  });
  if (emitter.divides) return undefined;
  const body = [emitter.lines(0), ...stores].join("\n");
  return assemble(emitter, root, { width: 4, invocations, body, size: workgroupSizes.pointwise });
}

/** A kernel whose invocations take some neighbours each: what they have in common it then reads and computes once. */
function rowsKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel {
  const emitter = new Emitter(stored);
  const isBlocked = root.shape.at(-1) === 4;
  const places = isBlocked ? root.shape.slice(0, -1) : root.shape;
  const along = places.at(-1) ?? 1;
  const run = sizeOf(root.shape) < manyElements ? 1 : divisorRun(along);
  const [...axes] = emitter.index([...places.slice(0, -1), along / run], { linear: "i" }).axes();
  const first = axes.pop() ?? "0u";
  const invocations = sizeOf(places) / run;
  const valueAt = (coordinates: readonly string[]) =>
    emitter.value(root, emitter.index(root.shape, { axes: coordinates.slice(0, root.shape.length) }));
  const neighbours = Array.from(
    { length: run },
    (_, k) => run === 1 ? first : emitter.name(`${first} * ${run}u + ${k}u`),
  );
  const isFour = !isBlocked && run === 4;
  const stores = isFour
    ? [store(root, "i", neighbours.map((last) => valueAt([...axes, last])))]
    : neighbours.map((last, k) => {
      const at = run === 1 ? "i" : emitter.name(`i * ${run}u + ${k}u`);
      return store(
        root,
        at,
        isBlocked ? lanes.map((lane) => valueAt([...axes, last, `${lane}u`])) : [valueAt([...axes, last])],
      );
    });
  const body = [emitter.lines(0), ...stores].join("\n");
  const width = isBlocked || isFour ? 4 : 1;
  return assemble(emitter, root, { width, invocations, body, size: workgroupSizes.pointwise });
}

/** The kernel that stores a pointwise expression or a view. */
function pointwiseKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel {
  const others = new Set(stored);
  others.delete(root);
  return flatKernel(root, others) ?? rowsKernel(root, others);
}

/** The kernel that stores reductions of one or more expressions, or their partial results. */
function reduceKernel(root: Tensor, op: ReduceOp, stored: ReadonlySet<Tensor>): FusedKernel {
  const { axes: over, chunks = 1 } = root.attributes as Partial<PartialAttributes> & ReduceAttributes;
  const shape = root.inputs[0]!.shape;
  const takesLanes = keepsLanes(shape, over);
  const width = takesLanes ? 4 : 1;
  const kept = shape.map((size, axis) => over.includes(axis) ? 1 : size);
  const places = takesLanes ? kept.slice(0, -1) : kept;
  const slots = sizeOf(places);
  const innerAxis = over.at(-1);
  const innerSize = innerAxis === undefined ? 1 : shape[innerAxis]!;
  const length = reducedSize(shape, over);
  // Whole rows of the innermost axis per chunk where they fit: then only the outer loop divides.
  const rows = length / innerSize;
  const nested = innerAxis !== undefined && rows >= chunks && length > 0;
  const total = nested ? rows : length;
  const perChunk = Math.ceil(total / chunks);
  const run = nested ? divisorRun(innerSize) : 1;

  const emitter = new Emitter(stored);
  const slot = emitter.name(chunks === 1 ? "i" : `i % ${slots}u`);
  const keptAxes = emitter.index(places, { linear: slot }).axes();
  emitter.enter("r");
  const outerShape = over.filter((axis) => !nested || axis !== innerAxis).map((axis) => shape[axis]!);
  const outerAxes = [...emitter.index(outerShape, { linear: "r" }).axes()];
  if (nested) emitter.enter("k");
  const axes = shape.map((_, axis) => {
    if (!over.includes(axis)) return keptAxes[axis] ?? "0u";
    return nested && axis === innerAxis ? "k" : outerAxes.shift()!;
  });
  const neighbours = Array.from({ length: run }, (_, j) => {
    if (!nested) return axes;
    const along = innerSize === 1 ? "0u" : run === 1 ? "k" : emitter.name(`k * ${run}u + ${j}u`);
    return axes.with(innerAxis, along);
  });
  const type = wgslType[root.dtype];
  const accumulators: string[] = [];
  const steps: string[] = [];
  const results = root.inputs.map((input, n) =>
    lanes.slice(0, width).map((lane) => {
      const accumulator = `total${n}_${lane}`;
      accumulators.push(`var ${accumulator} = ${type}(${op.identity});`);
      for (const place of neighbours) {
        const at = takesLanes ? place.with(-1, `${lane}u`) : place;
        const element = emitter.value(input, emitter.index(input.shape, { axes: at }));
        steps.push(`${accumulator} = ${op.combine(accumulator, element)};`);
      }
      return accumulator;
    })
  );
  const step = steps.join("\n");
  const inner = nested
    ? `for (var k = 0u; k < ${innerSize / run}u; k++) {\n${emitter.lines(2)}\n${step}\n}`
    : step;
  const chunk = chunks === 1 ? "0u" : `i / ${slots}u`;
  const stores = results.map((values, n) => {
    const at = results.length === 1 ? "i" : `((${chunk}) * ${results.length}u + ${n}u) * ${slots}u + ${slot}`;
    return store(root, at, values);
  });
  const body = `${emitter.lines(0)}
${accumulators.join("\n")}
let first = ${chunks === 1 ? "0u" : `(${chunk}) * ${perChunk}u`};
let last = ${chunks === 1 ? `${total}u` : `min(first + ${perChunk}u, ${total}u)`};
for (var r = first; r < last; r++) {
${emitter.lines(1)}
${inner}
}
${stores.join("\n")}`;
  return assemble(emitter, root, {
    width,
    invocations: slots * chunks,
    body,
    size: workgroupSizes.reduce,
  });
}

/** The kernel that computes a stored node that is no kernel op from other stored nodes. */
export function fusedKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel {
  return root.op.kind === "reduce" ? reduceKernel(root, root.op, stored) : pointwiseKernel(root, stored);
}
