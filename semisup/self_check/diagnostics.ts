/**
 * Looks at a run now and then: takes what its steps have shown, and where its weights are.
 * @module
 */
import { smallestOf } from "../../nn/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";
import { type Observation, type ObservedSums, takeObservation } from "./observation.ts";
import type { DiagnosticsRecord } from "../records.ts";
import type { Observed } from "./observed.ts";
import { SelfCheck } from "./self_check.ts";
import { leastSteps, type SelfCheckSettings } from "./rules.ts";
import { type WeightLook, WeightWatch } from "./weight_watch.ts";

/** What to look at. */
export interface DiagnosticsParts {
  readonly device: Device;
  readonly algorithm: Algorithm;
  readonly observation: Observation;
  readonly settings: SelfCheckSettings;
}

/** Makes the records of the self-check. */
export class Diagnostics {
  readonly #device: Device;
  readonly #observation: Observation;
  readonly #batchSize: number;
  readonly #stepsPerEpoch: number;
  readonly #watch: WeightWatch;
  readonly #check: SelfCheck;
  #recent: readonly ObservedSums[] = [];
  #lastStep = 0;

  /** Puts the parts together. */
  constructor({ device, algorithm, observation, settings }: DiagnosticsParts) {
    this.#device = device;
    this.#observation = observation;
    this.#batchSize = observation.batchSize;
    this.#stepsPerEpoch = settings.stepsPerEpoch;
    this.#watch = new WeightWatch(algorithm);
    this.#check = new SelfCheck(settings);
  }

  /** Looks at the weights that the run begins with, or goes on from. @throws {GpuError} if the GPU failed. */
  async begin(step: number): Promise<void> {
    await this.#look(step);
    this.#recent = [];
  }

  /**
   * A record of the steps since the last one.
   * @param step Completed steps; more than at the last look.
   * @throws {GpuError} if the GPU failed.
   */
  async record(step: number): Promise<DiagnosticsRecord> {
    const passed = step - this.#lastStep;
    const weights = await this.#look(step);
    const { consistencyReach, isNoisy } = this.#observation;
    const { teacherDistance, studentMovement: moved } = weights;
    const observed: Observed = {
      step,
      epoch: step / this.#stepsPerEpoch,
      ...meansOf(this.#recent, this.#batchSize),
      consistencyReach,
      isNoisy,
      teacherDistance,
      teacherMovement: weights.teacherMovement,
      studentMovement: moved,
      teacherLag: moved > 0 ? teacherDistance / (moved / passed) : null,
    };
    return { kind: "diagnostics", ...observed, warnings: this.#check.check(observed) };
  }

  async #look(step: number): Promise<WeightLook> {
    const { sums, others } = await takeObservation(
      this.#device,
      this.#observation,
      step - this.#lastStep,
      this.#watch.variables,
    );
    this.#lastStep = step;
    this.#recent = enough([sums, ...this.#recent]);
    return this.#watch.look(others);
  }
}

/** The latest sums that together are of enough steps, or all. */
function enough(latestFirst: readonly ObservedSums[]): ObservedSums[] {
  let steps = 0;
  return latestFirst.filter((sums) => {
    const isNeeded = steps < leastSteps;
    steps += sums.steps;
    return isNeeded;
  });
}

/** What sums come to, together. */
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
