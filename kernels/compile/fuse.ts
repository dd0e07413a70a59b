/**
 * Decides which nodes are stored. All others are computed where they are used,
 * inside the kernel of the stored node that needs them.
 * @module
 */
import { sizeOf, type Tensor } from "../tensor.ts";

/** An expression with more ops than this is stored rather than computed again by a second user. */
export const longestRepeat = 24;
/** A shorter one is computed again even for many elements that share it. */
const shortestShared = 12;
/** An input with at most this share of the result's elements costs next to nothing to read. */
export const smallShare = 1 / 8;

/** Whether a node can be computed inside the kernel that uses it. */
export function isInlineable(node: Tensor): boolean {
  return node.op.kind === "pointwise" || node.op.kind === "view";
}

/** The stored tensor of which a reshape is only another description, or the node itself. */
export function aliasOf(node: Tensor): Tensor {
  while (node.op.kind === "view" && node.op.keepsOrder) node = node.inputs[0]!;
  return node;
}

/** What kernels, and copies into textures, read as a whole, as it is stored. */
export function wholeOperands(nodes: readonly Tensor[]): Tensor[] {
  return nodes.flatMap(({ op, inputs }) =>
    op.kind === "kernel" || op.kind === "texels" ? inputs.map(aliasOf) : []
  );
}

/** The nodes that `roots` need, inputs before users. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const order: Tensor[] = [];
  for (const root of roots) {
    const stack: [node: Tensor, next: number][] = [[root, 0]];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const [node, next] = top;
      if (seen.has(node) || next === node.inputs.length) {
        stack.pop();
        if (!seen.has(node)) order.push(node);
        seen.add(node);
      } else {
        top[1]++;
        stack.push([node.inputs[next]!, 0]);
      }
    }
  }
  return order;
}

/** What an inlined node costs whoever computes it. */
interface Cost {
  /** Stored tensors it reads. */
  readonly reads: ReadonlySet<Tensor>;
  /** Ops it takes. */
  readonly ops: number;
}

/**
 * The nodes to store so that `roots` exist as buffers and no kernel reads more than `maxReads` of them.
 * Leaves are not among them.
 */
export function storedNodes(roots: readonly Tensor[], maxReads: number): Set<Tensor> {
  const order = topologicalOrder(roots);
  const stored = new Set<Tensor>();
  const store = (node: Tensor) => {
    // A reshape has no memory of its own: the tensor that it describes is stored.
    const whole = aliasOf(node);
    if (whole.op.kind !== "leaf") stored.add(whole);
  };
  [...roots.map(aliasOf), ...wholeOperands(order)].forEach(store);
  const users = new Map<Tensor, number>();
  for (const node of order) {
    if (!isInlineable(node)) store(node);
    for (const input of new Set(node.inputs)) users.set(input, (users.get(input) ?? 0) + 1);
  }

  const costs = new Map<Tensor, Cost>();
  const costOf = (node: Tensor): Cost => {
    const whole = aliasOf(node);
    const isRead = whole.op.kind === "leaf" || stored.has(whole);
    return isRead ? { reads: new Set([whole]), ops: 0 } : costs.get(node)!;
  };
  const combined = (node: Tensor): Cost => ({
    reads: new Set(node.inputs.flatMap((input) => [...costOf(input).reads])),
    ops: node.inputs.reduce((ops, input) => ops + costOf(input).ops, node.op.kind === "pointwise" ? 1 : 0),
  });
  for (const node of order) {
    if (["leaf", "kernel", "texels"].includes(node.op.kind)) continue;
    let cost = combined(node);
    while (cost.reads.size > maxReads) {
      const widest = node.inputs.filter((input) => costOf(input).reads.size > 1)
        .reduce((a, b) => costOf(a).reads.size >= costOf(b).reads.size ? a : b);
      store(widest);
      cost = combined(node);
    }
    for (const input of node.inputs) {
      // Four or more elements of the result share one of the input: rather than four times, it is computed once.
      if (sizeOf(node.shape) >= 4 * sizeOf(input.shape) && costOf(input).ops >= shortestShared) {
        store(input);
        cost = combined(node);
      }
    }
    costs.set(node, cost);
    if ((users.get(node) ?? 0) > 1 && aliasOf(node) === node && !isCheap(node, cost)) store(node);
  }
  return stored;
}

/** Whether computing a node anew for each user costs no more than storing it and reading it back. */
function isCheap(node: Tensor, { reads, ops }: Cost): boolean {
  if (node.inputs.length === 0) return true;
  const large = [...reads].filter((read) => sizeOf(read.shape) > smallShare * sizeOf(node.shape));
  return large.length <= 1 && ops <= longestRepeat;
}
