/**
 * Lowering: replaces composites by their graphs and kernels by faster variants, splits long sums, and merges
 * equal nodes.
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
import { blockChannels, isUnblocked } from "../ops/texels.ts";
import { isInlineable } from "./fuse.ts";
import type { Precision } from "./half.ts";

/** Variant of kernel ops: "auto", the op's own shader ("direct"), or a name, used wherever it applies. */
export type VariantChoice = "auto" | "direct" | (string & Record<never, never>);

/** Node that can be computed in several ways. */
export interface Choice {
  /** Node to compute. */
  readonly node: Tensor;
  /** Names of the ways: "direct" and those of variants. */
  readonly ways: readonly string[];
}

/** Options of {@linkcode Lowering}. */
export interface LowerOptions {
  /** Invocations that keep the device busy; reductions with fewer results are split. */
  readonly busyInvocations: number;
  /** Traits of the device, for the choice of variants. */
  readonly device: DeviceTraits;
  /** Variant to use. */
  readonly variant: VariantChoice;
  /** Measured fastest variants by {@linkcode signatureOf}, used with "auto". */
  readonly measured: ReadonlyMap<string, string>;
  /** Most loop iterations per invocation. */
  readonly longestLoop: number;
  /** Element type of stored images. */
  readonly precision: Precision;
}

/** Fewest elements per result at which splitting a reduction pays off. */
const shortestSplit = 512;
/** Fewest elements per part of a split reduction. */
const shortestChunk = 64;

/** Attributes of a reduction to partial results `[chunks, …result]`. */
export type PartialAttributes = ReduceAttributes & { readonly chunks: number };

/** Returns the op that computes partial results of a reduction. */
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

/** Returns the op that computes partial sums of a kernel. */
function partialKernel(op: KernelOp): KernelOp<Attributes & Chunks> {
  return {
    kind: "kernel",
    name: `${op.name}_partial`,
    float32: [...op.float32 ?? [], "result"],
    ...(op.resultIsWeight && { resultIsWeight: true }),
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

/** Returns whether a reduction keeps a last axis of four lanes, all of which one invocation then computes. */
export function keepsLanes(shape: Shape, over: readonly number[]): boolean {
  return shape.at(-1) === 4 && !over.includes(shape.length - 1);
}

/** Returns the number of elements per result of a reduction. */
export function reducedSize(shape: Shape, axes: readonly number[]): number {
  return sizeOf(shape.filter((_, axis) => axes.includes(axis)));
}

/** Returns the key of measured choices: op, attributes and shapes of the operands, and float16. */
export function signatureOf({ op, attributes, inputs }: Tensor, precision: Precision): string {
  const shapes = inputs.map(({ shape }) => formatShape(shape)).join(" ");
  return `${op.name} ${JSON.stringify(attributes)} ${shapes}${precision === "float32" ? "" : " float16"}`;
}

/** Returns whether a device has the features of a variant; the wrong kind of adapter is only slow. */
export function canCompute(device: DeviceTraits, { needs = [] }: Variant): boolean {
  return (device.readsTexels || !needs.includes("texels")) &&
    (device.hasSubgroups || !needs.includes("subgroups"));
}

/** Lowering of one or more graphs, which share equal nodes. */
export class Lowering {
  /** Choices made by rule for lack of measurements, by signature. */
  readonly unmeasured = new Map<string, Choice>();
  readonly #options: LowerOptions;
  readonly #lowered = new Map<Tensor, Tensor>();
  readonly #equal = new Map<string, Tensor>();
  readonly #readsBlocks = new Map<Tensor, boolean>();

  /** Creates a lowering. @param options Traits of the device, limits and choices. */
  constructor(options: LowerOptions) {
    this.#options = options;
  }

  /** Returns the lowered form of a tensor. */
  lower(root: Tensor): Tensor {
    // An explicit stack, as graphs of deep networks would overflow the call stack.
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
    // Registers the node with lowered inputs, too, so that equal nodes find the result.
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
    const { variant: requested, measured, device, precision } = this.#options;
    const signature = signatureOf(node, precision);
    const possible = (op.variants ?? []).filter((variant) =>
      canCompute(device, variant) && variant.supports(node)
    );
    const known = requested === "auto" ? measured.get(signature) : requested;
    if (known) return possible.find(({ name }) => name === known)?.lower(node);
    const otherKind = device.isCpu ? "gpu" : "processor";
    const candidates = possible.filter((variant) => !variant.needs?.includes(otherKind));
    // Kernels without sums are not measured: fusion with their neighbours matters more.
    if (candidates.length > 0 && op.extent) {
      this.unmeasured.set(signature, { node, ways: ["direct", ...candidates.map(({ name }) => name)] });
    }
    return candidates.find((variant) => variant.wins(node, device))?.lower(node);
  }

  #splitKernel(node: Tensor, op: KernelOp): Tensor | undefined {
    if (!op.extent || sizeOf(node.shape) === 0) return undefined;
    const chunks = chunksOf(op.extent(node), this.#options.longestLoop);
    if (chunks.CHUNKS === 1) return undefined;
    return sum(apply(partialKernel(op), node.inputs, { ...node.attributes, ...chunks }), [0]);
  }

  /** Returns whether an expression reads channels in blocks, with no block partly filled. */
  readsBlocks(node: Tensor): boolean {
    let reads = this.#readsBlocks.get(node);
    if (reads === undefined) {
      reads = node.shape.length === 4 && node.shape[1]! % 4 === 0 &&
        (isUnblocked(node) || isInlineable(node) && node.inputs.some((input) => this.readsBlocks(input)));
      this.#readsBlocks.set(node, reads);
    }
    return reads;
  }

  /**
   * Returns a reduction over blocks of channels; undefined if there are no blocks or channels are reduced.
   */
  #blockedReduction(
    { inputs, attributes, shape }: OpNode<ReduceAttributes>,
    op: ReduceOp<ReduceAttributes>,
  ): Tensor | undefined {
    if (attributes.axes.includes(1) || !inputs.some((input) => this.readsBlocks(input))) return undefined;
    const reduced = apply(op, inputs.map((input) => blockChannels(input)), attributes);
    return reshape(reduced, shape);
  }

  #splitReduction(node: OpNode<ReduceAttributes>, op: ReduceOp<ReduceAttributes>): Tensor | undefined {
    if ("chunks" in node.attributes) return undefined;
    const { shape } = node.inputs[0]!, { axes } = node.attributes;
    const length = reducedSize(shape, axes);
    const results = sizeOf(node.shape) / node.inputs.length / (keepsLanes(shape, axes) ? 4 : 1);
    const preferred = length < shortestSplit ? 1 : Math.min(
      Math.ceil(this.#options.busyInvocations / results),
      Math.floor(length / shortestChunk),
    );
    // Rounding to whole rows may double a chunk, and the loop over rows counts too.
    const chunks = Math.max(preferred, Math.ceil(3 * length / this.#options.longestLoop));
    if (chunks <= 1 || results === 0) return undefined;
    const partial = apply(partialOp(op), node.inputs, { ...node.attributes, chunks });
    return reshape(apply(op, [partial], { axes: [0] }), node.shape);
  }
}
