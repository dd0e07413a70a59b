/**
 * All ops. A new op is one file here and one line in the table.
 * @module
 */
import type { Op } from "../tensor.ts";
import { movementOps } from "./movement.ts";
import { pointwiseOps } from "./pointwise.ts";
import { reduceOps } from "./reduce.ts";

export * from "./leaf.ts";
export { broadcastShape, concat, expand, flip, pad, reshape, slice, transpose } from "./movement.ts";
export {
  abs,
  add,
  cast,
  constant,
  div,
  equal,
  exp,
  floor,
  full,
  greater,
  iota,
  leakyRelu,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  power,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sqrt,
  sub,
  tanh,
  where,
} from "./pointwise.ts";
export { argmax, max, mean, type ReduceOptions, sum } from "./reduce.ts";

/** Every op, for the contract test. */
export const allOps: readonly Op[] = [
  ...movementOps,
  ...pointwiseOps,
  ...reduceOps,
] as unknown as readonly Op[];
