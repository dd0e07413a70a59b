/** A case of the corpus: realistic data, made by a script, with the expected reading. */
import { dirname, join } from "node:path";
import type { ExamineOptions } from "../../../data/files/mod.ts";
import { png } from "../fixtures.ts";

/** Data as people have it. Every file beside case.ts exports an array `cases` of them, and the test walks all. */
export interface Case {
  /** Name in the test's output. */
  readonly name: string;
  /** Description of the data and its origin. */
  readonly about: string;
  /** Writes its files into an empty folder. */
  make(directory: string): Promise<void>;
  /** Path passed to `--data`, relative to that folder (default: the folder itself). */
  readonly path?: string;
  /** Options for examining it; `labels` are paths relative to that folder. */
  readonly options?: Omit<ExamineOptions, "only" | "signal">;
  /** Expected reading or error. */
  readonly expect: Reading | { readonly refusal: RegExp };
}

/** Reading of a folder. */
export interface Reading {
  /** All classes in their order. */
  readonly classes: readonly string[];
  /** Labelled training images of each class. */
  readonly labeled: readonly number[];
  /** Training images without a label. */
  readonly unlabeled: number;
  /** Test images of each class; null = there is no test set. */
  readonly test: readonly number[] | null;
  /** One for every note, in any order (default: there is no note). */
  readonly notes?: readonly RegExp[];
  /** The class of some training images by their name; null = no label (default: counts say enough). */
  readonly labels?: Readonly<Record<string, string | null>>;
}

/** A small colour PNG. Each number gives another one, and no two are alike. */
export function picture(number: number): Uint8Array {
  const digits = [number & 255, (number >> 8) & 255, (number >> 16) & 255];
  return png(
    9,
    8,
    (x, y, c) => x === 0 && y === 0 ? digits[c] ?? 0 : (number * 37 + x * 11 + y * 5 + c * 70) % 256,
  );
}

/** Writes files with all folders that they lie in; a text is written in UTF-8. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [name, contents] of Object.entries(files)) {
    const path = join(directory, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(path, typeof contents === "string" ? new TextEncoder().encode(contents) : contents);
  }
}

/** Makes a folder of pictures, all different, and of other files. */
export function folderOf(
  names: readonly string[],
  others: Readonly<Record<string, Uint8Array | string>> = {},
): Case["make"] {
  return async (directory) => {
    const pictures = names.map((name, i) => [name, picture(i)] as const);
    await writeFiles(directory, { ...Object.fromEntries(pictures), ...others });
  };
}
