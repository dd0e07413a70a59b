/**
 * Runs the self-check at intervals: reads what the training steps observed, measures the weights, and makes
 * records.
 * @module
 */
import { smallestOf } from "../../nn/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";
import { type Observation, type ObservedSums, readAndResetSums } from "./observation.ts";
import type { DiagnosticsRecord } from "../training/records.ts";
import type { Measurements } from "./measurements.ts";
import { SelfCheck } from "./self_check.ts";
import { minSteps, type SelfCheckSettings } from "./rules.ts";
import { type WeightDistances, WeightWatch } from "./weight_watch.ts";

/** Parts of {@linkcode Diagnostics}. */
export interface DiagnosticsParts {
  readonly device: Device;
  readonly algorithm: Algorithm;
  readonly observation: Observation;
  readonly settings: SelfCheckSettings;
}

/** Produces the records of the self-check. */
export class Diagnostics {
  readonly #device: Device;
  readonly #observation: Observation;
  readonly #batchSize: number;
  readonly #stepsPerEpoch: number;
  readonly #weights: WeightWatch;
  readonly #check: SelfCheck;
  #recentSums: readonly ObservedSums[] = [];
  #lastStep = 0;

  /** Starts without any observations. */
  constructor({ device, algorithm, observation, settings }: DiagnosticsParts) {
    this.#device = device;
    this.#observation = observation;
    this.#batchSize = observation.batchSize;
    this.#stepsPerEpoch = settings.stepsPerEpoch;
    this.#weights = new WeightWatch(algorithm);
    this.#check = new SelfCheck(settings);
  }

  /** Measures the weights that a run starts or resumes with. @throws {GpuError} if the GPU failed. */
  async begin(step: number): Promise<void> {
    await this.#measure(step);
    this.#recentSums = [];
  }

  /**
   * Returns a record of the steps since the last one.
   * @param step Completed steps; more than at the last measurement.
   * @throws {GpuError} if the GPU failed.
   */
  async record(step: number): Promise<DiagnosticsRecord> {
    const stepCount = step - this.#lastStep;
    const weights = await this.#measure(step);
    const { consistencyReach, isNoisy } = this.#observation;
    const { teacherDistance, studentMovement } = weights;
    const observed: Measurements = {
      step,
      epoch: step / this.#stepsPerEpoch,
      ...meansOf(this.#recentSums, this.#batchSize),
      consistencyReach,
      isNoisy,
      teacherDistance,
      teacherMovement: weights.teacherMovement,
      studentMovement,
      teacherLag: studentMovement > 0 ? teacherDistance / (studentMovement / stepCount) : null,
    };
    return { kind: "diagnostics", ...observed, warnings: this.#check.check(observed) };
  }

  async #measure(step: number): Promise<WeightDistances> {
    const { sums, others } = await readAndResetSums(
      this.#device,
      this.#observation,
      step - this.#lastStep,
      this.#weights.variables,
    );
    this.#lastStep = step;
    this.#recentSums = latestSums([sums, ...this.#recentSums]);
    return this.#weights.measure(others);
  }
}

/** Returns the latest sums that cover at least `minSteps` steps, or all sums if they cover fewer. */
function latestSums(latestFirst: readonly ObservedSums[]): ObservedSums[] {
  let steps = 0;
  return latestFirst.filter((sums) => {
    const isNeeded = steps < minSteps;
    steps += sums.steps;
    return isNeeded;
  });
}

/** Computes means over all steps of several sums. */
function meansOf(all: readonly ObservedSums[], batchSize: number) {
  const total = (of: (sums: ObservedSums) => number) => all.reduce((sum, each) => sum + of(each), 0);
  const steps = total((sums) => sums.steps);
  const perClass = (name: keyof ObservedSums["perClass"]) =>
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    all.map((sums) => sums.perClass[name]).reduce((sum, more) => sum.map((value, c) => value + more[c]!));
  const sumOf = (name: keyof ObservedSums["perClass"]) =>
    perClass(name).reduce((sum, value) => sum + value, 0);
  const sharesOf = (name: keyof ObservedSums["perClass"]) => {
    const counts = perClass(name), whole = sumOf(name);
    return counts.map((count) => whole > 0 ? count / whole : 0);
  };
  return {
    steps,
    consistencyCost: total((sums) => sums.consistencyCost) / steps,
    consistencyGradient: sumOf("consistencyGradient") / steps,
    classificationGradient: sumOf("classificationGradient") / steps,
    viewDifference: total((sums) => sums.viewDifference) / steps,
    labeledPerBatch: sumOf("labels") / steps,
    fewestLabeled: smallestOf(all.map((sums) => sums.fewestLabeled)),
    labeledClasses: perClass("labels").filter((count) => count > 0).length,
    labelClasses: sharesOf("labels"),
    teacherClasses: sharesOf("predictions"),
    labeledTeacherClasses: sharesOf("labeledPredictions"),
    agreement: sumOf("agreements") / (steps * batchSize),
    gap: sumOf("gap") / 2 / (steps * batchSize),
  };
}
