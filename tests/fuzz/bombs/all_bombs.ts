/** All files made by hand: those with a story, and every reader's whole files with extreme numbers at every place. */
import type { Bytes, Reader } from "../readers.ts";
import { readers } from "../readers.ts";
import { arrayBombs } from "./array_bombs.ts";
import { archiveBombs } from "./archive_bombs.ts";
import { type Bomb, extremes, joined, numberBytes, overwritten } from "./bomb.ts";
import { fileReaders } from "./file_readers.ts";
import { pictureBombs } from "./picture_bombs.ts";
import { textBombs } from "./text_bombs.ts";
import { weightBombs } from "./weight_bombs.ts";

/** Returns the files with a story, and those that are made of every whole file: cut, repeated and padded. */
export function madeBombs(folder: string): Bomb[] {
  const files = fileReaders(folder);
  return [
    ...archiveBombs(files),
    ...arrayBombs(files),
    ...pictureBombs(),
    ...textBombs(),
    ...weightBombs(),
    ...wholeFileBombs({ ...readers, ...files }),
  ];
}

function wholeFileBombs(all: Readonly<Record<string, Reader>>): Bomb[] {
  return Object.entries(all).flatMap(([name, reader]) =>
    reader.seeds.flatMap((seed, i) => [
      ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((share) => ({
        name: `${name} ${i} cut to ${share}`,
        reader,
        make: () => seed.slice(0, Math.floor(share * seed.length)),
      })),
      { name: `${name} ${i} repeated`, reader, make: () => repeated(seed, 1_000_000) },
      { name: `${name} ${i} before zeros`, reader, make: () => joined(seed, new Uint8Array(4e6)) },
      { name: `${name} ${i} before ones`, reader, make: () => joined(seed, new Uint8Array(4e6).fill(255)) },
      { name: `${name} ${i} after zeros`, reader, make: () => joined(new Uint8Array(1e6), seed) },
    ])
  );
}

function repeated(seed: Bytes, length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => seed[i % seed.length] ?? 0);
}

/**
 * Returns every reader's whole files with each extreme number at each place, in both byte orders.
 * @param step Distance of the places and numbers that are taken; 1 takes all.
 */
export function* fieldBombs(step: number): Generator<Bomb> {
  let count = 0;
  for (const [name, reader] of Object.entries(readers)) {
    for (const seed of reader.seeds) {
      for (let at = 0; at < seed.length; at++) {
        for (const value of extremes) {
          for (const size of [1, 2, 4, 8]) {
            if (value >= 1n << BigInt(8 * size) || size > 1 && value < 1n << BigInt(4 * size) && value > 0n) {
              continue;
            }
            for (const isLittle of size === 1 ? [true] : [true, false]) {
              if (count++ % step !== 0) continue;
              yield {
                name: `${name}: ${value} as ${size} bytes at ${at}`,
                reader,
                make: () => overwritten(seed, at, numberBytes(value, size, isLittle)),
              };
            }
          }
        }
      }
    }
  }
}
