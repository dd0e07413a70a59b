/**
 * Options for reading label lists, from the command line and from checkpoints.
 * @module
 */
import { resolve } from "node:path";
import type { LabelTableOptions } from "../../data/internal.ts";
import { flagOf, type RunOptions } from "../command/options.ts";

/** Options for reading label lists. */
export type ListReading = Pick<LabelTableOptions, "fileColumn" | "labelColumn" | "missing">;

/** Returns the options for reading label lists that were set. */
export function readingOf(
  { fileColumn, labelColumn, missing }: Pick<RunOptions, "fileColumn" | "labelColumn" | "missing">,
): ListReading {
  return {
    ...(fileColumn !== null && { fileColumn }),
    ...(labelColumn !== null && { labelColumn }),
    ...(missing !== null && { missing }),
  };
}

/**
 * @throws {RangeError} if options for reading label lists are set without a list.
 * @param state The reason why there is none.
 */
export function requireLabelList(reading: ListReading, state: string): void {
  const [option] = Object.keys(reading);
  if (option === undefined) return;
  throw new RangeError(`Cannot use ${flagOf(option)} without a label list: ${state}`);
}

/** Returns the label lists of a checkpoint's run, with the options for reading these. */
export function listsIn(
  { labelLists }: Readonly<Record<string, string>>,
  directory: string,
): ListReading & { readonly labels: readonly string[] | null } {
  if (labelLists === undefined) return { labels: null };
  const { paths, ...reading }: ListReading & { readonly paths: readonly string[] } = JSON.parse(labelLists);
  return { labels: paths.map((path) => resolve(directory, path)), ...reading };
}
