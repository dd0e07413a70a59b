/**
 * Writes the WGSL of fused kernels. This is the only WGSL that is generated; whole
 * operand kernels are files beside their ops.
 * @module
 */
import type { ReduceOp } from "../op.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import type { ReduceAttributes } from "../ops/views/expansion.ts";
import { Bindings, type FusedKernel, type KernelBody, wgslType } from "./bindings.ts";
import { Emitter } from "./emitter.ts";
import { keepsLanes, type PartialAttributes, reducedSize } from "./lower.ts";

/** Elements below which there are too few invocations to let each take several, and tensors share a kernel. */
export const manyElements = 16_384;
/** Invocations per workgroup of reductions. */
const reduceSize = 32;

/** Writes values, side by side, to a place of a buffer. */
function store({ dtype }: Tensor, name: string, at: string, values: readonly string[]): string {
  const value = values.length === 4 ? `vec4<${wgslType[dtype]}>(${values.join(", ")})` : values[0]!;
  return `${name}[${at}] = ${value};`;
}

/** How many of `count` at a time, best four. */
function divisorRun(count: number): number {
  return [4, 7, 5, 3, 2].find((run) => count % run === 0) ?? 1;
}

const lanes = [0, 1, 2, 3];

/** Tensors of equal size that are computed together, element by element, and where each is written. */
export type Section = ReadonlyMap<Tensor, Tensor>;

/** Tensors that one kernel computes. */
export type Roots = readonly [Tensor, ...Tensor[]];

/**
 * Computes a section without caring for coordinates: vectors of neighbours, whatever the shape. None where it does.
 * @param index Name of the invocation's number within the section.
 */
function flatCode(
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
  // All of it is read before any is written: an element may be written where it was read.
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
 * Whether a new value can be computed where the old one is, whatever its shape: of everything that kernels write in place,
 * its elements depend on the same elements only, or on single numbers.
 * @param written New values and variables that are written in place.
 */
export function isFlat(root: Tensor, stored: ReadonlySet<Tensor>, written: ReadonlySet<Tensor>): boolean {
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
    // Other views take elements from elsewhere, even where that needs no coordinates, as turning a row does.
    for (const input of node.inputs) {
      const stays = node.op.kind === "pointwise" || node.op.keepsOrder ||
        node.op.repeats && sizeOf(input.shape) === 1;
      stack.push({ node: input, isMoved: isMoved || !stays });
    }
  }
  return flatCode(new Map([[root, root]]), "i", stored, new Bindings()) !== undefined;
}

/** The kernel that computes {@linkcode isFlat} tensors, section after section. */
export function sectionsKernel(sections: readonly Section[], stored: ReadonlySet<Tensor>): FusedKernel {
  const bindings = new Bindings();
  let first = 0;
  const helpers = new Set<string>();
  const parts = sections.map((section, n) => {
    const index = `i${n}`;
    const code = flatCode(section, index, stored, bindings)!;
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

/** {@linkcode sectionsKernel} of one tensor, where vectors of neighbours are whole. */
function flatKernel(root: Tensor, stored: ReadonlySet<Tensor>): FusedKernel | undefined {
  if (sizeOf(root.shape) % 4 !== 0) return undefined;
  const bindings = new Bindings();
  const code = flatCode(new Map([[root, root]]), "i", stored, bindings);
  return code && bindings.assemble(code);
}

/**
 * A kernel for tensors of one shape, whose invocations take some neighbours each: what they have in common it then reads and
 * computes once.
 */
function rowsKernel(roots: Roots, stored: ReadonlySet<Tensor>): FusedKernel {
  const [{ shape }] = roots;
  const bindings = new Bindings();
  const emitter = new Emitter(stored.difference(new Set(roots)), bindings);
  const isBlocked = shape.at(-1) === 4;
  const places = isBlocked ? shape.slice(0, -1) : shape;
  const along = places.at(-1) ?? 1;
  const run = sizeOf(shape) < manyElements ? 1 : divisorRun(along);
  const [...axes] = emitter.index([...places.slice(0, -1), along / run], { linear: "i" }).axes();
  const first = axes.pop() ?? "0u";
  const invocations = sizeOf(places) / run;
  const valueAt = (root: Tensor, coordinates: readonly string[]) =>
    emitter.value(root, emitter.index(shape, { axes: coordinates.slice(0, shape.length) }));
  const neighbours = Array.from(
    { length: run },
    (_, k) => run === 1 ? first : emitter.name(`${first} * ${run}u + ${k}u`),
  );
  const isFour = !isBlocked && run === 4;
  const stores = roots.map((root) => {
    const { name } = bindings.write(root, isBlocked || isFour);
    if (isFour) return [store(root, name, "i", neighbours.map((last) => valueAt(root, [...axes, last])))];
    return neighbours.map((last, k) => {
      const at = run === 1 ? "i" : emitter.name(`i * ${run}u + ${k}u`);
      const ends = isBlocked ? lanes.map((lane) => [last, `${lane}u`]) : [[last]];
      return store(root, name, at, ends.map((end) => valueAt(root, [...axes, ...end])));
    });
  });
  const body = [emitter.lines(0), ...stores.flat()].join("\n");
  return bindings.assemble({ helpers: emitter.helpers, body, invocations });
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

  const bindings = new Bindings();
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
 * The kernel that computes stored nodes that are no kernel ops from other stored nodes.
 * @param roots One reduction, or pointwise expressions and views of one shape of which none needs another.
 */
export function fusedKernel(roots: Roots, stored: ReadonlySet<Tensor>): FusedKernel {
  const [first] = roots;
  if (first.op.kind === "reduce") return reduceKernel(first, first.op, stored);
  return roots.length === 1 && flatKernel(first, stored) || rowsKernel(roots, stored);
}
