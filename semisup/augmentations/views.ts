/**
 * Views of a run: what its options and its caller's augmentations make of a batch.
 * @module
 */
import {
  type Augmentation,
  type ImageBatch,
  type RandomKey,
  randomView,
  type Tensor,
  type ViewOptions,
  viewShape,
} from "../../kernels/mod.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import { findAugmentation } from "./mod.ts";

/** Kind of a view: with the usual random changes, or with strong ones. */
export type ViewName = "weak" | "strong";

/** Custom augmentations of a run. */
export interface Augmentations {
  /** Augmentation of weak views; if absent, option `weakAugment` chooses it. */
  readonly weak?: Augmentation;
  /** Augmentation of strong views; if absent, option `strongAugment` chooses it. */
  readonly strong?: Augmentation;
}

/** Random numbers of a step. */
export interface RandomSource {
  /** Source of random numbers. */
  readonly key: RandomKey;
  /** Returns an unused stream of random numbers. */
  nextStream(): number;
}

/** Creates a view `[N, C, H, W]` of a batch, normalised. */
export type ViewMaker = (batch: ImageBatch, random: RandomSource) => Tensor;

/** Functions that create the views of a run. */
export type ViewMakers = Readonly<Record<ViewName, ViewMaker>>;

/** Augmentation of strong views if nothing chooses another. */
const usualStrong = "randaugment";

/** Values of options under which images are not augmented. */
export const withoutAugmentation = {
  translate: 0,
  rotate: 0,
  flip: false,
} as const satisfies Partial<TrainingOptions>;

/** Returns custom augmentations by kind of view; a single function is used for all views. */
export function augmentationsOf(custom: Augmentation | Augmentations | undefined): Augmentations {
  return typeof custom === "function" ? { weak: custom, strong: custom } : custom ?? {};
}

/**
 * Returns the functions that create the views of a run. All views have the random changes of the options;
 * then weak views go through the weak augmentation and strong views through the strong one, and pixels are
 * normalised.
 * @param view Options of views, with the statistics of the training set.
 * @throws {RangeError} if an augmentation of the options needs values in [0, 1], but images are preprocessed.
 */
export function createViewMakers(
  options: TrainingOptions,
  view: ViewOptions,
  custom: Augmentations,
): ViewMakers {
  const { mean = [0.5] } = view;
  const facts = {
    options,
    imageShape: viewShape(view),
    fill: mean.reduce((sum, value) => sum + value, 0) / mean.length,
  };
  const named = (name: string) => {
    const augmentation = findAugmentation(name);
    if (augmentation && options.normalize !== "channel") {
      throw new RangeError(
        `Cannot apply ${augmentation.title}: pixels must be in [0, 1], but they are preprocessed with normalize ${options.normalize}`,
      );
    }
    return augmentation?.create(facts);
  };
  const makerOf = (further: Augmentation | undefined): ViewMaker => (batch, { key, nextStream }) =>
    randomView(batch, key, nextStream, view, further);
  return {
    weak: makerOf(custom.weak ?? named(options.weakAugment)),
    // Methods without strong views need no check of the usual strong augmentation, so it is created in the step.
    strong: (batch, random) =>
      makerOf(custom.strong ?? named(options.strongAugment ?? usualStrong))(batch, random),
  };
}

/**
 * Returns the kinds of views of student and target: those that the method wants, else a strong view for the
 * student if a strong augmentation is chosen.
 */
export function viewsOf(
  { strongAugment }: TrainingOptions,
  custom: Augmentations,
  wanted: readonly [student: ViewName, target: ViewName] | undefined,
): readonly [student: ViewName, target: ViewName] {
  if (wanted) return wanted;
  return [strongAugment === null && !custom.strong ? "weak" : "strong", "weak"];
}
