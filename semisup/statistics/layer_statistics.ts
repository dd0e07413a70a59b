/**
 * Statistics of layers in the training step.
 * @module
 */
import {
  cast,
  concat,
  type Device,
  div,
  equal,
  grad,
  mean,
  mul,
  reshape,
  sqrt,
  sub,
  type Tensor,
  type Update,
  type Variable,
  variable,
  vjp,
} from "../../kernels/mod.ts";
import { layersOf, type Module, recordLayerCalls } from "../../nn/mod.ts";
import type { StepResult } from "../algorithm.ts";

/** Statistics of the student's layer in a step. */
export interface LayerStatistics {
  /** Mean of the activations. */
  readonly mean: number;
  /** Standard deviation of the activations. */
  readonly standardDeviation: number;
  /** Share of the activations that are 0, as after ReLU. */
  readonly zeros: number;
  /** Root mean square of the gradient of the cost with respect to the activations. */
  readonly gradient: number;
}

/** Observed layers of a step. */
export interface LayerObservation {
  /** Names of the layers. */
  readonly names: readonly string[];
  /** Statistics of each layer in the last step, float32 `[4]`; each step replaces them. */
  readonly variables: readonly Variable[];
  /** New values of the variables. */
  readonly updates: readonly Update[];
}

/**
 * Builds a step that also computes statistics of layers; without names, just the step. Statistics are of a
 * layer's first call, the pass that is compared with the labels.
 * @param lossScale Factor of the cost whose gradients the step computes; undefined if there is none.
 * @throws {RangeError} if the network has no layer of a name, or the step does not call the layer.
 */
export function observeLayers(
  student: Module<unknown>,
  names: readonly string[],
  lossScale: Tensor | undefined,
  step: () => StepResult,
): { readonly result: StepResult; readonly layers: LayerObservation } {
  if (names.length === 0) return { result: step(), layers: { names, variables: [], updates: [] } };
  checkNames(student, names);
  const { result, calls } = recordLayerCalls(student, step);
  const activations = names.map((name) => {
    const [activation] = calls.find((call) => call.name === name)?.outputs ?? [];
    if (activation) return activation;
    throw new RangeError(`Cannot observe layer "${name}": the training step does not call it`);
  });
  const { cost } = result.costs;
  // The step's own gradients, so that they are computed once.
  const gradients = lossScale
    ? vjp(cost, lossScale, activations).map((each) => div(each, lossScale))
    : grad(cost, activations);
  const updates = activations.map((activation, i): Update => [
    variable([4], [0, 0, 0, 0], { name: `${names[i]}.statistics` }),
    describe(activation, gradients[i] ?? activation),
  ]);
  return { result, layers: { names, variables: updates.map(([variable]) => variable), updates } };
}

function checkNames(network: Module<unknown>, names: readonly string[]): void {
  const known = [...layersOf(network).values()].filter((name) => name !== "");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new RangeError(`Unknown layer "${unknown}"; the network's layers: ${known.join(", ")}`);
}

/** Returns the statistics `[4]` of an activation and its gradient, in the order of {@linkcode LayerStatistics}. */
function describe(activation: Tensor, gradient: Tensor): Tensor {
  const average = mean(activation), deviation = sub(activation, average);
  const statistics = [
    average,
    sqrt(mean(mul(deviation, deviation))),
    mean(cast(equal(activation, 0), "float32")),
    sqrt(mean(mul(gradient, gradient))),
  ];
  return concat(statistics.map((each) => reshape(each, [1])), 0);
}

/** Reads the statistics of the last step, by layer. @throws {GpuError} if the GPU failed. */
export async function readLayerStatistics(
  device: Device,
  { names, variables }: LayerObservation,
): Promise<Readonly<Record<string, LayerStatistics>>> {
  const values = await device.read(variables);
  return Object.fromEntries(values.map((numbers, i) => {
    const [mean = NaN, standardDeviation = NaN, zeros = NaN, gradient = NaN] = numbers;
    return [names[i] ?? "", { mean, standardDeviation, zeros, gradient }];
  }));
}
