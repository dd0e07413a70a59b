/**
 * Choice of the nodes to store. All other nodes are computed inside the kernels of the stored nodes that use
 * them.
 * @module
 */
import { sizeOf, type Tensor } from "../tensor.ts";

/** Most ops of an expression that several users compute again; longer expressions are stored. */
export const longestRepeat = 24;
/** Fewest ops of an expression that is stored when many elements of one user share it. */
const shortestShared = 12;
/** Largest ratio of an input's elements to the result's at which reading the input costs next to nothing. */
export const smallShare = 1 / 8;

/** Returns whether a node can be computed inside the kernel that uses it. */
export function isInlineable(node: Tensor): boolean {
  return node.op.kind === "pointwise" || node.op.kind === "view";
}

/** Returns the tensor whose memory a reshaped node shares, or the node itself. */
export function aliasOf(node: Tensor): Tensor {
  while (node.op.kind === "view" && node.op.keepsOrder) node = node.inputs[0]!;
  return node;
}

/** Returns whether a node reads its operands as a whole, from memory: a kernel, a copy into a texture, or an exchange. */
export function readsWhole({ op: { kind } }: Tensor): boolean {
  return kind === "kernel" || kind === "texels" || kind === "exchange";
}

/** Returns the operands that nodes read as a whole. */
export function wholeOperands(nodes: readonly Tensor[]): Tensor[] {
  return nodes.flatMap((node) => readsWhole(node) ? node.inputs.map(aliasOf) : []);
}

/** Returns the nodes that `roots` depend on, and `roots`, each after its inputs. */
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

/** Cost of computing an inlined node. */
interface Cost {
  /** Stored tensors that the node reads. */
  readonly reads: ReadonlySet<Tensor>;
  /** Number of pointwise ops. */
  readonly ops: number;
}

/**
 * Chooses the nodes to store, so that `roots` are stored and no kernel reads more than `maxReads` stored
 * nodes or leaves. Leaves are not included.
 */
export function chooseStored(roots: readonly Tensor[], maxReads: number): Set<Tensor> {
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
  const combineCosts = (node: Tensor): Cost => ({
    reads: new Set(node.inputs.flatMap((input) => [...costOf(input).reads])),
    ops: node.inputs.reduce((ops, input) => ops + costOf(input).ops, node.op.kind === "pointwise" ? 1 : 0),
  });
  for (const node of order) {
    if (node.op.kind === "leaf" || readsWhole(node)) continue;
    let cost = combineCosts(node);
    while (cost.reads.size > maxReads) {
      const widest = node.inputs.filter((input) => costOf(input).reads.size > 1)
        .reduce((a, b) => costOf(a).reads.size >= costOf(b).reads.size ? a : b);
      store(widest);
      cost = combineCosts(node);
    }
    for (const input of node.inputs) {
      // An element shared by four or more elements of the result is computed once and stored.
      if (sizeOf(node.shape) >= 4 * sizeOf(input.shape) && costOf(input).ops >= shortestShared) {
        store(input);
        cost = combineCosts(node);
      }
    }
    costs.set(node, cost);
    if ((users.get(node) ?? 0) > 1 && aliasOf(node) === node && !isCheap(node, cost)) store(node);
  }
  return stored;
}

/** Returns whether computing a node again for each user costs no more than storing and reading it. */
function isCheap(node: Tensor, { reads, ops }: Cost): boolean {
  if (node.inputs.length === 0) return true;
  const large = [...reads].filter((read) => sizeOf(read.shape) > smallShare * sizeOf(node.shape));
  return large.length <= 1 && ops <= longestRepeat;
}
