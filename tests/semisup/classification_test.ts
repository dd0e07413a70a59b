/** Class weights and label smoothing: PyTorch's numbers, every method's step, resumed runs, invalid values. */
import { compile, grad, type Tensor, variable } from "../../kernels/mod.ts";
import {
  Classifier,
  GlobalAvgPool2d,
  Initializer,
  Linear,
  readSafetensors,
  Sequential,
  Sgd,
  trainingContext,
} from "../../nn/mod.ts";
import {
  type AlgorithmParts,
  classificationCost,
  classWeightsOf,
  type Hyperparameters,
  knownMethods,
  ownOptionsOf,
  readCheckpoint,
  resolveOptions,
  Supervised,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate } from "../kernels/reference.ts";
import { madeUpData } from "./made_up_data.ts";

const close = { rtol: 1e-5, atol: 1e-6 };
const vectors = readSafetensors(
  Deno.readFileSync(new URL("../vectors/classification.safetensors", import.meta.url)),
  { source: "the vectors" },
);

/** Returns a tensor of the vectors as a variable; undefined if there is none of this name. */
function vector(name: string): Tensor | undefined {
  const tensor = vectors.tensors.get(name);
  return tensor && variable(tensor.shape, tensor.data, { dtype: tensor.dtype as "float32" });
}

/** Names of the vectors: weights and smoothing. */
const cases = ["plain", "weighted", "one_zero"].flatMap((name) =>
  ["0", "0.1", "0.5"].map((text) => ({ name, text, key: `${name}/${text}` }))
);

gpuTest("class weights and label smoothing give PyTorch's costs and gradients", async (device) => {
  const logits = vector("logits"), labels = vector("labels");
  assert(logits && labels);
  using program = await compile(device, {}, () => {
    const outputs = cases.flatMap(({ name, text, key }) => {
      const classWeights = vector(`${name}/weights`);
      const cost = classificationCost(logits, labels, {
        labelSmoothing: Number(text),
        ...(classWeights && { classWeights }),
      });
      return [[`${key}/cost`, cost], [`${key}/gradient`, grad(cost, [logits])[0]]] as const;
    });
    return { outputs: Object.fromEntries(outputs) };
  });
  const got = await program.runAndRead({});
  // PyTorch leaves unlabelled examples out of the mean; here they count with a cost of 0.
  const [count = 0] = logits.shape, share = Number(vectors.metadata["labelled"]) / count;
  for (const [name, values] of Object.entries(got)) {
    const want = Array.from(vectors.tensors.get(name)?.data ?? [], (value) => value * share);
    assertClose(values, want, close);
  }
  assertEquals(Object.keys(got).length, 2 * cases.length);
});

Deno.test("without labels, or with labels of weight 0 only, the cost is 0 and has no gradient", () => {
  const logits = variable([3, 2], [1, 2, 3, 4, -5, 6]), classWeights = variable([2], [0, 1]);
  for (const labels of [[-1, -1, -1], [0, -1, 0]]) {
    const tensor = variable([3], labels, { dtype: "int32" });
    const cost = classificationCost(logits, tensor, { classWeights, labelSmoothing: 0.2 });
    assertEquals([...evaluate(cost)].map(Math.abs), [0]);
    assert(evaluate(grad(cost, [logits])[0]).every((value) => value === 0));
  }
});

Deno.test("balanced weights are scikit-learn's, without regard to unlabelled examples", () => {
  const labels = Int32Array.of(0, 0, 0, -1, 1, -1, 3, 3);
  const weights = classWeightsOf("balanced", labels, ["a", "b", "c", "d"]);
  // compute_class_weight("balanced", classes=[0, 1, 3], y=[0, 0, 0, 1, 3, 3])
  assertEquals(weights, [6 / (3 * 3), 6 / (3 * 1), 0, 6 / (3 * 2)]);
  assertEquals(classWeightsOf("balanced", Int32Array.of(-1), ["a"]), [0]);
  assertEquals(classWeightsOf({ c: 2, a: 0 }, labels, ["a", "b", "c", "d"]), [0, 1, 2, 1]);
  assertEquals(classWeightsOf([1, 2, 3, 4], labels, ["a", "b", "c", "d"]), [1, 2, 3, 4]);
  const fault = (weights: Parameters<typeof classWeightsOf>[0], message: string) =>
    assertThrows(() => classWeightsOf(weights, labels, ["a", "b", "c", "d"]), RangeError, message);
  fault([1, 2], "there are 2 numbers and 4 classes: a, b, c, d");
  fault({ e: 1 }, "classWeights has unknown classes e. Known classes: a, b, c, d");
  fault([0, 0, 1, 0], "all such classes have weight 0");
});

Deno.test("the options refuse what is not a weight, and balancing twice", () => {
  const fault = (options: Record<string, unknown>, message: string) =>
    assertThrows(() => resolveOptions(options as Partial<TrainingOptions>), RangeError, message);
  for (const weights of ["even", [], {}, [0, 0], [1, -1], [1, NaN], { a: "1" }, 3, [Infinity, 1]]) {
    fault({ classWeights: weights }, "classWeights must be balanced, a number from 0 for each class");
  }
  fault({ labelSmoothing: 1 }, "labelSmoothing must be a number from 0 to below 1");
  fault({ balanceClasses: true, classWeights: "balanced" }, "already draws every class equally often");
  resolveOptions({ balanceClasses: true, classWeights: [1, 2] });
});

const network = (initializer: Initializer) =>
  new Classifier(new Sequential([new GlobalAvgPool2d()]), [new Linear(1, 2, initializer)]);

for (const method of knownMethods()) {
  Deno.test(`the step of ${method.title} has the classification cost of its parts`, () => {
    const scalar = (value: number, dtype: "float32" | "uint32" = "float32") =>
      variable([], [value], { dtype });
    const view = variable([3, 1, 2, 2], new Float32Array(12).fill(0.5));
    const marked: Tensor[] = [];
    const parts: AlgorithmParts = {
      student: network(new Initializer(1)),
      teacher: network(new Initializer(1)),
      optimizer: (parameters) => new Sgd(parameters, { momentum: 0, nesterov: false }),
      classificationCost: (logits, labels) => {
        const cost = classificationCost(logits, labels, { labelSmoothing: 0.1 });
        marked.push(cost);
        return cost;
      },
    };
    const options = resolveOptions({ algorithm: method.name });
    const names = ["learningRate", "consistencyWeight", "emaDecay", "beta1", "beta2"];
    const { costs } = method.create(parts, options, ownOptionsOf(method, options)).step({
      views: [view, view],
      labels: variable([3], [0, 1, -1], { dtype: "int32" }),
      context: trainingContext({ seed: scalar(1, "uint32"), step: scalar(0, "uint32") }),
      hyperparameters: Object.fromEntries(
        names.map((name) => [name, scalar(0.5)]),
      ) as unknown as Hyperparameters<Tensor>,
    });
    assertEquals(marked.length, 1);
    assert(costs.classification === marked[0]);
  });
}

const options = {
  batchSize: 12,
  labeledBatchSize: 4,
  steps: 4,
  recordSteps: 1,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
} satisfies Partial<TrainingOptions>;

gpuTest("a run with class weights and label smoothing resumes with the same bits", async (device) => {
  const train = async (own: Partial<TrainingOptions>, settings: TrainerSettings = {}) => {
    using trainer = await Trainer.create(device, madeUpData(7), { ...options, ...own }, {
      network,
      ...settings,
    });
    const costs: number[] = [];
    for await (const record of trainer.run()) {
      if (record.kind === "costs") costs.push(record.costs["classification"] ?? NaN);
    }
    return { costs, bytes: writeCheckpoint(await trainer.checkpoint()) };
  };
  const own = { classWeights: "balanced", labelSmoothing: 0.1 } as const;
  const plain = await train({}), whole = await train(own);
  const half = readCheckpoint((await train({ ...own, maxSteps: 2 })).bytes);
  assertEquals(half.options.classWeights, "balanced");
  const resumed = await train({ ...half.options, maxSteps: null }, { checkpoint: half });
  assertEquals(resumed.bytes, whole.bytes);
  assert(whole.costs[0] !== plain.costs[0]);
  // Equal weights are no weights, up to rounding.
  const equal = await train({ classWeights: { lying: 3, upright: 3 } });
  assertClose(equal.costs, plain.costs, close);
});

gpuTest(
  "options without effect on the algorithm, and weights that do not fit, are refused",
  async (device) => {
    const create = async (own: Partial<TrainingOptions>, settings: TrainerSettings = {}) => {
      (await Trainer.create(device, madeUpData(), { ...options, ...own }, { network, ...settings }))
        [Symbol.dispose]();
    };
    const deaf: TrainerSettings = {
      algorithm: ({ student, teacher, optimizer }) => new Supervised({ student, teacher, optimizer }),
    };
    await create({}, deaf);
    const fault = (own: Partial<TrainingOptions>, settings: TrainerSettings, message: string) =>
      assertRejects(() => create(own, settings), RangeError, message);
    await fault({ labelSmoothing: 0.1 }, deaf, "computes its classification cost itself");
    await fault({ classWeights: [1, 1, 1] }, {}, "there are 3 numbers and 2 classes: upright, lying");
    await fault({ classWeights: { up: 2 } }, {}, "unknown classes up");
  },
);
