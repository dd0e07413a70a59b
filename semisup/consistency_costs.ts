/**
 * Consistency costs by name.
 * @module
 */
import type { Tensor } from "../kernels/mod.ts";
import { type ConsistencyCostOptions, consistencyTrust, softmaxKl, softmaxMse } from "./costs.ts";

/** Options passed to a consistency cost. */
export interface ConsistencyOptions extends ConsistencyCostOptions {
  /** The trust of {@linkcode consistencyTrust}; default 1. */
  readonly trust?: number;
}

/**
 * A cost of the difference between the logits `[N, C]` of student and teacher: a scalar, divided by N. Only
 * examples that count have a cost, and the teacher's logits get no gradient unless the options say otherwise.
 */
export type ConsistencyCost = (student: Tensor, teacher: Tensor, options?: ConsistencyOptions) => Tensor;

/** Consistency costs by name. */
export const consistencyCosts: {
  /** {@linkcode softmaxMse} */
  readonly mse: ConsistencyCost;
  /** {@linkcode softmaxKl} */
  readonly kl: ConsistencyCost;
  /** {@linkcode consistencyTrust} */
  readonly trust: ConsistencyCost;
} = {
  mse: softmaxMse,
  kl: softmaxKl,
  trust: (student, teacher, { trust = 1, ...options } = {}) =>
    consistencyTrust(student, teacher, trust, options),
};

/** Name of a consistency cost. */
export type ConsistencyType = keyof typeof consistencyCosts;
