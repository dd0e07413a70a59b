/** Files made by hand to hang, to fill the memory or to end the process. */
import type { Bytes, Reader } from "../readers.ts";

/** A file made by hand. */
export interface Bomb {
  /** Description, for errors. */
  readonly name: string;
  /** Reader that must refuse it, or read it in little time and memory. */
  readonly reader: Reader;
  /** Makes the file. */
  make(): Bytes | Promise<Bytes>;
}

/** Returns a text as bytes. */
export function text(value: string): Bytes {
  return new TextEncoder().encode(value);
}

/** Returns parts one behind the other. */
export function joined(...parts: readonly ArrayLike<number>[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** Returns a number as bytes, cut to their count. */
export function numberBytes(value: number | bigint, count: number, isLittle: boolean): Bytes {
  const big = BigInt.asUintN(8 * count, BigInt(value));
  const bytes = Uint8Array.from({ length: count }, (_, i) => Number(big >> BigInt(8 * i) & 0xffn));
  return isLittle ? bytes : bytes.reverse();
}

/** Returns a file with other bytes at a place. */
export function overwritten(bytes: Bytes, at: number, values: ArrayLike<number>): Bytes {
  const changed = bytes.slice();
  changed.set(Array.from(values).slice(0, bytes.length - at), at);
  return changed;
}

/** Numbers at the ends of their types, for sizes, lengths, counts and offsets. */
export const extremes: readonly bigint[] = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
];
