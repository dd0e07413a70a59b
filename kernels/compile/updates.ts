/**
 * New values of variables are computed together where they have operands in common, as a parameter's moments, its own
 * new value and its teacher's have, and written where the old ones are.
 * @module
 */
import type { Variable } from "../ops/leaf.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { isFlat, manyElements, type Section, sectionsKernel } from "./codegen.ts";
import { depthsOf } from "./command_order.ts";
import { isInlineable } from "./fuse.ts";

/** A new value, and what computing it by itself reads. */
interface Candidate {
  readonly root: Tensor;
  readonly variable: Variable;
  readonly reads: readonly Tensor[];
}

/**
 * Groups new values of variables into kernels of their own.
 * @param targets The variable that each new value goes to.
 * @param stored Nodes that are stored, the new values among them.
 * @param maxBindings Buffers that a kernel may have.
 * @returns For each kernel its sections.
 */
export function updateGroups(
  targets: ReadonlyMap<Tensor, Variable>,
  stored: ReadonlySet<Tensor>,
  maxBindings: number,
): Section[][] {
  const written = new Set<Tensor>([...targets].flat());
  const candidates = [...targets].flatMap(([root, variable]): Candidate[] => {
    if (sizeOf(root.shape) === 0 || !isInlineable(root) || !isFlat(root, stored, written)) return [];
    return [{ root, variable, reads: sectionsKernel([new Map([[root, root]])], stored).reads }];
  });
  const sections = relatives(candidates).flatMap((family) => split(family, maxBindings));
  const depths = depthsOf(sections.map((section) => ({
    results: section.map(({ root }) => root),
    reads: section.flatMap(({ reads }) => reads),
    writes: section.map(({ variable }) => variable),
  })));
  const groups: { readonly sections: Candidate[][]; readonly depth: number | undefined }[] = [];
  for (const [n, section] of sections.entries()) {
    // Of the same depth none needs another.
    const depth = section.every(({ root }) => sizeOf(root.shape) < manyElements) ? depths[n] : undefined;
    const group = depth !== undefined &&
      groups.find((known) =>
        known.depth === depth && bindingsOf([...known.sections, section].flat()) <= maxBindings
      );
    if (group) group.sections.push(section);
    else groups.push({ sections: [section], depth });
  }
  return groups.map(({ sections }) =>
    sections.map((section) => new Map(section.map(({ root, variable }) => [root, variable])))
  );
}

/** Puts candidates together that have an operand of their own size in common, or are each other's. */
function relatives(candidates: readonly Candidate[]): Candidate[][] {
  const own = new Set(candidates.flatMap(({ root, variable }): Tensor[] => [root, variable]));
  let families: { readonly size: number; readonly members: Candidate[]; readonly operands: Set<Tensor> }[] =
    [];
  for (const candidate of candidates) {
    const size = sizeOf(candidate.root.shape);
    const operands = new Set<Tensor>([candidate.root, candidate.variable]);
    for (const read of candidate.reads) {
      // Single numbers, such as a learning rate, are in everybody's hands.
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

/** Buffers of a kernel that computes some of the candidates: a variable that is read and written is one. */
function bindingsOf(candidates: readonly Candidate[]): number {
  const reads = new Set(candidates.flatMap((candidate) => candidate.reads));
  for (const { root, variable } of candidates) {
    reads.delete(root);
    reads.delete(variable);
  }
  return reads.size + candidates.length;
}

/** A family in parts that have no more buffers than a kernel may. */
function split(family: readonly Candidate[], maxBindings: number): Candidate[][] {
  const parts: Candidate[][] = [];
  for (const candidate of family) {
    const last = parts.at(-1);
    if (last && bindingsOf([...last, candidate]) <= maxBindings) last.push(candidate);
    else parts.push([candidate]);
  }
  return parts;
}
