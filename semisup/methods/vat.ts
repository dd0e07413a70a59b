/**
 * Virtual adversarial training with entropy minimisation.
 * @module
 */
import {
  add,
  cast,
  full,
  grad,
  less,
  logSoftmax,
  mean,
  mul,
  neg,
  randomNormal,
  rsqrt,
  softmax,
  stopGradient,
  sum,
  type Tensor,
} from "../../kernels/mod.ts";
import type { ClassifierNetwork, Optimizer } from "../../nn/mod.ts";
import type { Algorithm, AlgorithmParts, StepInputs, StepResult } from "../algorithm.ts";
import { repeatDraws } from "../algorithm.ts";
import { classificationCost, softmaxKl } from "../costs.ts";
import { number } from "../options/option_rows.ts";
import { defineMethod } from "./method.ts";
import { networkUpdates } from "./updates.ts";

/** Options of {@linkcode Vat}. */
export interface VatOptions {
  /** Length of the adversarial perturbation of an image, in normalised pixels. */
  readonly epsilon: number;
  /** Length of the random perturbation whose gradient gives the adversarial direction. */
  readonly xi: number;
  /** True if labelled examples have the unsupervised costs too, as in the paper. */
  readonly consistencyToLabeled: boolean;
  /** Returns random directions of the batch's shape; by default standard normal numbers. */
  readonly draw?: () => Tensor;
}

/** Scales each example of `[N, C, H, W]` to length 1. */
const unit = (x: Tensor) => mul(x, rsqrt(add(sum(mul(x, x), [1, 2, 3], { keepAxes: true }), 1e-30)));

/**
 * Virtual adversarial training (Miyato et al. 2018, algorithm 1 with one power iteration) plus the conditional
 * entropy of predictions: `KL(p(x) ‖ p(x + r))` with `r = ε g / ‖g‖`, where g is the gradient of the divergence by r
 * at `ξ d / ‖d‖` for a random direction d. Neither p(x) nor r gets gradient. All passes have the same dropout and
 * noise, so that r is all that differs. The average of the student's weights is evaluated and teaches nothing.
 */
export class Vat implements Algorithm {
  /** The network trained by gradient descent. */
  readonly student: ClassifierNetwork;
  /** The network of averaged weights. */
  readonly teacher: ClassifierNetwork;
  /** The optimiser of the student's parameters. */
  readonly optimizer: Optimizer;

  /** Creates the algorithm. */
  constructor(readonly parts: AlgorithmParts, readonly options: VatOptions) {
    this.student = parts.student;
    this.teacher = parts.teacher;
    this.optimizer = parts.optimizer(parts.student.parameters);
  }

  /** Builds the graph of one training step. */
  step({ views: [x, other], labels, hyperparameters, context }: StepInputs): StepResult {
    const { consistencyWeight, entropyWeight = 1 } = hyperparameters;
    const { epsilon, xi, consistencyToLabeled, draw } = this.options;
    const pass = repeatDraws(context), logitsAt = (input: Tensor) => this.student.forward(input, pass())[0];
    const logits = logitsAt(x), targetLogits = stopGradient(logits);
    this.teacher.forward(other, context); // For the averaged network's running statistics.

    const direction = draw?.() ?? randomNormal(context.key, context.nextStream(), x.shape);
    const small = mul(unit(direction), xi);
    const [gradient] = grad(softmaxKl(logitsAt(add(x, small)), targetLogits), [small]);
    const perturbed = add(x, stopGradient(mul(unit(gradient), epsilon)));
    const consistencyLogits = logitsAt(perturbed);

    const isCounted = consistencyToLabeled ? full(labels.shape, 1) : cast(less(labels, 0), "float32");
    const examples = { examples: isCounted };
    const classify = this.parts.classificationCost ?? classificationCost;
    const classification = classify(logits, labels);
    const difference = (this.parts.consistencyCost ?? softmaxKl)(consistencyLogits, targetLogits, examples);
    const consistency = mul(consistencyWeight, difference);
    const entropies = neg(sum(mul(softmax(logits), logSoftmax(logits)), [1]));
    const entropy = mul(entropyWeight, mean(mul(entropies, isCounted)));
    const cost = add(classification, add(consistency, entropy));
    return {
      costs: { cost, classification, consistency, entropy },
      compared: { views: [perturbed, x], labels, logits, consistencyLogits, targetLogits },
      updates: networkUpdates(this, cost, hyperparameters, context),
    };
  }
}

/** VAT with entropy minimisation as a method. */
export const vat = defineMethod({
  name: "vat",
  title: "VAT + entropy minimisation",
  color: "var(--logit-distance)",
  dash: "1 4",
  source: "Miyato et al. 2018",
  options: {
    epsilon: number(2.5, "length of the adversarial perturbation of an image, in normalised pixels"),
    xi: number(0.1, "length of the perturbation whose gradient gives the direction", { isOpen: "below" }),
    entropyWeight: number(1, "weight of the entropy of predictions, after its ramp-up"),
  },
  defaults: { consistency: 1, consistencyRampup: 0 },
  target: "student",
  needsFloat32: true,
  schedule: (_options, { entropyWeight }, { consistencyRampup }) => ({
    entropyWeight: entropyWeight * consistencyRampup,
  }),
  create: (parts, { consistencyToLabeled }, own) => new Vat(parts, { ...own, consistencyToLabeled }),
});
