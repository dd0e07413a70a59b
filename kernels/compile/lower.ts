/**
 * Lowering: composites become their graphs, kernels that have a faster variant for the shape
 * at hand become it, long sums are split, and equal nodes become one.
 * @module
 */
import { isVariable } from "../ops/leaf.ts";
import { reshape } from "../ops/views/movement.ts";
import type { DeviceTraits, KernelOp, OpNode, ReduceOp, Variant } from "../op.ts";
import {
  apply,
  type Attributes,
  formatShape,
  type Shape,
  sizeOf,
  type Tensor,
  withInputs,
} from "../tensor.ts";
import { type Chunks, chunksOf } from "../workgroups.ts";
import { type ReduceAttributes, sum } from "../ops/views/expansion.ts";
import { blocked, isUnblocked } from "../ops/texels.ts";
import { isInlineable } from "./fuse.ts";

/** Which way of computing a kernel op to take: "auto", the op's own shader ("direct"), or a variant by name where it applies. */
export type VariantChoice = "auto" | "direct" | (string & Record<never, never>);

/** A node that can be computed in several ways. */
export interface Choice {
  /** The node. */
  readonly node: Tensor;
  /** Names of the ways: "direct" and variants. */
  readonly ways: readonly string[];
}

/** What lowering needs to know of the device. */
export interface LowerOptions {
  /** Invocations that keep the device busy; reductions with fewer results are split to reach it. */
  readonly busyInvocations: number;
  /** What the choice of variants depends on. */
  readonly device: DeviceTraits;
  /** Which variants to take. */
  readonly variant: VariantChoice;
  /** What was found to be fastest for nodes of a {@linkcode signatureOf}, where "auto" is asked for. */
  readonly measured: ReadonlyMap<string, string>;
  /** Loop iterations that one invocation may take. */
  readonly longestLoop: number;
}

/** Splitting a shorter reduction costs more than it brings … */
const shortestSplit = 512;
/** … and so do shorter parts. */
const shortestChunk = 64;

/** Partial results of a reduction: `[chunks, …result]`. */
export type PartialAttributes = ReduceAttributes & { readonly chunks: number };

/** The op of partial results of a reduction. */
function partialOp(op: ReduceOp<ReduceAttributes>): ReduceOp<PartialAttributes> {
  return {
    kind: "reduce",
    name: `${op.name}_partial`,
    identity: op.identity,
    combine: op.combine,
    infer(inputs, { chunks, ...attributes }) {
      const { shape, dtype } = op.infer(inputs, attributes);
      return { shape: [chunks, ...shape], dtype };
    },
  };
}

/** The op of partial sums of a kernel. */
function partialKernel(op: KernelOp): KernelOp<Attributes & Chunks> {
  return {
    kind: "kernel",
    name: `${op.name}_partial`,
    infer(inputs, attributes) {
      const { shape, dtype } = op.infer(inputs, attributes);
      return { shape: [attributes.CHUNKS, ...shape], dtype };
    },
    kernel(node) {
      const { CHUNKS, ROWS, LENGTH } = node.attributes;
      return op.kernel(node, { CHUNKS, ROWS, LENGTH });
    },
  };
}

/** Whether the last axis of what is reduced is one of four lanes, which stay: an invocation then takes all four. */
export function keepsLanes(shape: Shape, over: readonly number[]): boolean {
  return shape.at(-1) === 4 && !over.includes(shape.length - 1);
}

/** Number of elements that go into one result of a reduction. */
export function reducedSize(shape: Shape, axes: readonly number[]): number {
  return sizeOf(shape.filter((_, axis) => axes.includes(axis)));
}

/** What nodes that take equally long have in common: op, attributes and shapes of the operands. */
export function signatureOf({ op, attributes, inputs }: Tensor): string {
  return `${op.name} ${JSON.stringify(attributes)} ${
    inputs.map(({ shape }) => formatShape(shape)).join(" ")
  }`;
}

/** Whether a device has what a variant cannot do without; on the wrong kind of device a variant is only slow. */
export function canCompute(device: DeviceTraits, { needs = [] }: Variant): boolean {
  return (device.readsTexels || !needs.includes("texels")) &&
    (device.hasSubgroups || !needs.includes("subgroups"));
}

/** Lowers graphs; equal nodes within one lowering are shared. */
export class Lowering {
  /** Choices that were made by rule as nothing was measured, by signature. */
  readonly unmeasured = new Map<string, Choice>();
  readonly #options: LowerOptions;
  readonly #lowered = new Map<Tensor, Tensor>();
  readonly #equal = new Map<string, Tensor>();
  readonly #readsBlocks = new Map<Tensor, boolean>();

  /** @param options What lowering needs to know of the device. */
  constructor(options: LowerOptions) {
    this.#options = options;
  }

  /** The lowered form of a tensor. */
  lower(root: Tensor): Tensor {
    // An explicit stack: graphs of deep networks are deeper than the call stack.
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      const missing = this.#lowered.has(node) ? [] : node.inputs.filter((input) => !this.#lowered.has(input));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      stack.pop();
      if (!this.#lowered.has(node)) this.#lowered.set(node, this.#lowerOne(node));
    }
    return this.#lowered.get(root)!;
  }

  #lowerOne(node: Tensor): Tensor {
    if (node.op.kind === "leaf") {
      return isVariable(node) ? node : this.#share(node, JSON.stringify(node.attributes));
    }
    const inputs = node.inputs.map((input) => this.#lowered.get(input)!);
    const same = inputs.every((input, i) => input === node.inputs[i]) ? node : withInputs(node, inputs);
    const key = `${JSON.stringify(node.attributes)} ${inputs.map(({ id }) => id).join()}`;
    const shared = this.#share(same, key);
    if (shared !== same) return this.#lowered.get(shared)!;
    const replacement = this.#replacement(same);
    const lowered = replacement ? this.lower(replacement) : same;
    // With lowered inputs it may be no node of the graph, and yet an equal one is to find it.
    this.#lowered.set(same, lowered);
    return lowered;
  }

  #share(node: Tensor, key: string): Tensor {
    const full = `${node.op.name} ${key}`;
    const known = this.#equal.get(full);
    if (!known) this.#equal.set(full, node);
    return known ?? node;
  }

  #replacement(node: Tensor): Tensor | undefined {
    switch (node.op.kind) {
      case "composite":
        return node.op.expand(node);
      case "reduce": {
        const reduction = node as OpNode<ReduceAttributes>, op = node.op as ReduceOp<ReduceAttributes>;
        return this.#blockedReduction(reduction, op) ?? this.#splitReduction(reduction, op);
      }
      case "kernel":
        return this.#variantOf(node, node.op) ?? this.#splitKernel(node, node.op);
      default:
        return undefined;
    }
  }

  #variantOf(node: Tensor, op: KernelOp): Tensor | undefined {
    const { variant: asked, measured, device } = this.#options;
    const possible = (op.variants ?? []).filter((variant) =>
      canCompute(device, variant) && variant.supports(node)
    );
    const known = asked === "auto" ? measured.get(signatureOf(node)) : asked;
    if (known) return possible.find(({ name }) => name === known)?.lower(node);
    const elsewhere = device.isCpu ? "gpu" : "processor";
    const fitting = possible.filter((variant) => !variant.needs?.includes(elsewhere));
    // Of kernels that add nothing up, it matters more what they are fused with.
    if (fitting.length > 0 && op.extent) {
      this.unmeasured.set(signatureOf(node), { node, ways: ["direct", ...fitting.map(({ name }) => name)] });
    }
    return fitting.find((variant) => variant.wins(node, device))?.lower(node);
  }

  #splitKernel(node: Tensor, op: KernelOp): Tensor | undefined {
    if (!op.extent || sizeOf(node.shape) === 0) return undefined;
    const chunks = chunksOf(op.extent(node), this.#options.longestLoop);
    if (chunks.CHUNKS === 1) return undefined;
    return sum(apply(partialKernel(op), node.inputs, { ...node.attributes, ...chunks }), [0]);
  }

  /** Whether an expression reads channels in blocks, all of them whole. */
  readsBlocks(node: Tensor): boolean {
    let reads = this.#readsBlocks.get(node);
    if (reads === undefined) {
      reads = node.shape.length === 4 && node.shape[1]! % 4 === 0 &&
        (isUnblocked(node) || isInlineable(node) && node.inputs.some((input) => this.readsBlocks(input)));
      this.#readsBlocks.set(node, reads);
    }
    return reads;
  }

  /** Adds up channels in blocks where they come so. */
  #blockedReduction(
    { inputs, attributes, shape }: OpNode<ReduceAttributes>,
    op: ReduceOp<ReduceAttributes>,
  ): Tensor | undefined {
    if (attributes.axes.includes(1) || !inputs.some((input) => this.readsBlocks(input))) return undefined;
    const reduced = apply(op, inputs.map((input) => blocked(input)), attributes);
    return reshape(reduced, shape);
  }

  #splitReduction(node: OpNode<ReduceAttributes>, op: ReduceOp<ReduceAttributes>): Tensor | undefined {
    if ("chunks" in node.attributes) return undefined;
    const { shape } = node.inputs[0]!, { axes } = node.attributes;
    const length = reducedSize(shape, axes);
    const results = sizeOf(node.shape) / node.inputs.length / (keepsLanes(shape, axes) ? 4 : 1);
    const wanted = length < shortestSplit ? 1 : Math.min(
      Math.ceil(this.#options.busyInvocations / results),
      Math.floor(length / shortestChunk),
    );
    // A chunk of whole rows may come to twice as many elements, and the loop over rows counts too.
    const chunks = Math.max(wanted, Math.ceil(3 * length / this.#options.longestLoop));
    if (chunks <= 1 || results === 0) return undefined;
    const partial = apply(partialOp(op), node.inputs, { ...node.attributes, chunks });
    return reshape(apply(op, [partial], { axes: [0] }), node.shape);
  }
}
