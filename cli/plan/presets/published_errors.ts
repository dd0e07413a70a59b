/**
 * Published errors of the runs in presets.
 * @module
 */
import { paper } from "./lines.ts";

/** Definition of an error: the class is not the likeliest, or not among the five likeliest. */
export type Measure = "top-1" | "top-5";

/** A published result: mean and standard deviation of the error in per cent. */
export interface PublishedError {
  /** Mean over runs. */
  readonly mean: number;
  /** Standard deviation over runs. */
  readonly standardDeviation: number;
  /** Definition of an error. */
  readonly measure: Measure;
  /** Publication, with the table. */
  readonly source: string;
}

/** Creates a published top-1 error. */
export const createError = (mean: number, standardDeviation: number, source: string): PublishedError => ({
  mean,
  standardDeviation,
  measure: "top-1",
  source,
});
const svhnTable = `${paper}, table 1`, cifarTable = `${paper}, table 2`;
/** Source of the ResNets' errors. */
export const resnetTable: string = `${paper}, table 4`;
/**
 * Source of figures that are not verified: only Mean Teacher's for 250 and 1000 labels were compared with a
 * public copy.
 */
const unconfirmed = `${svhnTable}, from memory and not compared with the paper`;

/** Published errors of a run, of its supervised variant and of its Π-model variant. */
export type PublishedErrors = readonly [own: PublishedError, supervised: PublishedError, pi: PublishedError];

/** Errors on CIFAR-10 by number of labels. */
export const cifarConvnetErrors: Readonly<Record<number, PublishedErrors>> = {
  1000: [
    createError(21.55, 1.48, cifarTable),
    createError(46.43, 1.21, cifarTable),
    createError(27.36, 1.20, cifarTable),
  ],
  2000: [
    createError(15.73, 0.31, cifarTable),
    createError(33.94, 0.73, cifarTable),
    createError(18.02, 0.60, cifarTable),
  ],
  4000: [
    createError(12.31, 0.28, cifarTable),
    createError(20.66, 0.57, cifarTable),
    createError(13.20, 0.27, cifarTable),
  ],
};
/** Errors on SVHN by number of labels. */
export const svhnConvnetErrors: Readonly<Record<number, PublishedErrors>> = {
  250: [
    createError(4.35, 0.50, svhnTable),
    createError(27.77, 3.18, unconfirmed),
    createError(9.69, 0.92, unconfirmed),
  ],
  500: [
    createError(4.18, 0.27, unconfirmed),
    createError(16.88, 1.30, unconfirmed),
    createError(6.83, 0.66, unconfirmed),
  ],
  1000: [
    createError(3.95, 0.19, svhnTable),
    createError(12.32, 0.95, unconfirmed),
    createError(4.95, 0.26, unconfirmed),
  ],
};
