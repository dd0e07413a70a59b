/**
 * Whole Mean Teacher steps: both forward passes, backward, optimiser, moving average.
 * @module
 */
import { compile, type Device, type Tuning, type Variable, variable } from "../kernels/mod.ts";
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

/** A step to measure. */
export interface StepCase {
  readonly name: string;
  readonly imageShape: readonly [number, number, number];
  readonly batchSize: number;
  readonly optimizer: "adam" | "sgd";
  readonly build: () => ClassifierNetwork;
  /** Only on real GPUs. */
  readonly needsGpu?: boolean;
}

const classCount = 10;

/** The small network of the comparison with other libraries. */
export function smallNetwork(): ClassifierNetwork {
  const rng = new Initializer(1);
  const block = (inputs: number, outputs: number): Module[] => [
    new Conv2d(inputs, outputs, 3, rng, { padding: 1, bias: false }),
    new BatchNorm2d(outputs, rng),
    new ReLU(),
  ];
  const pool = () => new MaxPool2d({ kernel: 2 });
  const features = [
    ...block(1, 32),
    pool(),
    ...block(32, 64),
    pool(),
    ...block(64, 128),
    new GlobalAvgPool2d(),
  ];
  return new Classifier(new Sequential(features), [new Linear(128, classCount, rng)]);
}

/** A network by name. */
function published(name: string, imageShape: StepCase["imageShape"], headCount: 1 | 2): ClassifierNetwork {
  return findArchitecture(name).build({
    imageShape,
    classCount,
    headCount,
    dropout: 0.5,
    inputNoise: 0.15,
    seed: 1,
  });
}

/** The steps to measure on a processor or a GPU. */
export function stepCases(isCpu: boolean): readonly StepCase[] {
  return [
    {
      name: "mean-teacher-step-small, batch 100",
      imageShape: [1, 28, 28],
      batchSize: 100,
      optimizer: "sgd",
      build: smallNetwork,
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
      build: () => published("convnet13_bn", [3, 32, 32], 1),
    },
    {
      name: "mean-teacher-step cifar_shakeshake26, batch 100",
      imageShape: [3, 32, 32],
      batchSize: 100,
      optimizer: "sgd",
      build: () => published("cifar_shakeshake26", [3, 32, 32], 2),
      needsGpu: true,
    },
  ];
}

/** A step, compiled on a device for batches that stay there. */
export async function compileStepCase(
  device: Device,
  { imageShape, batchSize, optimizer, build }: StepCase,
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
  // On the device already, as the images of a training run are.
  const views: [Variable, Variable] = [variable(shape, pixels), variable(shape, pixels)];
  const program = await compile(device, {
    labels: { shape: [batchSize], dtype: "int32" },
    seed: { dtype: "uint32" },
    step: { dtype: "uint32" },
    learningRate: {},
    consistencyWeight: {},
    emaDecay: {},
  }, ({ labels, seed, step, ...scalars }) => {
    const context = trainingContext({ seed, step });
    const { costs, updates } = method.step({ views, labels, context, ...scalars });
    return { outputs: { cost: costs.cost }, updates };
  }, { tuning });
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
    },
    destroy() {
      program[Symbol.dispose]();
      for (const each of [...views, ...variables, ...Object.values(method.optimizer.state)]) {
        device.release(each);
      }
    },
  };
}
