/** What becomes of pictures that are there twice. */

import { counted, NO_LABEL, shownName } from "../../mod.ts";
import type { ListedFiles } from "../folder/class_folders.ts";

/** Names of pictures that are the same. */
export type CopyGroup = readonly string[];

/** Sets of a folder. */
export interface LabeledSets {
  readonly train: ListedFiles;
  readonly test: { readonly name: string; readonly examples: ListedFiles } | null;
}

/** Sets whose copies are settled. */
export interface SettledSets extends LabeledSets {
  /** Copies that are left in the training set. */
  readonly copies: readonly CopyGroup[];
  /** Sentences on copies. */
  readonly notes: readonly string[];
}

/** Groups by what is to be done about them. */
interface SortedGroups {
  /** Trained with and tested on. */
  readonly leaks: readonly CopyGroup[];
  /** Trained with, in several classes. */
  readonly conflicts: readonly CopyGroup[];
  /** Tested on, in several classes. */
  readonly testConflicts: readonly CopyGroup[];
  /** All others that are in a set several times. */
  readonly rest: readonly CopyGroup[];
}

/**
 * Settles copies. One that is trained with and tested on is tested on only. One that is in several classes has no label, as
 * nobody knows which is right; in the test set it is left out.
 *
 * @param how In which way they are the same, as the end of a sentence: `"byte by byte"`.
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

/** Classes of the pictures of a set that are copies. */
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
      } both in ${test} and in the training set, ${how}: the test error would be too low, ` +
      "so these copies are left out of training",
    ],
    [testConflicts, `${pictures(testConflicts)} in several classes of ${test}, ${how}, and not tested on`],
    [conflicts, `${pictures(conflicts)} in several classes, ${how}, and left without a label`],
    [
      rest,
      `${counted(surplus, "picture")} ${
        surplus === 1 ? "is a copy of another" : "are copies of others"
      }, ${how}`,
    ],
  ];
  return notes.filter(([groups]) => groups.length > 0).map(([groups, note]) => `${note}: ${listOf(groups)}`);
}

/** Groups that are listed. */
const LISTED = 5;

function listOf(groups: readonly CopyGroup[]): string {
  const rest = groups.length - LISTED;
  return groups.slice(0, LISTED).map((group) => group.map(shownName).join(" = ")).join(", ") +
    (rest > 0 ? ` and ${rest} more` : "");
}
