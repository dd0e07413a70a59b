/**
 * Observation of every training step, for the self-check: sums computed on the device together with the step.
 * @module
 */
import {
  abs,
  add,
  argmax,
  concat,
  constant,
  type Device,
  grad,
  greater,
  type HostArray,
  minimum,
  mul,
  oneHot,
  reshape,
  sizeOf,
  slice,
  softmax,
  sub,
  sum,
  sums,
  type Tensor,
  type Update,
  type Variable,
  variable,
} from "../../kernels/mod.ts";
import type { ForwardContext } from "../../nn/mod.ts";
import type { Algorithm, ComparedTensors, StepResult } from "../algorithm.ts";
import { partOfCost, sumOverBatch } from "../distributed/shared_step.ts";
import { recordOf } from "../record_of.ts";

/** Names of the sums over examples that are kept for each class, in the order of the table's rows. */
const perClass = [
  "consistencyGradient",
  "classificationGradient",
  "gap",
  "predictions",
  "labeledPredictions",
  "labels",
  "agreements",
] as const;

/** Sums over steps. */
export interface ObservedSums {
  /** Number of steps summed over. */
  readonly steps: number;
  /** Sums over steps and examples, for each class. */
  readonly perClass: Readonly<Record<(typeof perClass)[number], readonly number[]>>;
  /** Sum over steps of the views' mean absolute difference. */
  readonly viewDifference: number;
  /** Sum over steps of the weighted consistency cost. */
  readonly consistencyCost: number;
  /** Smallest number of labelled examples in any of the steps; Infinity before the first step. */
  readonly fewestLabeled: number;
}

/** Properties of a step's graph, independent of its values. */
export interface StepStructure {
  /** Share of the student's parameters whose update depends on the target's logits, 0 to 1. */
  readonly consistencyReach: number;
  /**
   * True if student or target use random numbers between views and logits: dropout, noise, random branches.
   */
  readonly isNoisy: boolean;
}

/** Observation of a step, on the device. */
export interface Observation extends StepStructure {
  /** Number of examples in a batch. */
  readonly batchSize: number;
  /** Variables that hold the sums. */
  readonly variables: readonly [table: Variable, scalars: Variable, fewest: Variable];
  /** New values of the variables after the step. */
  readonly updates: readonly Update[];
}

/** Initial value of the smallest number of labelled examples; larger than any batch. */
const noStepYet = 2 ** 30;

/**
 * Builds the observation of a step. No cost or gradient of the step itself depends on it. If processes share the
 * batch, the costs are the parts of this one.
 */
export function observe(
  { student }: Algorithm,
  { costs, compared, updates }: StepResult,
  context: ForwardContext,
): Observation {
  const { labels, targetLogits } = compared;
  const [batchSize, classCount] = targetLogits.shape as readonly [number, number];
  const table = variable([perClass.length, classCount], new Float32Array(perClass.length * classCount), {
    name: "observed_classes",
  });
  const scalars = variable([2], [0, 0], { name: "observed_scalars" });
  const fewest = variable([1], [noStepYet], { name: "observed_fewest_labels" });
  const isLabeled = greater(labels, -1);
  const { classification, consistency = constant(0) } = costs;
  const [consistencyGradient] = grad(consistency, [compared.consistencyLogits]);
  const [classificationGradient] = grad(classification, [compared.logits]);
  const predicted = oneHot(argmax(targetLogits, 1), classCount);
  const terms: Readonly<Record<(typeof perClass)[number], Tensor>> = {
    consistencyGradient: abs(consistencyGradient),
    classificationGradient: abs(classificationGradient),
    gap: abs(sub(softmax(compared.consistencyLogits), softmax(targetLogits))),
    predictions: predicted,
    labeledPredictions: mul(predicted, reshape(isLabeled, [batchSize, 1])),
    labels: oneHot(labels, classCount),
    agreements: mul(predicted, oneHot(argmax(compared.logits, 1), classCount)),
  };
  const observed = sumOverBatch(concat(sums(perClass.map((name) => terms[name]), [0]), 0), context);
  const difference = partOfCost(viewDifference(compared), context);
  const both = sumOverBatch(
    concat([difference, consistency].map((scalar) => reshape(scalar, [1])), 0),
    context,
  );
  const labeledCount = sumOverBatch(reshape(sum(isLabeled), [1]), context);
  const parameters = Object.values(student.parameters);
  return {
    batchSize: context.shared?.share.whole ?? batchSize,
    variables: [table, scalars, fewest],
    updates: [
      [table, add(table, observed)],
      [scalars, add(scalars, both)],
      [fewest, minimum(fewest, labeledCount)],
    ],
    consistencyReach: reachOf(parameters, updates, targetLogits),
    isNoisy: isNoisy(compared, context),
  };
}

/** Number of pixels of a view that are compared, at least one image: enough to detect equality, and cheap. */
const comparedPixels = 2 ** 14;

/** Computes `mean |view − other view|` over the first images of the batch. */
function viewDifference({ views }: ComparedTensors): Tensor {
  const [count = 0, ...image] = views[0].shape;
  const length = Math.min(count, Math.max(1, Math.floor(comparedPixels / sizeOf(image))));
  const first = (view: Tensor) => slice(view, view.shape.map(() => 0), [length, ...image]);
  return mul(sum(abs(sub(first(views[0]), first(views[1])))), 1 / (length * sizeOf(image)));
}

/** Computes the share of parameters whose new values depend on the target. */
function reachOf(parameters: readonly Variable[], updates: readonly Update[], target: Tensor): number {
  const values = new Map<Tensor, Tensor>(updates);
  // The condition under which an update is skipped does not count, as it depends on all gradients.
  const next = parameters.flatMap((parameter) => values.get(parameter) ?? [])
    .map((value) => value.op.name === "where" ? value.inputs[1] ?? value : value);
  const reached = findDependents(next, [target]);
  return next.filter((value) => reached.has(value)).length / parameters.length;
}

function isNoisy(
  { views, consistencyLogits, targetLogits }: ComparedTensors,
  { key }: ForwardContext,
): boolean {
  const roots = [consistencyLogits, targetLogits];
  const random = findDependents(roots, [key.seed, key.step], views);
  return roots.some((root) => random.has(root));
}

/** Finds the nodes that depend on `sources` among the ancestors of `roots`; ancestors of `ends` are skipped. */
function findDependents(
  roots: readonly Tensor[],
  sources: readonly Tensor[],
  ends: readonly Tensor[] = [],
): ReadonlySet<Tensor> {
  const seen = new Set<Tensor>(roots), stack = [...roots], stop = new Set(ends);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (stop.has(node)) continue;
    for (const input of node.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      stack.push(input);
    }
  }
  const found = new Set<Tensor>(sources);
  // Inputs have smaller ids than the nodes that use them, so this order visits inputs first.
  for (const node of [...seen].sort((a, b) => a.id - b.id)) {
    if (!stop.has(node) && node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}

/** Reads the sums of an observation and other variables in one transfer, and resets the sums. */
export async function readAndResetSums(
  device: Device,
  { variables }: Observation,
  steps: number,
  others: readonly Variable[],
): Promise<{ readonly sums: ObservedSums; readonly others: readonly HostArray[] }> {
  const [table, scalars, fewest, ...rest] = await device.read([...variables, ...others]);
  for (const each of variables) device.write(each, each.initial);
  const classCount = table.length / perClass.length;
  const [viewDifference = NaN, consistencyCost = NaN] = scalars, [fewestLabeled = noStepYet] = fewest;
  return {
    sums: {
      steps,
      perClass: recordOf(perClass, (_, i) => [...table.subarray(i * classCount, (i + 1) * classCount)]),
      viewDifference,
      consistencyCost,
      fewestLabeled: fewestLabeled === noStepYet ? Infinity : fewestLabeled,
    },
    others: rest,
  };
}
