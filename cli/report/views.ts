/**
 * Augmented views of a run's last batch, as student and teacher see them.
 * @module
 */
import { exampleName, NO_LABEL } from "../../data/mod.ts";
import type { JudgedViews, TrainingOptions } from "../../semisup/mod.ts";
import { type Guess, guessOfLogits } from "../pictures/guess.ts";
import { viewBytes } from "../pictures/view_pixels.ts";
import { type Thumbnail, thumbnailOf } from "./thumbnail.ts";

/** An image of a batch in both views. */
export interface ViewedPicture {
  readonly name: string;
  /** Class index; null if the image has no label. */
  readonly label: number | null;
  /** View and prediction of the student. */
  readonly student: { readonly thumbnail: Thumbnail; readonly guess: Guess };
  /** View of the target, and the teacher's prediction for it. */
  readonly teacher: { readonly thumbnail: Thumbnail; readonly guess: Guess };
}

/** Returns the pictures of views, with the predictions of both networks. */
export function viewedPictures(
  views: JudgedViews,
  { options, names, labels, classCount }: {
    readonly options: Pick<TrainingOptions, "normalize">;
    readonly names: readonly string[] | undefined;
    readonly labels: Int32Array;
    readonly classCount: number;
  },
): ViewedPicture[] {
  const guessAt = (logits: Float32Array, i: number) =>
    guessOfLogits(logits.subarray(i * classCount, (i + 1) * classCount));
  return Array.from({ length: views.count }, (_, i) => {
    const index = views.indices[i] ?? -1, label = labels[index] ?? NO_LABEL;
    const thumbnail = (network: "student" | "target") =>
      thumbnailOf(viewBytes(views, network, i, options), views.imageShape);
    return {
      name: names?.[index] ?? exampleName(index),
      label: label === NO_LABEL ? null : label,
      student: { thumbnail: thumbnail("student"), guess: guessAt(views.studentLogits, i) },
      teacher: { thumbnail: thumbnail("target"), guess: guessAt(views.teacherLogits, i) },
    };
  });
}
