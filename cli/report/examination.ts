/**
 * Examination of a run's training pictures: labels, unlabelled pictures and views.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { Model } from "../../nn/mod.ts";
import { type Checkpoint, modelOf, watchCheckpoint } from "../../semisup/mod.ts";
import { type LabelReview, reviewLabels } from "../pictures/label_review.ts";
import { hasPicturesOf } from "../plan/about_data.ts";
import { preprocessDataset } from "../plan/inputs.ts";
import { printNote } from "../terminal/output.ts";
import { recomputeWhitening } from "../weights/open_model.ts";
import { classifyUnlabelled, type UnlabelledReview } from "./unlabelled.ts";
import { type ViewedPicture, viewedPictures } from "./views.ts";

/** Results of the examination of training pictures; null for parts that were not asked for, or have no pictures. */
export interface Examination {
  readonly review: LabelReview | null;
  readonly unlabelled: UnlabelledReview | null;
  readonly views: readonly ViewedPicture[] | null;
}

/** An examination without results. */
export const noExamination: Examination = { review: null, unlabelled: null, views: null };

/** Numbers of pictures to show; a part with 0 is left out. */
export interface ExaminationCounts {
  /** Maximum number of probable label errors, and of near-duplicates. */
  readonly review: number;
  /** Maximum number of surest unlabelled pictures, of least sure ones, and of views. */
  readonly pictures: number;
}

/**
 * Examines the training pictures of a run with the weights of a checkpoint.
 * @param source Path of the checkpoint.
 * @param temperature Temperature of the run's model file; 1 if it has none.
 */
export async function examinePictures(
  { source, checkpoint, dataset, temperature, counts, device: request }: {
    readonly source: string;
    readonly checkpoint: Checkpoint;
    readonly dataset: Dataset;
    readonly temperature: number;
    readonly counts: ExaminationCounts;
    readonly device: () => Promise<Device>;
  },
): Promise<Examination> {
  if (counts.review === 0 && counts.pictures === 0) return noExamination;
  if (!hasPicturesOf(checkpoint, dataset)) {
    printNote(`The pictures of ${source} are not examined: its training pictures have changed since`);
    return noExamination;
  }
  const device = await request(), { labels } = checkpoint;
  const whitening = await recomputeWhitening(checkpoint, device, dataset);
  const contents = modelOf(checkpoint, { source, temperature, ...(whitening && { whitening }) });
  using model = await Model.create(contents, { device }, source);
  return {
    review: counts.review === 0 ? null : await reviewLabels({ model, dataset, labels, count: counts.review }),
    ...(counts.pictures === 0 ? { unlabelled: null, views: null } : {
      unlabelled: await classifyUnlabelled({ model, dataset, labels, count: counts.pictures }),
      views: await readViews(device, checkpoint, dataset, counts.pictures),
    }),
  };
}

/** Returns views of the last step; null if the run took none, or a custom function created its views. */
async function readViews(
  device: Device,
  checkpoint: Checkpoint,
  dataset: Dataset,
  count: number,
): Promise<ViewedPicture[] | null> {
  const { step, labels, options, classes, custom } = checkpoint;
  if (step === 0 || custom.length > 0) return null;
  const { train, ...rest } = await preprocessDataset(dataset, options.normalize, { device });
  const data = { ...rest, train: { ...train, labels } };
  using watch = await watchCheckpoint(device, data, checkpoint, count);
  const views = await watch.views(step - 1);
  return viewedPictures(views, { options, names: train.names, labels, classCount: classes.length });
}
