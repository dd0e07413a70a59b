/**
 * Affine functions per channel, which are folded into the weights of the layer before them.
 * @module
 */
import type { Shape } from "../../kernels/mod.ts";
import type { Constant } from "./graph_builder.ts";

/** The function `scale · x + offset`, with one number for all elements, or one per channel (axis 1). */
export interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** The function that returns its operand. */
export const identity: Affine = { scale: Float64Array.of(1), offset: Float64Array.of(0) };

/** Returns the function that applies `first`, then `second`. */
export function compose(first: Affine, second: Affine): Affine {
  const scaled = combine(first.offset, second.scale, (offset, scale) => offset * scale);
  return {
    scale: combine(first.scale, second.scale, (a, b) => a * b),
    offset: combine(scaled, second.offset, (a, b) => a + b),
  };
}

/** Combines numbers of channels; a single number applies to all channels. */
function combine(a: Float64Array, b: Float64Array, each: (a: number, b: number) => number): Float64Array {
  return Float64Array.from(
    { length: Math.max(a.length, b.length) },
    (_, i) => each(atChannel(a, i), atChannel(b, i)),
  );
}

/** Returns the number of a channel. */
export function atChannel(values: Float64Array, channel: number): number {
  return values[values.length === 1 ? 0 : channel] ?? NaN;
}

/** Returns whether all numbers are `value`, up to rounding in float64. */
export function isAll(values: Float64Array, value: number): boolean {
  return values.every((each) => Math.abs(each - value) < 1e-12);
}

/**
 * Returns the numbers of a constant that broadcasts to `shape` with one number for all elements, or one per
 * channel; undefined for other constants.
 */
export function channelNumbers({ shape: own, data }: Constant, shape: Shape): Float64Array | undefined {
  if (data.length === 1) return Float64Array.from(data);
  const offset = shape.length - own.length;
  const isPerChannel = own.every((size, axis) => size === 1 || axis + offset === 1);
  return isPerChannel && data.length === shape[1] ? Float64Array.from(data) : undefined;
}
