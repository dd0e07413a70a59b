/**
 * Plan of commands for stored nodes, in order: kernels, copies into textures, and updates of variables in
 * place.
 * @module
 */
import { isExchange } from "../ops/across.ts";
import { isVariable, type Variable } from "../ops/leaf.ts";
import type { BindingKind } from "../pipelines.ts";
import { formatShape, sizeOf, type Tensor } from "../tensor.ts";
import { linearWorkgroups, oneChunk } from "../workgroups.ts";
import { buildFusedKernel, buildSectionsKernel, manyElements, type Roots } from "./codegen.ts";
import { aliasOf, isInlineable, topologicalOrder } from "./fuse.ts";
import { isHalf, storedBytes } from "./half.ts";
import { convertBindings } from "./half_bindings.ts";
import type { StoredGraph } from "./layout.ts";
import { dropRecomputable } from "./recompute.ts";
import { bindSizes, type SizedKernel } from "./sizes.ts";
import { sortByRounds, sortUnits, type Unit } from "./command_order.ts";
import { groupUpdates } from "./updates.ts";

/** Command before memory is assigned: a kernel, an exchange or, without both, a copy into a texture. */
export interface PlannedCommand extends Unit {
  /** Name for timelines: ops and shape. */
  readonly label: string;
  /** Shader; bindings are `reads`, then `writes`. */
  readonly kernel?: SizedKernel;
  /** Place of an exchange among those of its round. */
  readonly exchange?: number;
}

/** Memory traffic of a command, if it reads each operand and writes each result once. */
export interface Traffic {
  /**
   * Kind of the command: a shader of an op, a fused kernel, a copy into a texture, an update of variables, or an
   * exchange with other processes.
   */
  readonly kind: "kernel" | "fused" | "copy" | "update" | "exchange";
  /** Bytes of the operands. */
  readonly readBytes: number;
  /** Bytes of the results. */
  readonly writtenBytes: number;
}

/** Commands in order, and the updates written in place. */
export interface CommandPlan {
  /** Commands in order of execution. */
  readonly commands: readonly PlannedCommand[];
  /** Nodes that are written to the buffer of a variable. */
  readonly inPlace: ReadonlyMap<Tensor, Variable>;
}

/** Returns whether a node is a texture. */
export function isTexels(node: Tensor): boolean {
  return node.op.kind === "texels";
}

/** Most bindings of a kernel. */
export interface BindingLimits {
  /** Most storage buffers. */
  readonly mostBuffers: number;
  /** Most uniform buffers; 0 if they are no faster. */
  readonly mostUniforms: number;
  /** True if kernels of different sizes share a shader, which then reads sizes from a uniform buffer. */
  readonly sharesShaders: boolean;
}

/**
 * Returns the graph without the stored nodes that cost nothing to recompute.
 * @param targets The variable that each new value may be written to.
 * @param maxBindings Most storage buffers that a kernel can bind.
 */
export function recomputeCheap(
  { roots, stored }: StoredGraph,
  targets: ReadonlyMap<Tensor, Variable>,
  maxBindings: number,
): StoredGraph {
  const groups = groupUpdates(targets, stored, maxBindings).map((sections) =>
    sections.flatMap((section) => [...section.keys()])
  );
  return { roots, stored: dropRecomputable(roots, stored, groups, maxBindings) };
}

/**
 * Plans the commands that compute the stored nodes of a graph.
 * @param targets The variable that each new value may be written to.
 */
export function planCommands(
  { roots, stored }: StoredGraph,
  targets: ReadonlyMap<Tensor, Variable>,
  limits: BindingLimits,
): CommandPlan {
  const { mostBuffers, mostUniforms } = limits;
  // Empty tensors are not computed, but empty textures must exist to be bound.
  const nodes = topologicalOrder(roots).filter((node) =>
    stored.has(node) && (sizeOf(node.shape) > 0 || isTexels(node))
  );
  let updates = groupUpdates(targets, stored, mostBuffers).map((sections): PlannedCommand => {
    const { reads, writes, ...kernel } = buildSectionsKernel(sections, stored, mostUniforms);
    const results = sections.flatMap((section) => [...section.keys()]);
    const label = `update ${results.map(({ shape }) => formatShape(shape)).join(" ")}`;
    return { label, results, reads, writes, kernel: { ...kernel, constants: {} } };
  });
  for (;;) {
    const inPlace = new Map(
      updates.flatMap(({ results, writes }) => results.map((node, i) => [node, writes[i] as Variable])),
    );
    const others = groupSiblings(nodes.filter((node) => !inPlace.has(node)), stored, mostBuffers)
      .map((group) => planCommand(group, stored, limits));
    const plan = sortUnits([...others, ...updates]);
    if ("order" in plan) return { commands: batchExchanges(batchCopies(plan.order)), inPlace };
    updates = updates.filter((update) => update !== plan.overwriter);
  }
}

/** Delays copies into textures until needed, so that several follow each other: each batch ends a pass. */
function batchCopies(commands: readonly PlannedCommand[]): PlannedCommand[] {
  const order: PlannedCommand[] = [];
  const delayed: PlannedCommand[] = [];
  for (const command of commands) {
    if (!command.kernel && command.exchange === undefined) {
      delayed.push(command);
      continue;
    }
    const dependsOn = (copy: PlannedCommand) =>
      copy.results.some((texture) => command.reads.includes(texture)) ||
      copy.reads.some((source) => command.writes.includes(source));
    if (delayed.some(dependsOn)) order.push(...delayed.splice(0));
    order.push(command);
  }
  return [...order, ...delayed];
}

/** Delays exchanges, so that all of a round follow each other and share one transfer. */
function batchExchanges(commands: readonly PlannedCommand[]): readonly PlannedCommand[] {
  const hasExchanges = commands.some(({ exchange }) => exchange !== undefined);
  return hasExchanges ? sortByRounds(commands, ({ exchange }) => exchange) : commands;
}

/**
 * Groups nodes into kernels. Small nodes share a kernel if they have the same shape, are equally far from the
 * leaves (so that none needs another) and one of them reads all that the others read: a dispatch costs more
 * than such nodes.
 */
function groupSiblings(nodes: readonly Tensor[], stored: ReadonlySet<Tensor>, maxBindings: number): Roots[] {
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
    const reads = new Set(buildFusedKernel([node], stored).reads);
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

function planCommand(
  nodes: Roots,
  stored: ReadonlySet<Tensor>,
  { mostUniforms, sharesShaders }: BindingLimits,
): PlannedCommand {
  const [node] = nodes;
  const names = nodes.map(({ op }) => op.name).join(" ");
  const common = { label: `${names} ${formatShape(node.shape)}`, results: nodes };
  if (isTexels(node)) return { ...common, reads: node.inputs.map(aliasOf), writes: [node] };
  if (isExchange(node)) {
    return { ...common, reads: node.inputs.map(aliasOf), writes: [node], exchange: node.attributes.order };
  }
  if (node.op.kind !== "kernel") {
    const { reads, writes, ...kernel } = buildFusedKernel(nodes, stored, mostUniforms);
    return { ...common, reads, writes, kernel: { ...kernel, constants: {} } };
  }
  const chunks = oneChunk(node.op.extent?.(node) ?? { rows: 0, length: 0 });
  const reads = node.inputs.map(aliasOf);
  const kinds: BindingKind[] = [
    ...reads.map((read) => isTexels(read) ? "texels" as const : "read" as const),
    "write",
  ];
  const workgroups = linearWorkgroups(sizeOf(node.shape)),
    { wgsl, ...dispatch } = node.op.kernel(node, chunks);
  const converted = { workgroups, ...dispatch, wgsl: convertBindings(wgsl, [...reads, node].map(isHalf)) };
  const kernel = bindSizes(converted, kinds, sharesShaders);
  return { ...common, reads, writes: [node], kernel };
}

/**
 * Returns the variable that each new value may be written to. Variables whose old value is an output are left
 * out, and each new value goes to one variable only.
 * @param outputs Values read by the host.
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

/** Returns the memory traffic of a command. */
export function trafficOf({ kernel, exchange, reads, writes, results }: PlannedCommand): Traffic {
  const bytesOf = (tensors: readonly Tensor[]) =>
    tensors.reduce((bytes, node) => bytes + storedBytes(node), 0);
  const kind = exchange !== undefined
    ? "exchange"
    : !kernel
    ? "copy"
    : writes.some(isVariable)
    ? "update"
    : results[0]?.op.kind === "kernel"
    ? "kernel"
    : "fused";
  // An update in place reads the old values through the binding that it writes.
  const readBytes = bytesOf(reads) + (kind === "update" ? bytesOf(writes) : 0);
  return { kind, readBytes, writtenBytes: bytesOf(writes) };
}
