/**
 * Generator of the WGSL of fused kernels. All other WGSL is in files beside the ops.
 * @module
 */
import type { ReduceOp } from "../op.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { ReduceAttributes } from "../ops/views/expansion.ts";
import { Bindings, type FusedKernel, type KernelBody, memoryTypeOf, wgslType } from "./bindings.ts";
import { Emitter } from "./emitter.ts";
import { keepsLanes, type PartialAttributes, reducedSize } from "./lower.ts";

/** Elements below which a tensor is small: one per invocation, and tensors may share a kernel. */
export const manyElements = 16_384;
/**
 * Most characters of a kernel of blocks that repeats its code for each neighbour; longer ones loop. Repeated code reads
 * what neighbours share once, but takes the driver longer to compile.
 */
const longestRepeated = 10_000;
/** Invocations per workgroup of reductions. */
const reduceSize = 32;

/** Returns WGSL that writes adjacent values to a position of a buffer. */
function store(tensor: Tensor, name: string, at: string, values: readonly string[]): string {
  const value = values.length === 4 ? `vec4<${memoryTypeOf(tensor)}>(${values.join(", ")})` : values[0]!;
  return `${name}[${at}] = ${value};`;
}

/** Returns the number of neighbours per invocation: a divisor of `count`, preferably four. */
function chooseRun(count: number): number {
  return [4, 7, 5, 3, 2].find((run) => count % run === 0) ?? 1;
}

const lanes = [0, 1, 2, 3];

/** Tensors of equal size that one loop computes element by element, each with the tensor it is written to. */
export type Section = ReadonlyMap<Tensor, Tensor>;

/** One or more tensors computed by one kernel. */
export type Roots = readonly [Tensor, ...Tensor[]];

/**
 * Generates the body of a section by row-major position: vectors of neighbours, whatever the shape.
 * @param index Name of the variable with the invocation's index within the section.
 * @returns Undefined if an element needs its coordinates.
 */
function generateFlatBody(
  section: Section,
  index: string,
  stored: ReadonlySet<Tensor>,
  bindings: Bindings,
): KernelBody | undefined {
  const roots = [...section.keys()];
  const [size = 0] = roots.map(({ shape }) => sizeOf(shape));
  const width = size % 4 === 0 ? 4 : 1;
  const emitter = new Emitter(stored.difference(section), bindings);
  const count = size / width;
  const run = size < manyElements ? 1 : [4, 2].find((times) => count % times === 0) ?? 1;
  const invocations = count / run;
  const targets = [...section].map(([root, target]) => ({ root, ...bindings.write(target, width === 4) }));
  // All reads come before all writes, as an element may be updated in place.
  const stores = Array.from({ length: run }, (_, k) => {
    const at = emitter.name(`${index} + ${k * invocations}u`);
    const places = lanes.slice(0, width).map((lane) =>
      width === 1 ? at : emitter.name(`${at} * 4u + ${lane}u`)
    );
    return targets.map(({ root, name }) =>
      store(
        root,
        name,
        at,
        places.map((linear) => emitter.value(root, emitter.index(root.shape, { linear }))),
      )
    );
  });
  if (emitter.divides) return undefined;
  return {
    helpers: emitter.helpers,
    body: [emitter.lines(0), ...stores.flat()].join("\n"),
    invocations,
  };
}

/**
 * Returns whether an update may be written in place: each element of `root` reads only the same element of
 * `written` tensors, or scalars.
 * @param written Tensors that kernels write in place: variables and their new values.
 */
export function canUpdateInPlace(
  root: Tensor,
  stored: ReadonlySet<Tensor>,
  written: ReadonlySet<Tensor>,
): boolean {
  const seen = { inPlace: new Set<Tensor>(), moved: new Set<Tensor>() };
  const stack = [{ node: root, isMoved: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, isMoved } = top;
    const known = isMoved ? seen.moved : seen.inPlace;
    if (known.has(node)) continue;
    known.add(node);
    if (isMoved && written.has(node)) return false;
    if (node.op.kind === "leaf" || node !== root && stored.has(node)) continue;
    if (node.op.kind !== "pointwise" && node.op.kind !== "view") return false;
    // Other views move elements, even if no coordinates are needed, as when a row becomes a column.
    for (const input of node.inputs) {
      const stays = node.op.kind === "pointwise" || node.op.keepsOrder ||
        node.op.repeats && sizeOf(input.shape) === 1;
      stack.push({ node: input, isMoved: isMoved || !stays });
    }
  }
  return generateFlatBody(new Map([[root, root]]), "i", stored, new Bindings()) !== undefined;
}

/**
 * Returns one kernel for sections of tensors that {@linkcode canUpdateInPlace} accepts.
 * @param mostUniforms Most uniform buffers to bind.
 */
export function buildSectionsKernel(
  sections: readonly Section[],
  stored: ReadonlySet<Tensor>,
  mostUniforms = 0,
): FusedKernel {
  const bindings = new Bindings(mostUniforms);
  let first = 0;
  const helpers = new Set<string>();
  const parts = sections.map((section, n) => {
    const index = `i${n}`;
    const code = generateFlatBody(section, index, stored, bindings)!;
    code.helpers.forEach((helper) => helpers.add(helper));
    const part = `if (i >= ${first}u && i < ${first + code.invocations}u) {
let ${index} = i - ${first}u;
${code.body}
}`;
    first += code.invocations;
    return part;
  });
  return bindings.assemble({ helpers, body: parts.join("\n"), invocations: first });
}

/** Returns a kernel that computes a tensor by row-major position; undefined if vectors of four do not fit. */
function buildFlatKernel(
  root: Tensor,
  stored: ReadonlySet<Tensor>,
  mostUniforms: number,
): FusedKernel | undefined {
  if (sizeOf(root.shape) % 4 !== 0) return undefined;
  const bindings = new Bindings(mostUniforms);
  const code = generateFlatBody(new Map([[root, root]]), "i", stored, bindings);
  return code && bindings.assemble(code);
}

/**
 * Returns a kernel for tensors of one shape. Each invocation computes several neighbours, and reads and
 * computes shared operands once.
 * @param loops True if neighbours are computed in a loop.
 */
function buildRowsKernel(
  roots: Roots,
  stored: ReadonlySet<Tensor>,
  mostUniforms: number,
  loops = false,
): FusedKernel {
  const [{ shape }] = roots;
  const bindings = new Bindings(mostUniforms);
  const emitter = new Emitter(stored.difference(new Set(roots)), bindings);
  const isBlocked = shape.at(-1) === 4;
  const places = isBlocked ? shape.slice(0, -1) : shape;
  const along = places.at(-1) ?? 1;
  const run = sizeOf(shape) < manyElements ? 1 : chooseRun(along);
  const [...axes] = emitter.index([...places.slice(0, -1), along / run], { linear: "i" }).axes();
  const first = axes.pop() ?? "0u";
  const invocations = sizeOf(places) / run;
  const valueAt = (root: Tensor, coordinates: readonly string[]) =>
    emitter.value(root, emitter.index(shape, { axes: coordinates.slice(coordinates.length - shape.length) }));
  if (loops) emitter.enter("k");
  const steps = loops ? ["k"] : Array.from({ length: run }, (_, k) => `${k}u`);
  const neighbours = steps.map((k) => run === 1 ? first : emitter.name(`${first} * ${run}u + ${k}`));
  const isFour = !isBlocked && run === 4;
  const stores = roots.map((root) => {
    const { name } = bindings.write(root, isBlocked || isFour);
    if (isFour) return [store(root, name, "i", neighbours.map((last) => valueAt(root, [...axes, last])))];
    return neighbours.map((last, n) => {
      const at = run === 1 ? "i" : emitter.name(`i * ${run}u + ${steps[n]}`);
      const ends = isBlocked ? lanes.map((lane) => [last, `${lane}u`]) : [[last]];
      return store(root, name, at, ends.map((end) => valueAt(root, [...axes, ...end])));
    });
  });
  const each = stores.flat().join("\n"), lines = emitter.lines(0);
  if (isBlocked && run > 1 && !loops && lines.length > longestRepeated) {
    return buildRowsKernel(roots, stored, mostUniforms, true);
  }
  const body = loops
    ? `${lines}\nfor (var k = 0u; k < ${run}u; k++) {\n${emitter.lines(1)}\n${each}\n}`
    : `${lines}\n${each}`;
  return bindings.assemble({ helpers: emitter.helpers, body, invocations });
}

/** Returns the kernel that stores reductions of one or more expressions, or their partial results. */
function buildReduceKernel(
  root: Tensor,
  op: ReduceOp,
  stored: ReadonlySet<Tensor>,
  mostUniforms: number,
): FusedKernel {
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
  // Chunks of whole rows of the innermost axis, if there are enough: then only the outer loop divides.
  const rows = length / innerSize;
  const nested = innerAxis !== undefined && rows >= chunks && length > 0;
  const total = nested ? rows : length;
  const perChunk = Math.ceil(total / chunks);
  // Lanes are neighbours enough.
  const run = nested && !takesLanes ? chooseRun(innerSize) : 1;

  const bindings = new Bindings(mostUniforms);
  const { name } = bindings.write(root, takesLanes);
  const emitter = new Emitter(stored, bindings);
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
    return store(root, name, at, values);
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
  return bindings.assemble({ helpers: emitter.helpers, body, invocations: slots * chunks }, reduceSize);
}

/**
 * Returns the kernel that computes stored nodes, other than kernel ops, from other stored nodes.
 * @param roots One reduction, or independent pointwise expressions and views of one shape.
 * @param mostUniforms Most uniform buffers to bind.
 */
export function buildFusedKernel(roots: Roots, stored: ReadonlySet<Tensor>, mostUniforms = 0): FusedKernel {
  const [first] = roots;
  if (first.op.kind === "reduce") return buildReduceKernel(first, first.op, stored, mostUniforms);
  return roots.length === 1 && buildFlatKernel(first, stored, mostUniforms) ||
    buildRowsKernel(roots, stored, mostUniforms);
}
