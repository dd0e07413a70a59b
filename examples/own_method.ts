// Trains with a method of your own: pseudo-labels (Lee 2013), in which the student's most probable class of an
// unlabelled image counts as its label. Registered, the method is known by its name in options and plugins.
// Run it with: deno run -A examples/own_method.ts
import {
  add,
  type Algorithm,
  type AlgorithmParts,
  argmax,
  balancedSplit,
  cast,
  type ClassificationCost,
  classificationCost,
  type ClassifierNetwork,
  crossEntropy,
  defineMethod,
  Device,
  emaUpdates,
  findDataset,
  grad,
  hideLabels,
  less,
  mean,
  mul,
  type Optimizer,
  registerMethod,
  type StepInputs,
  Trainer,
} from "../mod.ts";

class PseudoLabels implements Algorithm {
  readonly student: ClassifierNetwork;
  readonly teacher: ClassifierNetwork;
  readonly optimizer: Optimizer;
  readonly #classificationCost: ClassificationCost;
  readonly #weight: number;

  constructor(parts: AlgorithmParts, weight: number) {
    this.student = parts.student;
    this.teacher = parts.teacher;
    this.optimizer = parts.optimizer(parts.student.parameters);
    this.#classificationCost = parts.classificationCost ?? classificationCost;
    this.#weight = weight;
  }

  step({ views, labels, hyperparameters, context }: StepInputs) {
    const [logits] = this.student.forward(views[0], context);
    const [targetLogits] = this.teacher.forward(views[1], context);
    const classification = this.#classificationCost(logits, labels);
    const isUnlabeled = cast(less(labels, 0), "float32");
    const pseudo = mul(mean(mul(crossEntropy(logits, argmax(logits)), isUnlabeled)), this.#weight);
    const cost = add(classification, pseudo);

    const gradients = grad(cost, Object.values(this.student.parameters));
    const { learningRate, emaDecay } = hyperparameters;
    const student = this.optimizer.update(gradients, learningRate, hyperparameters);
    const teacher = emaUpdates(this.teacher.parameters, this.student.parameters, student, emaDecay);
    return {
      costs: { cost, classification, pseudo },
      compared: { views, labels, logits, consistencyLogits: logits, targetLogits },
      updates: [...context.updates, ...student, ...teacher],
    };
  }
}

registerMethod(defineMethod({
  name: "pseudo-labels",
  title: "Pseudo-labels",
  color: "seagreen",
  source: "Lee 2013",
  options: {
    weight: { kind: "number", default: 0.1, minimum: 0, help: "weight of the cost of pseudo-labels" },
  },
  target: "student",
  create: (parts, _options, { weight }) => new PseudoLabels(parts, weight),
}));

const { train, test, classes } = await findDataset("mnist").load();
const labels = hideLabels(train.labels, balancedSplit(train.labels, classes.length, 10, 1));
const data = { train: { ...train, labels }, test, classes };

using device = await Device.request();
using trainer = await Trainer.create(device, data, { algorithm: "pseudo-labels", epochs: 2 });
for await (const record of trainer.run()) {
  if (record.kind === "evaluation") console.log(`epoch ${record.epoch}: error ${record.teacher.testError}`);
}
