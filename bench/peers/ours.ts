/**
 * The works in this library.
 * @module
 */
import project from "../../deno.json" with { type: "json" };
import {
  compile,
  conv2d,
  Device,
  type Graph,
  matmul,
  type Program,
  type Shape,
  sizeOf,
  variable,
} from "../../kernels/mod.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../../kernels/internal.ts";
import { serve, type Work } from "./worker.ts";
import {
  checksum,
  comparedSteps,
  convolution,
  formulaValues,
  matmulSize,
  step,
  stepLabels,
  stepParameters,
  streams,
} from "./works.ts";

let device: Device;

const fill = (shape: Shape, stream: number) => variable(shape, () => formulaValues(stream, sizeOf(shape)));

/** Creates work whose outputs are compared. */
async function createKernelWork(build: () => Graph): Promise<Work> {
  const program: Program<never> = await compile(device, {}, build);
  return {
    run(times) {
      for (let i = 0; i < times; i++) program.run({});
    },
    finish: () => device.finish(),
    results: async () => Object.values(await program.runAndRead({})).map(checksum),
  };
}

function matmulWork(): Promise<Work> {
  const shape = [matmulSize, matmulSize];
  return createKernelWork(() => ({ outputs: { y: matmul(fill(shape, streams.a), fill(shape, streams.b)) } }));
}

function convolutionWork(): Promise<Work> {
  const { images, channels, size } = convolution;
  const xShape = [images, channels, size, size],
    wShape = [channels, channels, 3, 3];
  return createKernelWork(() => {
    const x = fill(xShape, streams.a),
      w = fill(wShape, streams.b),
      dy = fill(xShape, streams.images);
    return {
      outputs: {
        y: conv2d(x, w, { padding: 1 }),
        dx: conv2dInputGradient(dy, w, xShape, { padding: 1 }),
        dw: conv2dWeightGradient(x, dy, wShape, { padding: 1 }),
      },
    };
  });
}

async function stepWork(): Promise<Work> {
  // Loaded only for this work, so that the loading time of kernel works includes no networks.
  const [{ Sgd, trainingContext }, { MeanTeacher }, { buildSmallNetwork }] = await Promise.all([
    import("../../nn/mod.ts"),
    import("../../semisup/mod.ts"),
    import("../steps.ts"),
  ]);
  const method = new MeanTeacher({
    student: buildSmallNetwork(),
    teacher: buildSmallNetwork(),
    optimizer: (parameters) => new Sgd(parameters, { momentum: step.momentum }),
  });
  const initial = stepParameters();
  for (const { parameters } of [method.student, method.teacher]) {
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    Object.values(parameters).forEach((parameter, i) => device.write(parameter, initial[i]!.values));
  }
  const imageShape = [step.batchSize, step.channels[0], step.imageSize, step.imageSize];
  const labels = variable([step.batchSize], stepLabels(), { dtype: "int32" });
  const program = await compile(device, {
    seed: { dtype: "uint32" },
    step: { dtype: "uint32" },
    learningRate: {},
    consistencyWeight: {},
    emaDecay: {},
    beta1: {},
    beta2: {},
  }, ({ seed, step, ...hyperparameters }) => {
    const views = [fill(imageShape, streams.images), fill(imageShape, streams.teacherImages)] as const;
    const context = trainingContext({ seed, step });
    const { costs, updates } = method.step({ views, labels, context, hyperparameters });
    return { outputs: { cost: costs.cost }, updates };
  });
  const { learningRate, consistencyWeight, emaDecay } = step;
  const values = { seed: 1, step: 1, learningRate, consistencyWeight, emaDecay, beta1: 0.9, beta2: 0.99 };
  const costs: Promise<number[]>[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        if (costs.length < comparedSteps) {
          costs.push(program.runAndRead(values).then(({ cost }) => [...cost]));
        } else program.run(values);
      }
    },
    finish: () => device.finish(),
    results: () => Promise.all(costs),
  };
}

await serve({
  version: project.version,
  async start() {
    device = await Device.request();
    return device.name;
  },
  works: {
    "matmul-1024": matmulWork,
    "conv3x3-forward-backward": convolutionWork,
    "mean-teacher-step-small": stepWork,
  },
});
