/**
 * The optimiser that options choose.
 * @module
 */
import {
  Adam,
  type AdamOptions,
  AdamW,
  ClippingOptimizer,
  GroupedOptimizer,
  type NamedVariables,
  type Optimizer,
  Sgd,
} from "../../nn/mod.ts";
import type { TrainingOptions } from "./training_options.ts";

/** Creates the optimiser of a network's parameters. */
export type OptimizerMaker = (parameters: NamedVariables) => Optimizer;

/** Creates each optimiser by name; weight decay is absent if its usual value applies. */
const makers: Readonly<
  Record<
    TrainingOptions["optimizer"],
    (
      parameters: NamedVariables,
      options: TrainingOptions,
      decay: Pick<AdamOptions, "weightDecay">,
    ) => Optimizer
  >
> = {
  adam: (parameters, options, decay) => new Adam(parameters, { ...adamOptions(options), ...decay }),
  adamw: (parameters, options, decay) => new AdamW(parameters, { ...adamOptions(options), ...decay }),
  sgd: (parameters, { momentum, nesterov }, decay) => new Sgd(parameters, { momentum, nesterov, ...decay }),
};

/**
 * Creates the optimiser that options choose, with clipping of gradients if `clipNorm` is set.
 * @param loaded Names of the parameters that option `initLrFactor` applies to.
 * @throws {RangeError} if an option is out of the optimiser's range.
 */
export function createOptimizer(
  parameters: NamedVariables,
  options: TrainingOptions,
  loaded: ReadonlySet<string> = new Set(),
): Optimizer {
  const { optimizer: name, weightDecay, clipNorm, initLrFactor } = options;
  const create = (group: NamedVariables) =>
    makers[name](group, options, weightDecay === null ? {} : { weightDecay });
  const optimizer = groupLoaded(parameters, { loaded, factor: initLrFactor, create });
  return clipNorm === null ? optimizer : new ClippingOptimizer(optimizer, clipNorm);
}

/** Creates an optimiser that trains loaded parameters with a lower learning rate. */
export function groupLoaded(
  parameters: NamedVariables,
  { loaded, factor, create }: {
    readonly loaded: ReadonlySet<string>;
    readonly factor: number;
    readonly create: OptimizerMaker;
  },
): Optimizer {
  if (factor === 1) return create(parameters);
  return new GroupedOptimizer(parameters, (name) => loaded.has(name), factor, create);
}

/** Returns Adam's options; betas that change during the run become inputs of each step. */
function adamOptions(
  { beta1, beta1AfterRampdown, beta2, beta2DuringRampup, epsilon }: TrainingOptions,
): AdamOptions {
  return {
    beta1: beta1AfterRampdown === null ? beta1 : "input",
    beta2: beta2DuringRampup === null ? beta2 : "input",
    epsilon,
  };
}
