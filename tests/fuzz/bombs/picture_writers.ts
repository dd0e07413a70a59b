/** Writers of JPEG, TIFF and GIF files, whose headers can claim anything. */
import type { Bytes } from "../readers.ts";
import { joined, numberBytes, text } from "./bomb.ts";

/** Bits, most significant first. */
class BitWriter {
  readonly #bytes: number[] = [];
  #buffer = 0;
  #count = 0;

  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#buffer = this.#buffer * 2 + (value >> bit & 1);
      if (++this.#count < 8) continue;
      this.#bytes.push(this.#buffer);
      // A byte of ones is followed by zeros, so that it is no marker.
      if (this.#buffer === 255) this.#bytes.push(0);
      this.#buffer = this.#count = 0;
    }
  }

  end(): number[] {
    while (this.#count > 0) this.write(1, 1);
    return this.#bytes;
  }
}

const segment = (type: number, data: ArrayLike<number>) =>
  joined([0xff, type], numberBytes(data.length + 2, 2, false), data);

/**
 * Returns a grey progressive JPEG of valid scans: the first has the means of the blocks, and the others have bits of
 * single coefficients, which are all zero.
 */
export function jpegOfScans(
  { side, scans, before = [] }: {
    readonly side: number;
    readonly scans: number;
    readonly before?: readonly ArrayLike<number>[];
  },
): Bytes {
  const blocks = Math.ceil(side / 8) ** 2;
  const frame = [8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0];
  // One code of one bit: a difference of zero, and the end of 2¹⁴ and more blocks.
  const codes = (id: number, symbol: number) => segment(0xc4, [id, 1, ...new Uint8Array(15), symbol]);
  const scanOf = (first: number, last: number, high: number, low: number, bits: number[]) =>
    joined(segment(0xda, [1, 1, 0, first, last, high * 16 + low]), bits);
  const means = new BitWriter();
  for (let i = 0; i < blocks; i++) means.write(0, 1);
  const empty = new BitWriter();
  for (let left = blocks; left > 0;) {
    const count = Math.min(left, 2 ** 15 - 1), rest = Math.max(0, count - 2 ** 14);
    empty.write(0, 1);
    empty.write(rest, 14);
    left -= 2 ** 14 + rest;
  }
  const zeros = empty.end(), parts: Bytes[] = [];
  for (let coefficient = 1; coefficient < 64 && parts.length < scans - 1; coefficient++) {
    for (let low = 13; low >= 0 && parts.length < scans - 1; low--) {
      parts.push(scanOf(coefficient, coefficient, low === 13 ? 0 : low + 1, low, zeros));
    }
  }
  return joined(
    [0xff, 0xd8],
    ...before,
    segment(0xdb, [0, ...new Uint8Array(64).fill(1)]),
    segment(0xc2, frame),
    codes(0, 0),
    codes(0x10, 0xe0),
    scanOf(0, 0, 0, 0, means.end()),
    ...parts,
    [0xff, 0xd9],
  );
}

/**
 * Returns a TIFF of grey bytes in a strip.
 * @param changed Values of tags, beside or instead of the right ones.
 * @param data Strip; by default that of 2×2 pixels.
 */
export function tiffFile(
  changed: Readonly<Record<number, number>>,
  data: ArrayLike<number> = [1, 2, 3, 4],
  { next = 0, pages = 1 }: { readonly next?: number; readonly pages?: number } = {},
): Bytes {
  const usual = { 256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 277: 1, 278: 2, 279: data.length };
  const count = new Set([...Object.keys(usual), "273", ...Object.keys(changed)]).size;
  const size = 2 + 12 * count + 4, start = 8 + size * pages;
  const tags: Record<number, number> = { ...usual, 273: start, ...changed };
  if (changed[324] !== undefined) tags[324] = start;
  const page = (following: number) =>
    joined(
      numberBytes(count, 2, true),
      ...Object.entries(tags).map(([tag, value]) =>
        joined(
          numberBytes(Number(tag), 2, true),
          numberBytes(4, 2, true),
          numberBytes(1, 4, true),
          numberBytes(value, 4, true),
        )
      ),
      numberBytes(following, 4, true),
    );
  return joined(
    [0x49, 0x49, 42, 0, 8, 0, 0, 0],
    ...Array.from({ length: pages }, (_, i) => page(i === pages - 1 ? next : 8 + size * (i + 1))),
    data,
  );
}

/** Returns a GIF of one colour: codes that stand for longer and longer runs. */
export function gifFile(
  { width, height, frames }: { readonly width: number; readonly height: number; readonly frames: number },
): Bytes {
  const sides = [...numberBytes(width, 2, true), ...numberBytes(height, 2, true)];
  const frame = joined([0x2c, 0, 0, 0, 0, ...sides, 0], lzwZeros(width * height));
  return joined(
    text("GIF89a"),
    sides,
    [0x80, 0, 0, 9, 9, 9, 0, 0, 0],
    ...Array.from({ length: frames }, () => frame),
    [0x3b],
  );
}

/** Returns so many pixels of the first colour, as GIF packs them. */
function lzwZeros(count: number): Bytes {
  const bytes: number[] = [];
  let buffer = 0, filled = 0;
  const write = (code: number, size: number) => {
    buffer += code * 2 ** filled;
    for (filled += size; filled >= 8; filled -= 8) {
      bytes.push(buffer % 256);
      buffer = Math.floor(buffer / 256);
    }
  };
  let size = 3, next = 0;
  for (let left = count; left > 0;) {
    if (next === 0 || next === 4095) {
      write(4, size); // Empties the table.
      write(0, size = 3);
      next = 6;
      left--;
    } else {
      // The code that this very code defines: a pixel more than the one before.
      write(next, size);
      left -= next - 4;
      if (++next === 2 ** size) size++;
    }
  }
  write(5, size);
  write(0, 8);
  const blocks: ArrayLike<number>[] = [[2]];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push([block.length], block);
  }
  return joined(...blocks, [0]);
}
