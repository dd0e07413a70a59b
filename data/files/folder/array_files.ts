/** Arrays of images and labels in a user's folder, in NumPy's or MNIST's idx format. */

import {
  type ChannelOrder,
  concatenateBytes,
  convertToPlanes,
  counted,
  findPixelRanges,
  type Planes,
  type RawArray,
  readArrayLabels,
  shownName,
  someOf,
  sortClasses,
} from "../../internal.ts";
import { exampleName, type ImageSet, NO_LABEL } from "../../mod.ts";
import { rolesByName } from "./array_names.ts";
import { type ArraySource, rolesByShape } from "./array_sources.ts";
import type { Labelling } from "./class_folders.ts";

/** Options for reading arrays. */
export interface ReadArraysOptions {
  /** Position of the channel axis (default: derived from the sizes). */
  readonly channels?: ChannelOrder | undefined;
  /** Signal that aborts reading. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads arrays of images ({@linkcode convertToPlanes}) and of labels ({@linkcode readArrayLabels}). Their
 * names distinguish images from labels; if the names of two arrays are uninformative, their shapes do.
 *
 * @param directory Name of their folder or archive, for errors.
 * @throws {SyntaxError} naming the file that is damaged or of another shape, or two files that do not match.
 * @throws {RangeError} naming the file and the first value that is out of range.
 */
export async function readArrays(
  sources: readonly ArraySource[],
  directory: string,
  { channels, signal }: ReadArraysOptions = {},
): Promise<Labelling<ImageSet>> {
  const byName = rolesByName(sources, directory);
  const roles = byName ?? await rolesByShape(sources, signal);
  if (!roles) throw unknownRolesError(sources, directory);
  const { train, test, unlabeled } = roles;
  const readRaw = async ({ name, read }: ArraySource) => ({ array: await read(signal), source: name });
  const rawTrain = await readRaw(train.images);
  const rawMore = unlabeled && await readRaw(unlabeled);
  const rawTest = test && await readRaw(test.images);
  const ranges = findPixelRanges([rawTrain, rawMore, rawTest].filter((each) => each !== undefined));
  const planes = ({ array, source }: NamedRaw): NamedPlanes => ({
    ...convertToPlanes(array, source, { range: ranges.get(array.dtype) ?? 255, channels }),
    source,
  });
  const missingNotes: string[] = [];
  const labeled = async (raw: NamedRaw, { name, read }: ArraySource): Promise<LabeledPlanes> => {
    const array = await read(signal), images = planes(raw);
    const labels = readArrayLabels(array, name);
    checkPair(images, labels.length, name);
    missingNotes.push(...describeMissingTexts(array, labels, name));
    return { ...images, labels, labelSource: name };
  };
  const parts: Parts = {
    train: await labeled(rawTrain, train.labels),
    more: rawMore ? [planes(rawMore)] : [],
    test: test && rawTest && await labeled(rawTest, test.labels),
  };
  const used = [train.images, train.labels, test?.images, test?.labels, unlabeled].map((each) => each?.name);
  const others = sources.map(({ name }) => name).filter((name) => !used.includes(name));
  const notes = [
    ...new Set(sources.flatMap((source) => source.notes?.() ?? [])),
    ...describeDigits(ranges, train.images.name),
    ...missingNotes,
    ...(byName
      ? []
      : [`by their shapes, ${train.images.name} is taken as images and ${train.labels.name} as labels`]),
    ...(others.length === 0 ? [] : [`${someOf(others)} ${others.length === 1 ? "is" : "are"} ignored`]),
  ];
  return { ...assemble(parts, directory), notes };
}

/** Describes the range of UCI's digits, if images have it. */
function describeDigits(ranges: ReadonlyMap<string, number>, source: string): string[] {
  return [...ranges.values()].includes(16)
    ? [`values of ${source} range from 0 to 16, as in the digits of UCI, and are scaled to 0 to 255`]
    : [];
}

/** Describes texts that mean unlabelled, if there are any. */
function describeMissingTexts(
  { values }: RawArray,
  labels: readonly (string | undefined)[],
  source: string,
): string[] {
  if (!Array.isArray(values)) return [];
  const missing = values.filter((_, i) => labels[i] === undefined).map((text) => text.trim() || "empty");
  if (missing.length === 0) return [];
  return [
    `${counted(missing.length, "text")} of ${source} ${missing.length === 1 ? "means" : "mean"} "no label": ${
      someOf([...new Set(missing)])
    }`,
  ];
}

/** An array with its name for messages. */
interface NamedRaw {
  readonly array: RawArray;
  readonly source: string;
}

/** Creates the error for arrays that cannot be identified as images and labels. */
function unknownRolesError(sources: readonly ArraySource[], directory: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory}: it must contain arrays of images and labels, such as images.npy and labels.npy, ` +
      `x_train and y_train in an .npz, or a table of pixels with a column label, but it contains ${
        someOf(sources.map(({ name }) => name))
      }`,
  );
}

/** Images with the name of their array. */
type NamedPlanes = Planes & { readonly source: string };
type LabeledPlanes = NamedPlanes & {
  /** Class name of each image, `undefined` if unlabelled. */
  readonly labels: readonly (string | undefined)[];
  readonly labelSource: string;
};

interface Parts {
  readonly train: LabeledPlanes;
  /** Unlabelled images. */
  readonly more: readonly NamedPlanes[];
  readonly test: LabeledPlanes | undefined;
}

function assemble({ train, more, test }: Parts, directory: string): Omit<Labelling<ImageSet>, "notes"> {
  const classes = sortClasses(train.labels.filter((each) => each !== undefined));
  if (classes.length < 2) {
    throw new RangeError(
      `Cannot use ${directory}: at least two classes are needed, but ${train.labelSource} has ${
        classes.length === 0 ? "no labels" : `only ${classes.map(shownName).join()}`
      }`,
    );
  }
  const all = [train, ...more], others = test ? [...more, test] : more;
  checkShapes(train, others);
  const channels = train.isGrey && others.every(({ isGrey }) => isGrey) ? 1 : 3;
  const imageShape = [channels, ...train.shape] as const;
  const labels = new Int32Array(all.reduce((sum, { count }) => sum + count, 0)).fill(NO_LABEL);
  labels.set(indicesOf(train, classes));
  return {
    classes,
    origin: `arrays: ${train.source} with ${train.labelSource}${
      more.map(({ count, source }) => `, and ${counted(count, "image")} of ${source}`).join("")
    }`,
    train: {
      images: more.length === 0
        ? train.take(channels)
        : concatenateBytes(all.map((each) => each.take(channels))),
      labels,
      imageShape,
      names: Array.from(labels.keys(), exampleName),
    },
    test: test
      ? {
        name: test.source,
        examples: {
          images: test.take(channels),
          labels: indicesOf(test, classes, train.labelSource),
          imageShape,
        },
      }
      : null,
  };
}

/**
 * Converts labels to class indices.
 *
 * @throws {RangeError} when a label is not among those of the array `known`.
 */
function indicesOf(
  { labels, labelSource }: LabeledPlanes,
  classes: readonly string[],
  known = labelSource,
): Int32Array {
  const indices = new Map(classes.map((name, i) => [name, i]));
  return Int32Array.from(labels, (label) => {
    const index = label === undefined ? NO_LABEL : indices.get(label);
    if (index !== undefined) return index;
    throw new RangeError(
      `Cannot use ${labelSource}: its label ${shownName(label ?? "")} does not occur in ${known}`,
    );
  });
}

/** Checks shapes. @throws {SyntaxError} when images have another shape than the training images. */
function checkShapes(train: NamedPlanes, others: readonly NamedPlanes[]): void {
  for (const { shape, source } of others) {
    if (`${shape}` === `${train.shape}`) continue;
    throw new SyntaxError(
      `Cannot use ${source} with ${train.source}: all images must have one shape, but they are ${
        shape.join("×")
      } and ${train.shape.join("×")}`,
    );
  }
}

/** Checks numbers. @throws {SyntaxError} when the numbers of images and labels differ. */
function checkPair({ count, source }: NamedPlanes, labelCount: number, labelSource: string): void {
  if (count === labelCount) return;
  throw new SyntaxError(
    `Cannot use ${source} with ${labelSource}: there are ${counted(count, "image")}, but ${
      counted(labelCount, "label")
    }`,
  );
}
