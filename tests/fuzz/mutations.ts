/** Mutations of files, as values of fast-check, which shrinks those that fail. */
import fc from "npm:fast-check@4.11.0";
import type { Bytes } from "./readers.ts";

/** Changes a file; `at` and `length` are shares of its length, from 0 to 1. */
type Edit = (bytes: Bytes, at: number, length: number) => Bytes;

const encoder = new TextEncoder();

/** Texts that parsers trip over. */
const tokens = [
  "\0",
  '"',
  "'",
  "\n",
  ",",
  "[",
  "]",
  "{}",
  "null",
  "1e999",
  "-1",
  "0",
  "9223372036854775807",
  "20000",
  "NaN",
  "__proto__",
  "constructor",
  "\u202e",
  "\x1b[2J",
  "<!---->",
  "../",
  ".",
  " ",
  "\\",
].map((token) => encoder.encode(token));

/** Numbers at the ends of their types. */
const numbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

function splice(bytes: Bytes, at: number, removed: number, inserted: Uint8Array): Bytes {
  const changed = new Uint8Array(bytes.length - removed + inserted.length);
  changed.set(bytes.subarray(0, at));
  changed.set(inserted, at);
  changed.set(bytes.subarray(at + removed), at + inserted.length);
  return changed;
}

/** Applies an edit at a place of the file. */
function placed(change: (bytes: Bytes, at: number, count: number) => Bytes): Edit {
  return (bytes, at, length) => {
    const start = Math.floor(at * bytes.length);
    return change(bytes, start, Math.floor(length * (bytes.length - start)));
  };
}

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.nat(255).map((byte) =>
    placed((bytes, at) => splice(bytes, at, Math.min(1, bytes.length - at), Uint8Array.of(byte)))
  ),
  fc.nat(7).map((bit) => placed((bytes, at) => bytes.map((byte, i) => i === at ? byte ^ 1 << bit : byte))),
  fc.tuple(fc.constantFrom(...numbers), fc.constantFrom(1, 2, 4, 8), fc.boolean()).map((
    [number, size, isLittle],
  ) =>
    placed((bytes, at) => {
      const written = new Uint8Array(8), view = new DataView(written.buffer);
      view.setBigUint64(0, BigInt(number), isLittle);
      const part = isLittle ? written.subarray(0, size) : written.subarray(8 - size);
      return splice(bytes, at, Math.min(size, bytes.length - at), part);
    })
  ),
  fc.tuple(fc.constantFrom(...tokens), fc.constantFrom(1, 1, 2, 50, 3000)).map(([token, count]) =>
    placed((bytes, at) => {
      const repeated = new Uint8Array(token.length * count);
      for (let i = 0; i < count; i++) repeated.set(token, i * token.length);
      return splice(bytes, at, 0, repeated);
    })
  ),
  fc.constant(placed((bytes, at, count) => splice(bytes, at, count, new Uint8Array()))),
  fc.constant(placed((bytes, at, count) => splice(bytes, at, 0, bytes.slice(at, at + count)))),
  fc.constant(placed((bytes, at) => bytes.slice(0, at))),
);

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Mutated files, made from whole ones by one to six edits. */
export function mutated(seeds: readonly Bytes[]): fc.Arbitrary<Bytes> {
  // Most headers are short, so half of the places lie near the beginning.
  const place = fc.oneof(share, share.map((at) => at ** 4));
  return fc.tuple(
    fc.nat(seeds.length - 1),
    fc.array(fc.tuple(edits, place, share), { minLength: 1, maxLength: 6 }),
  )
    .map(([seed, changes]) =>
      changes.reduce((bytes, [edit, at, length]) => edit(bytes, at, length), seeds[seed] ?? new Uint8Array())
    );
}
