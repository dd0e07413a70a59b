/** Arrays in a user's folder: images and labels as NumPy or MNIST's idx format hold them. */

import {
  type ChannelOrder,
  concatenateBytes,
  counted,
  exampleName,
  type ImageSet,
  labelsOfArray,
  NO_LABEL,
  pixelRangesOf,
  type Planes,
  planesOf,
  type RawArray,
  shownName,
  someOf,
  sortedClasses,
} from "../../mod.ts";
import { rolesByName } from "./array_names.ts";
import { type ArraySource, rolesByShape } from "./array_sources.ts";
import type { Labelling } from "./class_folders.ts";

/** How arrays are read. */
export interface ReadArraysOptions {
  /** Where channels are among the axes (default: where sizes say that they can be). */
  readonly channels?: ChannelOrder | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads arrays of images, as {@linkcode planesOf} takes them, and of labels, as {@linkcode labelsOfArray} does. Which are
 * which is told by their names; of two arrays by their shapes where names say nothing.
 *
 * @param directory What they lie in, for errors.
 * @throws {SyntaxError} naming the file that is damaged or of another shape, or the two that do not fit together.
 * @throws {RangeError} naming the file and the first value that is out of range.
 */
export async function readArrays(
  sources: readonly ArraySource[],
  directory: string,
  { channels, signal }: ReadArraysOptions = {},
): Promise<Labelling<ImageSet>> {
  const byName = rolesByName(sources, directory);
  const roles = byName ?? await rolesByShape(sources, signal);
  if (!roles) throw unknownRoles(sources, directory);
  const { train, test, unlabeled } = roles;
  const readRaw = async ({ name, read }: ArraySource) => ({ array: await read(signal), source: name });
  const rawTrain = await readRaw(train.images);
  const rawMore = unlabeled && await readRaw(unlabeled);
  const rawTest = test && await readRaw(test.images);
  const ranges = pixelRangesOf([rawTrain, rawMore, rawTest].filter((each) => each !== undefined));
  const planes = ({ array, source }: NamedRaw): NamedPlanes => ({
    ...planesOf(array, source, { range: ranges.get(array.dtype) ?? 255, channels }),
    source,
  });
  const withoutLabel: string[] = [];
  const labeled = async (raw: NamedRaw, { name, read }: ArraySource): Promise<LabeledPlanes> => {
    const array = await read(signal), images = planes(raw);
    const labels = labelsOfArray(array, name);
    checkPair(images, labels.length, name);
    withoutLabel.push(...textsWithoutLabel(array, labels, name));
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
    ...withoutLabel,
    ...(byName
      ? []
      : [`${train.images.name} is taken for images and ${train.labels.name} for labels, by their shapes`]),
    ...(others.length === 0 ? [] : [`${someOf(others)} ${others.length === 1 ? "is" : "are"} left alone`]),
  ];
  return { ...assemble(parts, directory), notes };
}

/** A sentence on texts that stand for no label, where there are any. */
function textsWithoutLabel(
  { values }: RawArray,
  labels: readonly (string | undefined)[],
  source: string,
): string[] {
  if (!Array.isArray(values)) return [];
  const missing = values.filter((_, i) => labels[i] === undefined).map((text) => text.trim() || "empty");
  if (missing.length === 0) return [];
  return [
    `${counted(missing.length, "text")} of ${source} ${missing.length === 1 ? "gives" : "give"} no label: ${
      someOf([...new Set(missing)])
    }`,
  ];
}

/** An array, and what it is called. */
interface NamedRaw {
  readonly array: RawArray;
  readonly source: string;
}

/** @returns the error for arrays of which neither names nor shapes tell which are images and which labels. */
function unknownRoles(sources: readonly ArraySource[], directory: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory} as its arrays must be images and labels, such as images.npy and labels.npy, or ` +
      `x_train and y_train in an .npz: it has ${someOf(sources.map(({ name }) => name))}`,
  );
}

/** Images, and the array that they are of. */
type NamedPlanes = Planes & { readonly source: string };
type LabeledPlanes = NamedPlanes & {
  /** The class of each by its name, `undefined` where there is no label. */
  readonly labels: readonly (string | undefined)[];
  readonly labelSource: string;
};

interface Parts {
  readonly train: LabeledPlanes;
  /** Without labels. */
  readonly more: readonly NamedPlanes[];
  readonly test: LabeledPlanes | undefined;
}

function assemble({ train, more, test }: Parts, directory: string): Omit<Labelling<ImageSet>, "notes"> {
  const classes = sortedClasses(train.labels.filter((each) => each !== undefined));
  if (classes.length < 2) {
    throw new RangeError(
      `Cannot use ${directory} as there must be two classes or more: ${train.labelSource} has ${
        classes.length === 0 ? "no label" : `only ${classes.map(shownName).join()}`
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
      images: concatenateBytes(all.map((each) => each.take(channels))),
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

/** Labels as indices of classes. @throws {RangeError} when one is none of them, which those of `known` are. */
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
      `Cannot use ${labelSource} as its labels must be among those of ${known}: ${
        shownName(label ?? "")
      } is not`,
    );
  });
}

/** @throws {SyntaxError} when images are of another shape than those to train with. */
function checkShapes(train: NamedPlanes, others: readonly NamedPlanes[]): void {
  for (const { shape, source } of others) {
    if (`${shape}` === `${train.shape}`) continue;
    throw new SyntaxError(
      `Cannot use ${source} with ${train.source} as images must be of one shape: they are ${
        shape.join("×")
      } and ${train.shape.join("×")}`,
    );
  }
}

/** @throws {SyntaxError} when there are not as many labels as images. */
function checkPair({ count, source }: NamedPlanes, labelCount: number, labelSource: string): void {
  if (count === labelCount) return;
  throw new SyntaxError(
    `Cannot use ${source} with ${labelSource} as there must be as many labels as images: there are ${
      counted(count, "image")
    } and ${counted(labelCount, "label")}`,
  );
}
