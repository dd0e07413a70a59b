/**
 * The classification cost that options choose.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import { sumAcross, type Variable, variable } from "../../kernels/mod.ts";
import { type ClassificationCost, classificationCost } from "../costs.ts";
import { classWeightsOf } from "./class_weights.ts";
import type { NameOf, TrainingOptions } from "./training_options.ts";

/** Place of the first sum over processes, beyond those of the networks' passes and their gradients. */
const firstSum = 2 ** 24;

/** The classification cost of a run. */
export interface ChosenClassification {
  readonly cost: ClassificationCost;
  /** Variables that the cost reads. */
  readonly variables: readonly Variable[];
  /** @throws {RangeError} if options change the cost, but the compiled step does not contain it. */
  checkUsed(): void;
}

/**
 * Returns the classification cost with the class weights and the label smoothing of options; without them, the
 * plain one.
 * @param isShared True if several processes share each batch.
 * @throws {RangeError} if the class weights do not fit the classes.
 */
export function chooseClassification(
  options: TrainingOptions,
  { train: { labels }, classes }: Pick<Dataset, "train" | "classes">,
  nameOf: NameOf = (option) => option,
  isShared = false,
): ChosenClassification {
  const { classWeights, labelSmoothing } = options;
  const weights = classWeights === null
    ? undefined
    : classWeightsOf(classWeights, labels, classes, nameOf("classWeights"));
  const tensor = weights && variable([weights.length], weights, { name: "class_weights" });
  const isPlain = !tensor && labelSmoothing === 0;
  let isUsed = false, sums = firstSum;
  return {
    cost: (logits, labels) => {
      isUsed = true;
      return classificationCost(logits, labels, {
        labelSmoothing,
        ...(tensor && { classWeights: tensor }),
        ...(isShared && { sumOverBatch: (x) => sumAcross(x, sums++) }),
      });
    },
    variables: tensor ? [tensor] : [],
    checkUsed() {
      if (isUsed || isPlain) return;
      throw new RangeError(
        `Cannot train with ${
          nameOf(tensor ? "classWeights" : "labelSmoothing")
        }: the algorithm computes its classification cost itself. Use classificationCost of its AlgorithmParts instead.`,
      );
    },
  };
}
