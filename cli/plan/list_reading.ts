/**
 * Options for reading labels from lists and names, from the command line and from checkpoints.
 * @module
 */
import { resolve } from "node:path";
import type { ExamineOptions } from "../../data/files/mod.ts";
import { flagOf, type RunOptions } from "../command/options.ts";

/** Options for reading labels. */
export type LabelReading = Pick<ExamineOptions, "labelPattern" | "fileColumn" | "labelColumn" | "missing">;

/** Returns the options for reading labels that were set. */
export function readingOf(
  { labelPattern, fileColumn, labelColumn, missing }: Pick<
    RunOptions,
    "labelPattern" | "fileColumn" | "labelColumn" | "missing"
  >,
): LabelReading {
  return {
    ...(labelPattern !== null && { labelPattern }),
    ...(fileColumn !== null && { fileColumn }),
    ...(labelColumn !== null && { labelColumn }),
    ...(missing !== null && { missing }),
  };
}

/**
 * @throws {RangeError} if options for reading label lists are set without a list. Words for no label also count in
 * names.
 * @param state The reason why there is none.
 */
export function requireLabelList({ labelPattern, missing, ...columns }: LabelReading, state: string): void {
  const [option] = Object.keys(labelPattern === undefined && missing ? { ...columns, missing } : columns);
  if (option === undefined) return;
  throw new RangeError(`Cannot use ${flagOf(option)} without a label list: ${state}`);
}

/** Returns the text that a checkpoint stores about the lists of its run and the reading of labels; undefined if none. */
export function describeReading(paths: readonly string[], reading: LabelReading): string | undefined {
  const isRead = paths.length > 0 || reading.labelPattern !== undefined;
  return isRead ? JSON.stringify({ paths, ...reading }) : undefined;
}

/** Returns the label lists of a checkpoint's run, with the options for reading labels; null if there are no lists. */
export function listsIn(
  { labelLists }: Readonly<Record<string, string>>,
  directory: string,
): LabelReading & { readonly labels: readonly string[] | null } {
  if (labelLists === undefined) return { labels: null };
  const { paths, ...reading }: LabelReading & { readonly paths: readonly string[] } = JSON.parse(labelLists);
  return {
    labels: paths.length === 0 ? null : paths.map((path) => resolve(directory, path)),
    ...reading,
  };
}
