/**
 * Whole Mean Teacher steps: both forward passes, backward pass, optimiser and moving average.
 * @module
 */
import {
  compile,
  type Device,
  type Precision,
  type Tuning,
  type Variable,
  variable,
} from "../kernels/mod.ts";
import {
  Adam,
  BatchNorm2d,
  Classifier,
  type ClassifierNetwork,
  Conv2d,
  convNetSmall,
  findArchitecture,
  GlobalAvgPool2d,
  Initializer,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  Sgd,
  stateOf,
  trainingContext,
} from "../nn/mod.ts";
import { MeanTeacher } from "../semisup/mod.ts";

/** A benchmark of a training step. */
export interface StepCase {
  readonly name: string;
  readonly imageShape: readonly [number, number, number];
  readonly batchSize: number;
  readonly optimizer: "adam" | "sgd";
  readonly build: () => ClassifierNetwork;
  /** Element type of stored images; float32 if absent. */
  readonly precision?: Precision;
  /** True if the case runs only on real GPUs. */
  readonly needsGpu?: boolean;
}

const classCount = 10;

/** Builds the small network of the comparison with other libraries. */
export function buildSmallNetwork(): ClassifierNetwork {
  const initializer = new Initializer(1);
  const createBlock = (inputs: number, outputs: number): Module[] => [
    new Conv2d(inputs, outputs, 3, initializer, { padding: 1, bias: false }),
    new BatchNorm2d(outputs, initializer),
    new ReLU(),
  ];
  const createPool = () => new MaxPool2d({ kernel: 2 });
  const features = [
    ...createBlock(1, 32),
    createPool(),
    ...createBlock(32, 64),
    createPool(),
    ...createBlock(64, 128),
    new GlobalAvgPool2d(),
  ];
  return new Classifier(new Sequential(features), [new Linear(128, classCount, initializer)]);
}

/** Builds a named architecture. */
function buildArchitecture(
  name: string,
  imageShape: StepCase["imageShape"],
  headCount: 1 | 2,
): ClassifierNetwork {
  return findArchitecture(name).build({
    imageShape,
    classCount,
    headCount,
    dropout: 0.5,
    inputNoise: 0.15,
    seed: 1,
  });
}

/** Returns the benchmarks of training steps for a processor or a GPU. */
export function stepCases(isCpu: boolean): readonly StepCase[] {
  return [
    {
      name: "mean-teacher-step-small, batch 100",
      imageShape: [1, 28, 28],
      batchSize: 100,
      optimizer: "sgd",
      build: buildSmallNetwork,
    },
    {
      name: "mean-teacher-step convnet_small, batch 100",
      imageShape: [1, 28, 28],
      batchSize: 100,
      optimizer: "adam",
      build: () =>
        convNetSmall({
          imageShape: [1, 28, 28],
          classCount,
          headCount: 1,
          dropout: 0.3,
          inputNoise: 0.15,
          seed: 1,
        }),
    },
    {
      name: `mean-teacher-step convnet13, batch ${isCpu ? 16 : 100}`,
      imageShape: [3, 32, 32],
      batchSize: isCpu ? 16 : 100,
      optimizer: "adam",
      build: () => buildArchitecture("convnet13_bn", [3, 32, 32], 1),
    },
    {
      name: "mean-teacher-step convnet13, batch 100, float16",
      imageShape: [3, 32, 32],
      batchSize: 100,
      optimizer: "adam",
      build: () => buildArchitecture("convnet13_bn", [3, 32, 32], 1),
      precision: "float16",
      needsGpu: true,
    },
    {
      name: "mean-teacher-step cifar_shakeshake26, batch 100",
      imageShape: [3, 32, 32],
      batchSize: 100,
      optimizer: "sgd",
      build: () => buildArchitecture("cifar_shakeshake26", [3, 32, 32], 2),
      needsGpu: true,
    },
  ];
}

/** Compiles a step on a device, with batches that stay in device memory. */
export async function compileStepCase(
  device: Device,
  { imageShape, batchSize, optimizer, build, precision = "float32" }: StepCase,
  tuning: Tuning,
) {
  const method = new MeanTeacher({
    student: build(),
    teacher: build(),
    optimizer: (parameters) => optimizer === "adam" ? new Adam(parameters) : new Sgd(parameters),
  });
  const shape = [batchSize, ...imageShape];
  const pixels = Float32Array.from(
    { length: batchSize * imageShape.reduce((a, b) => a * b, 1) },
    (_, i) => i * 7919 % 255 / 127,
  );
  // Variables, because the images of a training run are on the device, too.
  const views: [Variable, Variable] = [variable(shape, pixels), variable(shape, pixels)];
  const program = await compile(device, {
    labels: { shape: [batchSize], dtype: "int32" },
    seed: { dtype: "uint32" },
    step: { dtype: "uint32" },
    learningRate: {},
    consistencyWeight: {},
    emaDecay: {},
    beta1: {},
    beta2: {},
  }, ({ labels, seed, step, ...hyperparameters }) => {
    const context = trainingContext({ seed, step });
    const { costs, updates } = method.step({ views, labels, context, hyperparameters });
    return { outputs: { cost: costs.cost }, updates };
  }, { tuning, precision });
  const variables: Variable[] = [method.student, method.teacher].flatMap((network) =>
    Object.values(stateOf(network))
  );
  return {
    program,
    values: {
      labels: Int32Array.from({ length: batchSize }, (_, i) => i % 2 ? i % classCount : -1),
      seed: 1,
      step: 1,
      learningRate: 1e-4,
      consistencyWeight: 1,
      emaDecay: 0.99,
      beta1: 0.9,
      beta2: 0.99,
    },
    destroy() {
      program[Symbol.dispose]();
      for (const each of [...views, ...variables, ...Object.values(method.optimizer.state)]) {
        device.release(each);
      }
    },
  };
}
