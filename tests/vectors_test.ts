/**
 * Numbers that PyTorch found for the same costs, layers and training runs. The cases are found in the files
 * themselves: the folder is `MT_VECTORS` where that is set, else `tests/vectors`.
 */
import { join } from "node:path";
import { compile, type Device, type Tensor, type Variable, variable, vjp } from "../kernels/mod.ts";
import {
  Adam,
  AvgPool2d,
  BatchNorm2d,
  Classifier,
  Conv2d,
  evaluationContext,
  findArchitecture,
  GlobalAvgPool2d,
  type HostTensor,
  Initializer,
  LeakyReLU,
  Linear,
  loadState,
  MaxPool2d,
  MeanOnlyBatchNorm,
  type Module,
  parameterCount,
  readSafetensors,
  readState,
  ReLU,
  type SafetensorsFile,
  Sequential,
  Sgd,
  stateOf,
  trainingContext,
  WeightNormConv2d,
} from "../nn/mod.ts";
import {
  classificationCost,
  consistencyTrust,
  type ConsistencyType,
  logitDistance,
  MeanTeacher,
  softmaxKl,
  softmaxMse,
} from "../semisup/mod.ts";
import { assert, assertEquals } from "./assert.ts";
import { assertClose } from "./kernels/close.ts";
import { gpuTest } from "./kernels/device.ts";

const folder = Deno.env.get("MT_VECTORS") ?? new URL("./vectors", import.meta.url).pathname;
const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

function read(name: string): SafetensorsFile {
  return readSafetensors(Deno.readFileSync(join(folder, name)), { source: name });
}

function filesLike(prefix: string): string[] {
  const found = names.filter((name) => name.startsWith(prefix) && name.endsWith(".safetensors"));
  // A folder without them would pass by testing nothing.
  Deno.test(`vectors: there are ${prefix} files`, () =>
    assert(found.length > 0, `${folder} has no ${prefix}`));
  return found;
}

/** A variable with a tensor's values. */
function held({ shape, dtype, data }: HostTensor): Variable {
  return variable(shape, data, { dtype });
}

/** Computes tensors. */
async function valuesOf<Name extends string>(device: Device, outputs: Record<Name, Tensor>) {
  const program = await compile(device, {}, () => ({ outputs }));
  const values = await program.runAndRead({});
  program[Symbol.dispose]();
  return values;
}

/** Tolerance between two correct float32 computations: 1e-5 of an element and of the largest. */
function assertNear(got: ArrayLike<number>, want: ArrayLike<number>, what: string): void {
  const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assertClose(got, want, { rtol: 1e-5, atol: 1e-5 * largest, what });
}

// Costs

/** The cost of a name and its arguments, in the order in which gradients are numbered. */
function costOf(name: string, { student1, student2, teacher, labels }: Record<string, Variable>) {
  const trust = /^consistency_trust_(.+)$/.exec(name)?.[1];
  if (trust) {
    return { cost: consistencyTrust(student1!, teacher!, Number(trust)), parameters: [student1!, teacher!] };
  }
  const pair = [student1!, teacher!];
  switch (name) {
    case "cross_entropy":
      return { cost: classificationCost(student1!, labels!), parameters: [student1!] };
    case "softmax_mse":
      return { cost: softmaxMse(student1!, teacher!), parameters: pair };
    case "softmax_kl":
      return { cost: softmaxKl(student1!, teacher!), parameters: pair };
    case "logit_distance":
      return { cost: logitDistance(student1!, student2!), parameters: [student1!, student2!] };
    default:
      throw new Error(`no cost is called ${name}`);
  }
}

const operands = ["student1", "student2", "teacher", "labels"];
for (const file of filesLike("costs")) {
  const { tensors } = read(file);
  const costs = [...tensors.keys()].filter((name) => !operands.includes(name) && !/\.grad\d+$/.test(name));
  for (const name of costs) {
    gpuTest(`vectors: ${file}: ${name} and its gradients are PyTorch's`, async (device) => {
      const inputs = Object.fromEntries(operands.map((operand) => [operand, held(tensors.get(operand)!)]));
      const { cost, parameters } = costOf(name, inputs);
      const numbered = [...tensors.keys()].filter((key) => key.startsWith(`${name}.grad`));
      assert(numbered.length > 0, `${name} has no gradient`);
      const gradients = vjp(cost, variable([], [1]), parameters);
      const values = await valuesOf(device, {
        [name]: cost,
        ...Object.fromEntries(numbered.map((key) => [key, gradients[Number(key.split(".grad")[1])]!])),
      });
      for (const [key, value] of Object.entries(values)) {
        assertNear(value, tensors.get(key)!.data, key);
      }
    });
  }
}

// Layers

type LayerSpec = { readonly type: string; readonly [option: string]: unknown };

/** A number that the spec says, or else the name: `maxpool_3_s2_p1`. */
function numberOf(spec: LayerSpec, option: string, name: string, pattern: RegExp): number | undefined {
  const said = spec[option] ?? pattern.exec(name)?.[1];
  return said === undefined ? undefined : Number(said);
}

/** Weight-normalised convolution and mean-only batch normalisation as one layer, with the names of the vectors. */
function weightNormMeanOnly(
  [outputs, inputs, kernel]: readonly [number, number, number],
  initializer: Initializer,
): Module {
  const convolution = new WeightNormConv2d(inputs, outputs, kernel, initializer, { padding: 1, bias: false });
  // The layer of the vectors leaves its running mean where it was.
  const normalisation = new MeanOnlyBatchNorm(outputs, initializer, { momentum: 0 });
  const { weight_v: v, weight_g: g } = convolution.parameters;
  return {
    parameters: { v: v!, g: g!, b: normalisation.parameters["bias"]! },
    buffers: normalisation.buffers,
    forward: (x, context) => normalisation.forward(convolution.forward(x, context), context),
  };
}

/** The layer that a spec describes, for parameters of these shapes. */
function layerOf(
  name: string,
  spec: LayerSpec,
  shapeOf: (name: string) => readonly number[],
): Module {
  const initializer = new Initializer(0);
  const number = (option: string, pattern = /$^/) => numberOf(spec, option, name, pattern);
  const pool = () => {
    const kernel = number("kernel", /pool_(\d+)/)!;
    return {
      kernel,
      stride: number("stride", /_s(\d+)/) ?? kernel,
      padding: number("padding", /_p(\d+)/) ?? 0,
    };
  };
  switch (spec.type) {
    case "conv2d": {
      const [outputs, inputsPerGroup, kernel] = shapeOf("param/weight") as [number, number, number];
      const { stride = 1, padding = 0, groups = 1 } = spec as {
        stride?: number;
        padding?: number;
        groups?: number;
      };
      const bias = shapeOf("param/bias").length > 0;
      return new Conv2d(inputsPerGroup * groups, outputs, kernel, initializer, {
        stride,
        padding,
        groups,
        bias,
      });
    }
    case "batchnorm2d":
      return new BatchNorm2d(shapeOf("param/weight")[0]!, initializer, {
        epsilon: number("eps") ?? 1e-5,
        momentum: number("momentum") ?? 0.1,
      });
    case "weight_norm_mean_only_bn":
      return weightNormMeanOnly(shapeOf("param/v") as [number, number, number], initializer);
    case "maxpool2d":
      return new MaxPool2d(pool());
    case "avgpool2d":
      return new AvgPool2d(pool());
    case "linear": {
      const [outputs, inputs] = shapeOf("param/weight") as [number, number];
      return new Linear(inputs, outputs, initializer);
    }
    case "leaky_relu":
      return new LeakyReLU(number("negative_slope") ?? 0.1);
    case "relu":
      return new ReLU();
    default:
      throw new Error(`no layer is of type ${spec.type}`);
  }
}

/** Loads what a case gives of a layer's parameters and, where it is evaluated, running statistics. */
function loadLayer(
  device: Device,
  layer: Module,
  tensorOf: (name: string) => HostTensor | undefined,
  training: boolean,
) {
  for (const [name, parameter] of Object.entries(layer.parameters)) {
    device.write(parameter, tensorOf(`param/${name}`)!.data);
  }
  if (training) return;
  // Evaluation leaves running statistics as they were.
  for (const [name, buffer] of Object.entries(layer.buffers)) {
    device.write(buffer, tensorOf(`buffer_after/${name}`)!.data);
  }
}

/** Output, gradients and, in training, running statistics of a case, by the names of its tensors. */
async function runLayer(
  device: Device,
  tensors: ReadonlyMap<string, HostTensor>,
  name: string,
  spec: LayerSpec,
): Promise<Record<string, ArrayLike<number>>> {
  const tensorOf = (part: string) => tensors.get(`${name}/${part}`);
  const layer = layerOf(name, spec, (part) => tensorOf(part)?.shape ?? []);
  const training = !/eval/.test(name);
  loadLayer(device, layer, tensorOf, training);
  const x = held(tensorOf("x")!), dy = held(tensorOf("dy")!);
  const context = training ? trainingContext() : evaluationContext();
  const y = layer.forward(x, context);
  const parameters = Object.entries(layer.parameters);
  const [dx, ...gradients] = vjp(y, dy, [x, ...parameters.map(([, parameter]) => parameter)]);
  const updated = new Map<Tensor, Tensor>(context.updates);
  return await valuesOf(device, {
    y,
    dx: dx!,
    ...Object.fromEntries(parameters.map(([key], i) => [`grad/${key}`, gradients[i]!])),
    ...Object.fromEntries(
      Object.entries(layer.buffers).map((
        [key, buffer],
      ) => [`buffer_after/${key}`, updated.get(buffer) ?? buffer]),
    ),
  });
}

/**
 * The wanted gradient of a parameter is that of all cases with the same parameter: they were passes of one layer, whose
 * gradients PyTorch adds up.
 */
function casesOfSameParameters(
  tensors: ReadonlyMap<string, HostTensor>,
  name: string,
  names: readonly string[],
) {
  const parametersOf = (other: string) =>
    [...below(tensors, `${other}/param/`), ...below(tensors, `${other}/grad/`)].map(([key, { data }]) =>
      `${key} ${data.join()}`
    ).join("; ");
  return names.filter((other) =>
    other === name || (parametersOf(name) && parametersOf(other) === parametersOf(name))
  );
}

for (const file of filesLike("layers")) {
  const { tensors, metadata } = read(file);
  const specs = JSON.parse(metadata["spec"]!) as Record<string, LayerSpec>;
  for (const [name, spec] of Object.entries(specs)) {
    const tensorOf = (part: string) => tensors.get(`${name}/${part}`);
    gpuTest(`vectors: ${file}: ${name} and its gradients are PyTorch's`, async (device) => {
      const results: Record<string, ArrayLike<number>> = await runLayer(device, tensors, name, spec);
      for (const other of casesOfSameParameters(tensors, name, Object.keys(specs))) {
        if (other === name) continue;
        for (const [key, value] of Object.entries(await runLayer(device, tensors, other, specs[other]!))) {
          if (key.startsWith("grad/")) results[key] = Array.from(results[key]!, (sum, i) => sum + value[i]!);
        }
      }
      for (const [key, value] of Object.entries(results)) {
        assertNear(value, tensorOf(key)!.data, `${name}/${key}`);
      }
      const given = [...below(tensors, `${name}/`).keys()];
      assertEquals(given.filter((key) => !(key in results) && !/^(x$|dy$|param\/)/.test(key)), []);
    });
  }
}

// Trajectories

/** The tiny network of the trajectories; its parameters' values come from the file. */
function trajectoryNetwork(headCount: number): Classifier {
  const rng = new Initializer(0);
  const features = new Sequential([
    new Conv2d(3, 8, 3, rng, { padding: 1, bias: false }),
    new BatchNorm2d(8, rng),
    new ReLU(),
    new MaxPool2d({ kernel: 2 }),
    new Conv2d(8, 16, 3, rng, { stride: 2, padding: 1, groups: 2 }),
    new BatchNorm2d(16, rng),
    new LeakyReLU(0.1),
    new GlobalAvgPool2d(),
  ]);
  const head = () => new Linear(16, 5, rng);
  return new Classifier(features, headCount === 2 ? [head(), head()] : [head()]);
}

/**
 * Batch normalisation undoes the bias before it, whose gradient is 0 but for rounding; Adam makes full steps of that,
 * in PyTorch as here. Its running mean follows it. No output depends on either.
 */
const roundingAlone = ["features.4.bias", "features.5.running_mean"];

interface LogEntry {
  readonly lr: number;
  readonly consistency_weight: number;
  readonly ema_decay: number;
  readonly class_cost: number;
  readonly consistency_cost: number;
  readonly logit_distance_cost: number;
  readonly loss: number;
}

/** The tensors below a prefix, without it. */
function below(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(prefix)).map((
      [name, tensor],
    ) => [name.slice(prefix.length), tensor]),
  );
}

for (const file of filesLike("trajectory_")) {
  gpuTest(`vectors: ${file}: training arrives where PyTorch does`, async (device) => {
    const { tensors, metadata } = read(file);
    const log = JSON.parse(metadata["log"]!) as LogEntry[];
    const headCount = Number(metadata["heads"]);
    const method = new MeanTeacher({
      student: trajectoryNetwork(headCount),
      teacher: trajectoryNetwork(headCount),
      optimizer: (parameters) =>
        metadata["optimizer"] === "sgd"
          ? new Sgd(parameters, { momentum: 0.9, nesterov: true, weightDecay: 2e-4 })
          : new Adam(parameters, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
    }, {
      consistencyType: metadata["consistency"] as ConsistencyType,
      logitDistanceCost: Math.max(0, Number(metadata["logit_distance"])),
    });
    for (const network of [method.student, method.teacher]) {
      loadState(device, stateOf(network), below(tensors, "init/"), { source: file });
    }
    const { shape: images } = tensors.get("step0/student_images")!;
    const program = await compile(device, {
      student: { shape: images },
      teacher: { shape: images },
      labels: { shape: [images[0]!], dtype: "int32" },
      learningRate: {},
      consistencyWeight: {},
      emaDecay: {},
      beta1: {},
      beta2: {},
    }, ({ student, teacher, labels, ...hyperparameters }) => {
      const { costs, updates } = method.step({
        views: [student, teacher],
        labels,
        context: trainingContext(),
        hyperparameters,
      });
      return { outputs: { ...costs }, updates };
    });
    for (const [step, entry] of log.entries()) {
      const costs = await program.runAndRead({
        student: tensors.get(`step${step}/student_images`)!.data,
        teacher: tensors.get(`step${step}/teacher_images`)!.data,
        labels: tensors.get(`step${step}/labels`)!.data,
        learningRate: entry.lr,
        consistencyWeight: entry.consistency_weight,
        emaDecay: entry.ema_decay,
        beta1: 0.9,
        beta2: 0.999,
      });
      const { classification, consistency, logitDistance = [0], cost } = costs;
      const got = [classification, consistency, logitDistance, cost];
      const want = [entry.class_cost, entry.consistency_cost, entry.logit_distance_cost, entry.loss];
      assertClose(got.map((value) => value![0]!), want, {
        rtol: 1e-3,
        atol: 1e-6,
        what: `costs of step ${step}`,
      });
    }
    program[Symbol.dispose]();
    // Adam moves no parameter by more than about the learning rate in a step.
    const farthest = log.reduce((sum, { lr }) => sum + lr, 0);
    for (const [group, network] of [["student", method.student], ["teacher", method.teacher]] as const) {
      const state = await readState(device, stateOf(network));
      const want = below(tensors, `final_${group}/`);
      assertEquals(
        [...state.keys()].sort(),
        [...want.keys()].filter((key) => !/num_batches/.test(key)).sort(),
      );
      for (const [name, { data }] of state) {
        const atol = metadata["optimizer"] === "adam" && roundingAlone.includes(name) ? farthest : 1e-4;
        assertClose(data, want.get(name)!.data, { rtol: 1e-3, atol, what: `${group} ${name}` });
      }
    }
  });
}

// Models

/** A network in `models.json`: PyTorch's count of parameters, and the shape of each value by name. */
interface ModelFacts {
  readonly parameters: number;
  readonly state_dict: Readonly<Record<string, readonly number[]>>;
}

const encoder = new TextEncoder();

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  return encoder.encode(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x0100_0193) >>> 0, 0x811c_9dc5);
}

/** Value `index` of those that a name has, uniform in [0, 1): the metadata's `fill`. */
function hashed(start: number, index: number): number {
  let x = (start + Math.imul(index, 2_654_435_761)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** The values of a parameter or buffer in the vectors' networks. */
function filled(seed: string, name: string, shape: readonly number[]): HostTensor {
  const start = fnv1a(seed + name);
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const isScale = shape.length === 1 && /(weight|running_var)$/.test(name);
  const bound = shape.length > 1 ? Math.sqrt(3 / (data.length / shape[0]!)) : 0.1;
  for (let i = 0; i < data.length; i++) {
    const u = hashed(start, i);
    data[i] = isScale ? 0.5 + u : (2 * u - 1) * bound;
  }
  return { shape, dtype: "float32", data };
}

for (const file of filesLike("models")) {
  const { tensors, metadata } = read(file);
  const facts = JSON.parse(Deno.readTextFileSync(join(folder, "models.json"))) as Record<string, ModelFacts>;
  for (const [model, { parameters, state_dict }] of Object.entries(facts)) {
    gpuTest(`vectors: ${file}: ${model} has PyTorch's names and logits`, async (device) => {
      const x = tensors.get(`${model}/x`)!;
      const logits = [...below(tensors, `${model}/head`).values()];
      const network = findArchitecture(model).build({
        imageShape: x.shape.slice(1) as [number, number, number],
        classCount: logits[0]!.shape[1]!,
        headCount: 2,
        dropout: 0.5,
        inputNoise: 0.15,
        seed: null,
      });
      const state = stateOf(network);
      const shapes = Object.entries(state).map(([name, { shape }]) => [name, shape] as const);
      assertEquals(new Map(shapes), new Map(Object.entries(state_dict)));
      assertEquals(parameterCount(network), parameters);
      const values = new Map(shapes.map(([name, shape]) => [name, filled(metadata["seed"]!, name, shape)]));
      loadState(device, state, values);
      const images = held(x);
      const heads = network.forward(images, evaluationContext());
      assertEquals([heads.length, logits.length], [2, 2]);
      const got = await valuesOf(device, { head1: heads[0], head2: heads[1]! });
      for (const [i, { data }] of logits.entries()) {
        const largest = Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const what = `head ${i + 1} of ${model}`;
        assertClose(Object.values(got)[i]!, data, { rtol: 1e-3, atol: 1e-3 * largest, what });
      }
      for (const variable of [images, ...Object.values(state)]) device.release(variable);
    });
  }
}
