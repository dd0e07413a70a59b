/** Treatment of pictures that occur several times. */

import { counted, shownName } from "../../internal.ts";
import { NO_LABEL } from "../../mod.ts";
import type { ListedFiles } from "../folder/class_folders.ts";

/** Names of identical pictures. */
export type CopyGroup = readonly string[];

/** Sets of a folder. */
export interface LabeledSets {
  readonly train: ListedFiles;
  readonly test: { readonly name: string; readonly examples: ListedFiles } | null;
}

/** Sets after the treatment of copies. */
export interface SettledSets extends LabeledSets {
  /** Copies that remain in the training set. */
  readonly copies: readonly CopyGroup[];
  /** Sentences about copies. */
  readonly notes: readonly string[];
}

/** Groups by their treatment. */
interface SortedGroups {
  /** Pictures in both the training and the test set. */
  readonly leaks: readonly CopyGroup[];
  /** Training pictures in several classes. */
  readonly conflicts: readonly CopyGroup[];
  /** Test pictures in several classes. */
  readonly testConflicts: readonly CopyGroup[];
  /** Other pictures that occur several times in a set. */
  readonly rest: readonly CopyGroup[];
}

/**
 * Treats copies: pictures in both sets are removed from training, training pictures in several classes become
 * unlabelled (the right class is unknown), and test pictures in several classes are removed.
 *
 * @param how Sense in which copies are identical, for notes: `"byte by byte"`.
 */
export function settleCopies(
  { train, test }: LabeledSets,
  groups: readonly CopyGroup[],
  how: string,
): SettledSets {
  const sorted = sortGroups(groups, classesOf(train, groups), classesOf(test?.examples, groups));
  const [isLeak, isConflict, isTestConflict] = [sorted.leaks, sorted.conflicts, sorted.testConflicts].map((
    each,
  ) => new Set(each.flat()));
  const labels = train.labels.map((label, i) => isConflict?.has(train.names[i] ?? "") ? NO_LABEL : label);
  const inTrain = new Set(train.names);
  return {
    train: filesBut({ names: train.names, labels }, isLeak),
    test: test && { ...test, examples: filesBut(test.examples, isTestConflict) },
    copies: [...sorted.conflicts, ...sorted.rest].filter(([first = ""]) => inTrain.has(first)),
    notes: notesOn(sorted, how, shownName(test?.name ?? "")),
  };
}

/** Returns the class of each picture of a set that is a copy. */
function classesOf(
  files: ListedFiles | undefined,
  groups: readonly CopyGroup[],
): ReadonlyMap<string, number> {
  const areCopies = new Set(groups.flat()), classes = new Map<string, number>();
  if (areCopies.size === 0) return classes;
  for (const [i, name] of files?.names.entries() ?? []) {
    if (areCopies.has(name)) classes.set(name, files?.labels[i] ?? NO_LABEL);
  }
  return classes;
}

function sortGroups(
  groups: readonly CopyGroup[],
  trained: ReadonlyMap<string, number>,
  tested: ReadonlyMap<string, number>,
): SortedGroups {
  const leaks: CopyGroup[] = [],
    conflicts: CopyGroup[] = [],
    testConflicts: CopyGroup[] = [],
    rest: CopyGroup[] = [];
  for (const group of groups) {
    const inTrain = group.filter((name) => trained.has(name)),
      inTest = group.filter((name) => tested.has(name));
    if (inTrain.length > 0 && inTest.length > 0) leaks.push([...inTest, ...inTrain]);
    else if (areOfSeveral(inTrain, trained)) conflicts.push(inTrain);
    else if (inTrain.length > 1) rest.push(inTrain);
    if (areOfSeveral(inTest, tested)) testConflicts.push(inTest);
    else if (inTest.length > 1) rest.push(inTest);
  }
  return { leaks, conflicts, testConflicts, rest };
}

function areOfSeveral(names: CopyGroup, classes: ReadonlyMap<string, number>): boolean {
  const labels = new Set(names.map((name) => classes.get(name) ?? NO_LABEL));
  labels.delete(NO_LABEL);
  return labels.size > 1;
}

function filesBut({ names, labels }: ListedFiles, isLeftOut: ReadonlySet<string> | undefined): ListedFiles {
  if (!isLeftOut || isLeftOut.size === 0) return { names, labels };
  const isKept = (i: number) => !isLeftOut.has(names[i] ?? "");
  return { names: names.filter((_, i) => isKept(i)), labels: labels.filter((_, i) => isKept(i)) };
}

function notesOn(
  { leaks, conflicts, testConflicts, rest }: SortedGroups,
  how: string,
  test: string,
): string[] {
  const surplus = rest.reduce((sum, group) => sum + group.length - 1, 0);
  const pictures = (groups: readonly CopyGroup[]) =>
    `${counted(groups.length, "picture")} ${groups.length === 1 ? "is" : "are"}`;
  const notes: [readonly CopyGroup[], string][] = [
    [
      leaks,
      `WARNING: ${
        pictures(leaks)
      } both in ${test} and in the training set (compared ${how}). The test error would be too low, ` +
      "so these copies are not used for training",
    ],
    [
      testConflicts,
      `${pictures(testConflicts)} in several classes of ${test} (compared ${how}) and not used for testing`,
    ],
    [conflicts, `${pictures(conflicts)} in several classes (compared ${how}) and left unlabelled`],
    [
      rest,
      `${counted(surplus, "picture")} ${
        surplus === 1 ? "is a copy of another" : "are copies of others"
      } (compared ${how})`,
    ],
  ];
  return notes.filter(([groups]) => groups.length > 0).map(([groups, note]) => `${note}: ${listOf(groups)}`);
}

/** Maximum number of groups listed. */
const LISTED = 5;

function listOf(groups: readonly CopyGroup[]): string {
  const rest = groups.length - LISTED;
  return groups.slice(0, LISTED).map((group) => group.map(shownName).join(" = ")).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
}
