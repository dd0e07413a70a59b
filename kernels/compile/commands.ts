/**
 * From stored nodes to commands in order: kernels, copies into textures, and updates of variables in place.
 * @module
 */
import { isVariable, type Variable } from "../ops/leaf.ts";
import type { BindingKind } from "../pipelines.ts";
import { formatShape, sizeOf, type Tensor } from "../tensor.ts";
import { linearWorkgroups, oneChunk } from "../workgroups.ts";
import type { FusedKernel } from "./bindings.ts";
import { fusedKernel, manyElements, type Roots, sectionsKernel } from "./codegen.ts";
import { aliasOf, isInlineable, topologicalOrder } from "./fuse.ts";
import type { StoredGraph } from "./layout.ts";
import { withoutNeedless } from "./recompute.ts";
import { ordered, type Unit } from "./command_order.ts";
import { updateGroups } from "./updates.ts";

/** A command before it has memory: a kernel or, without one, a copy of what it reads into a texture. */
export interface PlannedCommand extends Unit {
  /** What it computes, for timelines. */
  readonly label: string;
  /** The shader; its bindings are what is read, then what is written. */
  readonly kernel?: Pick<FusedKernel, "wgsl" | "workgroups"> & {
    readonly constants: Readonly<Record<string, number>>;
  };
}

/** Commands in order. */
export interface CommandPlan {
  /** What to do. */
  readonly commands: readonly PlannedCommand[];
  /** Nodes that are written where a variable is. */
  readonly inPlace: ReadonlyMap<Tensor, Variable>;
}

/** Whether a node is a texture. */
export function isTexels(node: Tensor): boolean {
  return node.op.kind === "texels";
}

/** What a command binds. */
export function bindingsOf({ reads, writes }: PlannedCommand): BindingKind[] {
  return [...reads.map((read) => isTexels(read) ? "texels" : "read"), ...writes.map(() => "write" as const)];
}

/**
 * Plans the commands that compute the stored nodes of a graph.
 * @param targets The variable that each new value may be written to.
 * @param maxBindings Storage buffers that a kernel may have.
 */
export function planCommands(
  graph: StoredGraph,
  targets: ReadonlyMap<Tensor, Variable>,
  maxBindings: number,
): CommandPlan {
  const { roots } = graph;
  const together = updateGroups(targets, graph.stored, maxBindings).map((sections) =>
    sections.flatMap((section) => [...section.keys()])
  );
  const stored = withoutNeedless(roots, graph.stored, together, maxBindings);
  // Nothing computes an empty tensor; an empty texture still has to be there to be bound.
  const nodes = topologicalOrder(roots).filter((node) =>
    stored.has(node) && (sizeOf(node.shape) > 0 || isTexels(node))
  );
  let updates = updateGroups(targets, stored, maxBindings).map((sections): PlannedCommand => {
    const { reads, writes, ...kernel } = sectionsKernel(sections, stored);
    const results = sections.flatMap((section) => [...section.keys()]);
    const label = `update ${results.map(({ shape }) => formatShape(shape)).join(" ")}`;
    return { label, results, reads, writes, kernel: { ...kernel, constants: {} } };
  });
  for (;;) {
    const inPlace = new Map(
      updates.flatMap(({ results, writes }) => results.map((node, i) => [node, writes[i] as Variable])),
    );
    const others = siblings(nodes.filter((node) => !inPlace.has(node)), stored, maxBindings)
      .map((group) => plannedCommand(group, stored));
    const plan = ordered([...others, ...updates]);
    if ("order" in plan) return { commands: withCopiesTogether(plan.order), inPlace };
    updates = updates.filter((update) => update !== plan.impossible);
  }
}

/** Copies into textures no sooner than needed, so that several come after each other: every row of them ends a pass. */
function withCopiesTogether(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const order: PlannedCommand[] = [];
  const waiting: PlannedCommand[] = [];
  for (const command of commands) {
    if (!command.kernel) {
      waiting.push(command);
      continue;
    }
    const comesAfter = (copy: PlannedCommand) =>
      copy.results.some((texture) => command.reads.includes(texture)) ||
      copy.reads.some((source) => command.writes.includes(source));
    if (waiting.some(comesAfter)) order.push(...waiting.splice(0));
    order.push(command);
  }
  return [...order, ...waiting];
}

/**
 * Nodes, those together that one kernel computes: small ones of one shape and equally far from the leaves, so that none needs
 * another, where one reads all that the others do. A dispatch costs more than they.
 */
function siblings(nodes: readonly Tensor[], stored: ReadonlySet<Tensor>, maxBindings: number): Roots[] {
  const depths = new Map<Tensor, number>();
  for (const node of topologicalOrder(nodes)) {
    const below = Math.max(0, ...node.inputs.map((input) => depths.get(input) ?? 0));
    depths.set(node, below + (stored.has(node) ? 1 : 0));
  }
  const groups: { readonly members: [Tensor, ...Tensor[]]; readonly kind?: string; reads: Set<Tensor> }[] =
    [];
  for (const node of nodes) {
    if (!isInlineable(node) || sizeOf(node.shape) >= manyElements) {
      groups.push({ members: [node], reads: new Set() });
      continue;
    }
    const reads = new Set(fusedKernel([node], stored).reads);
    const kind = `${depths.get(node)} ${formatShape(node.shape)}`;
    const family = groups.find((known) => {
      const all = known.reads.union(reads);
      return known.kind === kind && all.size === Math.max(known.reads.size, reads.size) &&
        all.size + known.members.length + 1 <= maxBindings;
    });
    if (!family) groups.push({ members: [node], kind, reads });
    else {
      family.members.push(node);
      family.reads = family.reads.union(reads);
    }
  }
  return groups.map(({ members }) => members);
}

function plannedCommand(nodes: Roots, stored: ReadonlySet<Tensor>): PlannedCommand {
  const [node] = nodes;
  const names = nodes.map(({ op }) => op.name).join(" ");
  const own = { label: `${names} ${formatShape(node.shape)}`, results: nodes };
  if (isTexels(node)) return { ...own, reads: node.inputs.map(aliasOf), writes: [node] };
  if (node.op.kind !== "kernel") {
    const { reads, writes, ...kernel } = fusedKernel(nodes, stored);
    return { ...own, reads, writes, kernel: { ...kernel, constants: {} } };
  }
  const chunks = oneChunk(node.op.extent?.(node) ?? { rows: 0, length: 0 });
  const kernel = { workgroups: linearWorkgroups(sizeOf(node.shape)), ...node.op.kernel(node, chunks) };
  return { ...own, reads: node.inputs.map(aliasOf), writes: [node], kernel };
}

/**
 * The variables that new values can be written to: not those which the host still wants the old value of, and no new value twice.
 * @param outputs What the host wants.
 * @param updates Variables and their new values.
 */
export function targetsOf(
  outputs: readonly Tensor[],
  updates: readonly (readonly [Variable, Tensor])[],
): Map<Tensor, Variable> {
  const kept = new Set(outputs.map(aliasOf).filter(isVariable) as Tensor[]);
  const targets = new Map<Tensor, Variable>();
  for (const [variable, value] of updates) {
    const node = aliasOf(value);
    if (!kept.has(variable) && !targets.has(node)) targets.set(node, variable);
  }
  return targets;
}
