/**
 * How label lists are read, as the options and checkpoints say it.
 * @module
 */
import { resolve } from "node:path";
import type { LabelTableOptions } from "../../data/mod.ts";
import { flagOf, type RunOptions } from "../command/options.ts";

/** How label lists are read, as the user says. */
export type ListReading = Pick<LabelTableOptions, "fileColumn" | "labelColumn" | "missing">;

/** What was said of how label lists are read. */
export function readingOf(
  { fileColumn, labelColumn, missing }: Pick<RunOptions, "fileColumn" | "labelColumn" | "missing">,
): ListReading {
  return {
    ...(fileColumn !== null && { fileColumn }),
    ...(labelColumn !== null && { labelColumn }),
    ...(missing !== null && { missing }),
  };
}

/** @throws {RangeError} if something is said of how lists are read, though there is none. */
export function checkNoReading(reading: ListReading, state: string): void {
  const [option] = Object.keys(reading);
  if (option === undefined) return;
  throw new RangeError(`Cannot use ${flagOf(option)} as there must be a label list: ${state}`);
}

/** The label lists that a checkpoint's run had, and how they are read. */
export function listsIn(
  { labelLists }: Readonly<Record<string, string>>,
  directory: string,
): ListReading & { readonly labels: readonly string[] | null } {
  if (labelLists === undefined) return { labels: null };
  const { paths, ...reading }: ListReading & { readonly paths: readonly string[] } = JSON.parse(labelLists);
  return { labels: paths.map((path) => resolve(directory, path)), ...reading };
}
