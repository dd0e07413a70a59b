/**
 * The works in TensorFlow.js on WebGPU. Images are N H W C and kernels H W I O, the only layout for which
 * TensorFlow.js has gradients. Batch normalisation has no running statistics here, which favours
 * TensorFlow.js.
 * @module
 */
import type { Backend, Tensor, TensorFlow, Variable } from "./tensorflow_types.ts";
import { serve, type Work } from "./worker.ts";
import {
  checksum,
  comparedSteps,
  convolution,
  formulaValues,
  matmulSize,
  step,
  stepParameters,
  stepTargets,
  streams,
} from "./works.ts";

// The names are in variables, so that checking or testing the project does not download the packages.
const core = "@tensorflow/tfjs", backend = "@tensorflow/tfjs-backend-webgpu";
const tf: TensorFlow = await import(core);
await import(backend);

/** Submits the dispatches that the backend has gathered, and waits for the device. */
async function finish(): Promise<void> {
  const webgpu = tf.backend() as Backend;
  webgpu.endComputePassEncoder();
  webgpu.submitQueue();
  await webgpu.device.queue.onSubmittedWorkDone();
}

/** Permutations of axes from PyTorch's layout to TensorFlow's and back. */
const toImages = [0, 2, 3, 1],
  fromImages = [0, 3, 1, 2],
  toKernels = [2, 3, 1, 0],
  fromKernels = [3, 2, 0, 1];

/** Creates a tensor of formula values in PyTorch's layout, with its axes permuted. */
function fill(shape: readonly number[], stream: number, axes?: readonly number[]): Tensor {
  const tensor = tf.tensor(formulaValues(stream, shape.reduce((a, b) => a * b)), shape);
  return axes ? tf.transpose(tensor, axes) : tensor;
}

/** Creates work whose outputs are compared, after permuting each to PyTorch's layout. */
function createKernelWork(compute: () => Tensor[], orders: readonly (readonly number[] | undefined)[]): Work {
  let outputs: Tensor[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        tf.dispose(outputs);
        outputs = tf.tidy(compute);
      }
    },
    finish,
    results: () =>
      Promise.all(outputs.map(async (output, i) => {
        const order = orders[i];
        return checksum(await (order ? tf.transpose(output, order) : output).data());
      })),
  };
}

function matmulWork(): Work {
  const shape = [matmulSize, matmulSize];
  const a = fill(shape, streams.a), b = fill(shape, streams.b);
  return createKernelWork(() => [tf.matMul(a, b)], [undefined]);
}

function convolutionWork(): Work {
  const { images, channels, size } = convolution;
  const imageShape = [images, channels, size, size];
  const x = fill(imageShape, streams.a, toImages);
  const w = fill([channels, channels, 3, 3], streams.b, toKernels);
  const dy = fill(imageShape, streams.images, toImages);
  const computeWithGradients = tf.valueAndGrads((x: Tensor, w: Tensor) => tf.conv2d(x, w, 1, "same"));
  return createKernelWork(() => {
    const { value, grads: [dx, dw] } = computeWithGradients([x, w], dy);
    return [value, dx, dw];
  }, [fromImages, fromImages, fromKernels]);
}

/** Creates a copy of the network's parameters in TensorFlow's layout. */
function createParameters(trainable: boolean): Variable[] {
  return stepParameters().map(({ shape, values }) => {
    const tensor = tf.tensor(values, shape);
    const axes = shape.length === 4 ? toKernels : shape.length === 2 ? [1, 0] : undefined;
    return tf.variable(axes ? tf.transpose(tensor, axes) : tensor, trainable);
  });
}

/** Computes logits `[N, classes]`, with the batch's statistics. */
function forward(weights: readonly Variable[], images: Tensor): Tensor {
  let x = images;
  for (let layer = 0; layer < 3; layer++) {
    const [kernel, scale, offset] = weights.slice(3 * layer) as [Variable, Variable, Variable];
    x = tf.conv2d(x, kernel, 1, "same");
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    x = tf.relu(tf.batchNorm(x, mean, variance, offset, scale, step.epsilon));
    if (layer < 2) x = tf.maxPool(x, 2, 2, "valid");
  }
  const [weight, bias] = weights.slice(9) as [Variable, Variable];
  return tf.add(tf.matMul(tf.mean(x, [1, 2]), weight), bias);
}

function stepWork(): Work {
  const imageShape = [step.batchSize, step.channels[0], step.imageSize, step.imageSize];
  const images = fill(imageShape, streams.images, toImages);
  const teacherImages = fill(imageShape, streams.teacherImages, toImages);
  const targets = tf.tensor(stepTargets(), [step.batchSize, step.classCount]);
  const student = createParameters(true), teacher = createParameters(false);
  const optimizer = tf.train.momentum(step.learningRate, step.momentum, true);
  const trainStudent = () => {
    const teacherProbabilities = tf.softmax(forward(teacher, teacherImages));
    return optimizer.minimize(
      () => {
        const logits = forward(student, images);
        const classification = tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits))), step.batchSize));
        const difference = tf.squaredDifference(tf.softmax(logits), teacherProbabilities);
        return tf.add(classification, tf.mul(tf.mean(difference), step.consistencyWeight));
      },
      true,
      student,
    );
  };
  const updateTeacher = () =>
    teacher.forEach((weight, i) =>
      // deno-lint-ignore no-non-null-assertion -- in range by construction
      weight.assign(tf.add(tf.mul(weight, step.emaDecay), tf.mul(student[i]!, 1 - step.emaDecay)))
    );
  const costs: Tensor[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        const value = tf.tidy(trainStudent);
        tf.tidy(updateTeacher);
        if (costs.length < comparedSteps) costs.push(value);
        else value.dispose();
      }
    },
    finish,
    results: () => Promise.all(costs.map(async (value) => [...await value.data()])),
  };
}

await serve({
  version: tf.version_core,
  async start() {
    if (!await tf.setBackend("webgpu")) throw new Error("the webgpu backend of TensorFlow.js does not start");
    await tf.ready();
    const info = (await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }))?.info;
    return info?.description || "unknown adapter";
  },
  works: {
    "matmul-1024": matmulWork,
    "conv3x3-forward-backward": convolutionWork,
    "mean-teacher-step-small": stepWork,
  },
});
