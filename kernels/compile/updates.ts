/**
 * In-place updates of variables. New values with common operands, such as a parameter, its moments and its
 * teacher's parameter, share a kernel.
 * @module
 */
import { isVariable, type Variable } from "../ops/leaf.ts";
import { formatShape, sameShape, sizeOf, type Tensor } from "../tensor.ts";
import { buildSectionsKernel, canUpdateInPlace, manyElements, type Section } from "./codegen.ts";
import { measureDepths } from "./command_order.ts";
import { isInlineable } from "./fuse.ts";

/** New value, its variable, and the tensors that a kernel for this value alone reads. */
interface Candidate {
  readonly root: Tensor;
  readonly variable: Variable;
  readonly reads: readonly Tensor[];
}

/**
 * Groups new values of variables into kernels.
 * @param targets Variable that each new value is written to.
 * @param stored Nodes that are stored, the new values among them.
 * @param maxBindings Most buffers that a kernel can bind.
 * @returns Sections of each kernel.
 */
export function groupUpdates(
  targets: ReadonlyMap<Tensor, Variable>,
  stored: ReadonlySet<Tensor>,
  maxBindings: number,
): Section[][] {
  const written = new Set<Tensor>([...targets].flat());
  const candidates = [...targets].flatMap(([root, variable]): Candidate[] => {
    if (sizeOf(root.shape) === 0 || !isInlineable(root) || !canUpdateInPlace(root, stored, written)) {
      return [];
    }
    return [{ root, variable, reads: buildSectionsKernel([new Map([[root, root]])], stored).reads }];
  });
  const sections = groupRelated(candidates).flatMap((family) => splitFamily(family, maxBindings));
  const depths = measureDepths(sections.map((section) => ({
    results: section.map(({ root }) => root),
    reads: section.flatMap(({ reads }) => reads),
    writes: section.map(({ variable }) => variable),
  })));
  const groups: { readonly sections: Candidate[][]; readonly depth: number | undefined }[] = [];
  for (const [n, section] of sections.entries()) {
    // Sections of the same depth do not depend on each other.
    const depth = section.every(({ root }) => sizeOf(root.shape) < manyElements) ? depths[n] : undefined;
    const group = depth !== undefined &&
      groups.find((known) =>
        known.depth === depth && countBindings([...known.sections, section].flat()) <= maxBindings
      );
    if (group) group.sections.push(section);
    else groups.push({ sections: [section], depth });
  }
  return groups.map(({ sections }) =>
    sections.map((section) => new Map(section.map(({ root, variable }) => [root, variable])))
  );
}

/** Groups candidates that share an operand of their own size, or of which one reads the other. */
function groupRelated(candidates: readonly Candidate[]): Candidate[][] {
  const own = new Set(candidates.flatMap(({ root, variable }): Tensor[] => [root, variable]));
  let families: { readonly size: number; readonly members: Candidate[]; readonly operands: Set<Tensor> }[] =
    [];
  for (const candidate of candidates) {
    const size = sizeOf(candidate.root.shape);
    const operands = new Set<Tensor>([candidate.root, candidate.variable]);
    for (const read of candidate.reads) {
      // Scalars, such as a learning rate, are shared by all.
      if (sizeOf(read.shape) === size && (size > 1 || own.has(read))) operands.add(read);
    }
    const related = families.filter((family) =>
      family.size === size && !operands.isDisjointFrom(family.operands)
    );
    families = families.filter((family) => !related.includes(family));
    families.push({
      size,
      members: [...related.flatMap(({ members }) => members), candidate],
      operands: new Set([...related.flatMap((family) => [...family.operands]), ...operands]),
    });
  }
  return families.map(({ members }) => members);
}

/**
 * Throws unless each new value fits its variable, and no variable has two.
 * @throws {RangeError} or {TypeError}
 */
export function checkUpdates(updates: readonly (readonly [Variable, Tensor])[]): void {
  const seen = new Set<Variable>();
  for (const [variable, value] of updates) {
    if (!isVariable(variable)) {
      throw new TypeError(
        "Cannot update a tensor: only variables can be updated, but it is the result of an op",
      );
    }
    if (seen.has(variable)) {
      throw new RangeError(
        `Cannot update variable ${variable.name} twice in one run. Combine its new values into one.`,
      );
    }
    seen.add(variable);
    if (!sameShape(variable.shape, value.shape) || variable.dtype !== value.dtype) {
      throw new RangeError(
        `Cannot update variable ${variable.name}: shape and type must not change, but it is ${variable.dtype} ${
          formatShape(variable.shape)
        } and the new value is ${value.dtype} ${formatShape(value.shape)}`,
      );
    }
  }
}

/** Returns the number of buffers of a kernel; a variable that is read and written counts once. */
function countBindings(candidates: readonly Candidate[]): number {
  const reads = new Set(candidates.flatMap((candidate) => candidate.reads));
  for (const { root, variable } of candidates) {
    reads.delete(root);
    reads.delete(variable);
  }
  return reads.size + candidates.length;
}

/** Splits a family into parts that a kernel can bind. */
function splitFamily(family: readonly Candidate[], maxBindings: number): Candidate[][] {
  const parts: Candidate[][] = [];
  for (const candidate of family) {
    const last = parts.at(-1);
    if (last && countBindings([...last, candidate]) <= maxBindings) last.push(candidate);
    else parts.push([candidate]);
  }
  return parts;
}
