/**
 * Sums over the processes that compute one batch together, each its share of the rows.
 * @module
 */
import type { ExchangeOp, OpNode } from "../op.ts";
import { apply, checkFloats, type Shape, type Tensor } from "../tensor.ts";
import { concat } from "./views/concat.ts";
import { slice } from "./views/slicing.ts";

/** Share of a process in a batch: its rows are those of the whole batch from `rank` on, `ranks` apart. */
export interface BatchShare {
  /** Number of the process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  /** Number of rows of this process. */
  readonly rows: number;
  /** Number of rows of the whole batch. */
  readonly whole: number;
}

/**
 * Returns the share of a process in a batch.
 * @throws {RangeError} if a process would have no row.
 */
export function shareOf(whole: number, rank: number, ranks: number): BatchShare {
  if (whole < ranks) {
    throw new RangeError(
      `Cannot share a batch: each process needs at least one row, but there are ${whole} rows for ${ranks} processes`,
    );
  }
  return { rank, ranks, whole, rows: Math.ceil((whole - rank) / ranks) };
}

/**
 * Returns the rows of a share, from a tensor with all rows of the batch, or with several batches one after the
 * other.
 */
export function rowsOfShare(x: Tensor, { rank, ranks, rows, whole }: BatchShare): Tensor {
  const [all = 0, ...rest] = x.shape, zeros = rest.map(() => 0), ones = rest.map(() => 1);
  const batches = Array.from(
    { length: all / whole },
    (_, batch) => slice(x, [batch * whole + rank, ...zeros], [rows, ...rest], [ranks, ...ones]),
  );
  return concat(batches, 0);
}

type AcrossAttributes = { readonly order: number };

const sumAcrossOp: ExchangeOp<AcrossAttributes, [Shape]> = {
  kind: "exchange",
  name: "sum_across",
  infer([x]) {
    checkFloats("sum over processes", [x]);
    return { shape: x.shape, dtype: "float32" };
  },
  vjp: (gradient, { attributes: { order } }) => [sumAcross(gradient, order)],
  referenceTogether(inputs) {
    const total = new Float64Array(inputs[0]?.[0].length ?? 0);
    for (const [x] of inputs) x.forEach((value, i) => total[i]! += value);
    return inputs.map(() => total);
  },
  samples: [
    { shapes: [[3, 5]], attributes: { order: 0 } },
    { shapes: [[]], attributes: { order: 7 } },
    { shapes: [[0, 4]], attributes: { order: 0 } },
    { shapes: [[70_001]], attributes: { order: 1 }, differentiable: false },
  ],
};

/**
 * Sums a tensor over all processes, element by element; every process gets the sum. Gradients are summed as well:
 * the cost of all processes depends on the value of each. The Program must be compiled with option `sumAcross`.
 * @param x float32, of the same shape in every process; gets gradient.
 * @param order Place among sums that are computed in the same transfer: the same number for the same sum in every
 * process, and another one for each other sum.
 * @throws {TypeError} if `x` is not float32.
 */
export function sumAcross(x: Tensor, order: number): Tensor {
  return apply(sumAcrossOp, [x], { order });
}

/** Returns whether a node is a sum over processes. */
export function isExchange(node: Tensor): node is OpNode<AcrossAttributes> {
  return node.op.kind === "exchange";
}

/** Ops of this file, for the table of all ops. */
export const acrossOps = [sumAcrossOp] as const;
