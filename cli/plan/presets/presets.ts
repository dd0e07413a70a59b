/**
 * Presets: the published runs, and small ones, by name. Every hyperparameter has its source.
 * @module
 */
import {
  findMethod,
  knownMethods,
  type Method,
  supervisedBaseline,
  type TrainingOptions,
} from "../../../semisup/mod.ts";
import {
  cifarConvnet,
  cifarInput,
  cifarResnet,
  epochVersion,
  imagenet,
  type Lines,
  paper,
  quickConvnet,
  resnetPaper,
  smallConvnet,
  smallFashion,
  svhnConvnet,
  svhnInput,
} from "./lines.ts";
import {
  cifarConvnetErrors,
  createError,
  type Measure,
  type PublishedError,
  type PublishedErrors,
  resnetTable,
  svhnConvnetErrors,
} from "./published_errors.ts";

/** A named run. */
export interface Preset {
  /** Name, the value of `--preset`. */
  readonly name: string;
  /** Description in one line. */
  readonly summary: string;
  /** Name of the dataset. */
  readonly dataset: string;
  /** Number of classes; times `labelsPerClass` it gives the number of labels. */
  readonly classCount: number;
  /** Number of labels drawn per class. */
  readonly labelsPerClass: number;
  /** Values of all hyperparameters, with their sources. */
  readonly lines: Lines;
  /** Definition of an error in the published result of this preset or of its variants. */
  readonly measure: Measure;
  /** Published result, if any. */
  readonly published?: PublishedError;
}

/** A run with the published results of its supervised and Π-model variants. */
interface Family extends Omit<Preset, "measure"> {
  readonly publishedVariants?: { readonly supervised?: PublishedError; readonly pi?: PublishedError };
  /** Methods that have a variant; the Π model if absent. */
  readonly methods?: readonly Method[];
}

/** Creates the ConvNet runs of the paper's tables 1 and 2. */
function convnetFamilies(
  dataset: "cifar10" | "svhn",
  title: string,
  errors: Readonly<Record<number, PublishedErrors>>,
  linesOf: (labels: number) => Lines,
): Family[] {
  return Object.entries(errors).map(([labels, [published, supervised, pi]]) => ({
    name: `${dataset}-${labels}-convnet`,
    summary: `${title}, ${labels} labels, 13-layer ConvNet`,
    dataset,
    classCount: 10,
    labelsPerClass: Number(labels) / 10,
    lines: linesOf(Number(labels)),
    published,
    publishedVariants: { supervised, pi },
  }));
}

/** Creates the small runs of a dataset. @param counts Numbers of labels. */
function smallFamilies(
  dataset: string,
  title: string,
  counts: readonly number[],
  linesOf: (labels: number) => Lines,
): Family[] {
  return counts.map((labels) => ({
    name: `${dataset}-${labels}`,
    summary: `${title}, ${labels} labels, small ConvNet`,
    dataset,
    classCount: 10,
    labelsPerClass: labels / 10,
    lines: linesOf(labels),
    methods: otherMethods,
  }));
}

const piModel = findMethod("pi");
/** Methods that learn from unlabelled examples, other than that of the runs themselves. */
const otherMethods = knownMethods().filter(({ name, target }) => target !== null && name !== "mean-teacher");

const families: readonly Family[] = [
  {
    name: "cifar10-4000-resnet",
    summary: "CIFAR-10, 4000 labels, Shake-Shake ResNet-26",
    dataset: "cifar10",
    classCount: 10,
    labelsPerClass: 400,
    lines: {
      ...cifarResnet,
      epochs: [300, resnetPaper],
      learningRateRampdown: [350, resnetPaper],
      emaDecay: [0.99, epochVersion],
    },
    published: createError(6.28, 0.15, resnetTable),
  },
  {
    name: "cifar10-1000-resnet",
    summary: "CIFAR-10, 1000 labels, Shake-Shake ResNet-26",
    dataset: "cifar10",
    classCount: 10,
    labelsPerClass: 100,
    lines: {
      ...cifarResnet,
      epochs: [180, epochVersion],
      learningRateRampdown: [210, epochVersion],
      emaDecay: [0.97, epochVersion],
    },
    published: createError(10.08, 0.41, `${paper}, appendix A`),
  },
  {
    name: "imagenet-10pct-resnext152",
    summary: "ImageNet, a tenth of the labels, ResNeXt-152 32×4d",
    dataset: "folder",
    classCount: 1000,
    labelsPerClass: 128,
    lines: imagenet,
    published: { mean: 9.11, standardDeviation: 0.12, measure: "top-5", source: resnetTable },
    methods: [],
  },
  ...convnetFamilies("svhn", "SVHN", svhnConvnetErrors, () => svhnConvnet),
  ...convnetFamilies("cifar10", "CIFAR-10", cifarConvnetErrors, cifarConvnet),
  {
    name: "svhn-500-convnet-quick",
    summary: "SVHN, 500 labels, 13-layer ConvNet, short",
    dataset: "svhn",
    classCount: 10,
    labelsPerClass: 50,
    lines: { ...quickConvnet, ...svhnInput },
  },
  {
    name: "cifar10-4000-convnet-quick",
    summary: "CIFAR-10, 4000 labels, 13-layer ConvNet, short",
    dataset: "cifar10",
    classCount: 10,
    labelsPerClass: 400,
    lines: { ...quickConvnet, ...cifarInput },
  },
  ...smallFamilies("mnist", "MNIST", [20, 50, 100, 250], smallConvnet),
  ...smallFamilies("fashion-mnist", "Fashion-MNIST", [100, 1000], smallFashion),
];

/** Returns a run with its supervised variant and the variants of other methods. */
function withVariants({ publishedVariants = {}, methods = [piModel], ...family }: Family): Preset[] {
  const preset: Preset = { ...family, measure: family.published?.measure ?? "top-1" };
  const { published: _, ...unpublished } = preset;
  const variant = (
    suffix: string,
    method: string,
    lines: Lines,
    published: PublishedError | undefined,
  ): Preset => ({
    ...unpublished,
    name: `${preset.name}-${suffix}`,
    summary: `${preset.summary}: ${method}`,
    lines: { ...preset.lines, ...lines },
    ...(published && { published }),
  });
  const supervised = variant("supervised", "supervised", {
    excludeUnlabeled: [supervisedBaseline.excludeUnlabeled, `${paper}, supervised-only`],
    consistency: [supervisedBaseline.consistency, `${paper}, supervised-only`],
  }, publishedVariants.supervised);
  const others = methods.map(({ name, title, source, defaults = {} }) => {
    const lines = Object.entries({ algorithm: name, ...defaults }).map((
      [option, value],
    ) => [option, [value, source]]);
    const published = name === piModel.name ? publishedVariants.pi : undefined;
    return variant(name, title, Object.fromEntries(lines), published);
  });
  return [preset, supervised, ...others];
}

/** All presets. */
export const presets: readonly Preset[] = families.flatMap(withVariants);

/** Names of the presets in one line. Variants are named after their run, with a suffix. */
export const knownPresets: string = `${
  families.map(({ name }) => name).join(", ")
} (each also with the suffix -supervised and, except ImageNet, -pi; small ConvNets also with ${
  otherMethods.filter(({ name }) => name !== piModel.name).map(({ name }) => `-${name}`).join(", ")
})`;

/** Finds a preset by name. @throws {RangeError} naming the known ones if there is none. */
export function findPreset(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name);
  if (!preset) {
    throw new RangeError(`Unknown preset "${name}"; known presets: ${knownPresets}`);
  }
  return preset;
}

/** Returns the values of a preset without their sources. */
export function trainingOf({ lines }: Preset): Partial<TrainingOptions> {
  return Object.fromEntries(Object.entries(lines).map(([option, [value]]) => [option, value]));
}
