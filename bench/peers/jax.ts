/**
 * The works in jax-js on WebGPU, all under `jit`, with images N C H W. Batch normalisation has no running
 * statistics here, which favours jax-js.
 * @module
 */
import versions from "./packages.json" with { type: "json" };
import type { Array as JaxArray, Jax } from "./jax_types.ts";
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

// The name is in a variable, so that checking or testing the project does not download the package.
const specifier = "@jax-js/jax";
const jax: Jax = await import(specifier);
const { numpy: np, nn, lax, tree } = jax;

const toArray = (values: Float32Array, shape: readonly number[]) => np.array(values).reshape(shape);
const fill = (shape: readonly number[], stream: number) =>
  toArray(formulaValues(stream, shape.reduce((a, b) => a * b)), shape);
const conv3x3 = (x: JaxArray, w: JaxArray) => lax.conv(x, w, [1, 1], [[1, 1], [1, 1]]);

/** Creates work whose outputs are compared. */
function createKernelWork<A extends readonly JaxArray[]>(
  compute: (...inputs: A) => readonly JaxArray[],
  inputs: A,
): Work {
  const compiled = jax.jit(compute);
  let outputs: readonly JaxArray[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        tree.dispose(outputs);
        outputs = compiled(...tree.ref(inputs));
      }
    },
    finish: async () => void await jax.blockUntilReady(outputs),
    results: () => Promise.all(outputs.map(async (output) => checksum(await output.ref.data()))),
  };
}

function matmulWork(): Work {
  const shape = [matmulSize, matmulSize];
  return createKernelWork((a: JaxArray, b: JaxArray) => [np.matmul(a, b)], [
    fill(shape, streams.a),
    fill(shape, streams.b),
  ]);
}

function convolutionWork(): Work {
  const { images, channels, size } = convolution;
  const imageShape = [images, channels, size, size];
  return createKernelWork((x: JaxArray, w: JaxArray, dy: JaxArray) => {
    const [y, pullback] = jax.vjp(conv3x3, [x, w]);
    return [y, ...pullback(dy)];
  }, [
    fill(imageShape, streams.a),
    fill([channels, channels, 3, 3], streams.b),
    fill(imageShape, streams.images),
  ]);
}

/** Normalises with the statistics of the batch. */
function batchNorm(x: JaxArray, scale: JaxArray, offset: JaxArray): JaxArray {
  const [, channels = 1] = x.shape, perChannel = [1, channels, 1, 1];
  const mean = (x: JaxArray) => x.mean([0, 2, 3]).reshape(perChannel);
  const centered = x.ref.sub(mean(x));
  const deviation = np.sqrt(mean(np.square(centered.ref)).add(step.epsilon));
  return centered.mul(scale.reshape(perChannel).div(deviation)).add(offset.reshape(perChannel));
}

/** Max-pools 2×2 windows: reshaping gives each window two axes, over which the maximum is taken. */
function maxPool(x: JaxArray): JaxArray {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return x.reshape([n, c, h / 2, 2, w / 2, 2]).max([3, 5]);
}

/** Computes logits `[N, classes]`. */
function forward(weights: readonly JaxArray[], images: JaxArray): JaxArray {
  let x = images;
  for (let layer = 0; layer < 3; layer++) {
    const [kernel, scale, offset] = weights.slice(3 * layer) as [JaxArray, JaxArray, JaxArray];
    x = nn.relu(batchNorm(conv3x3(x, kernel), scale, offset));
    if (layer < 2) x = maxPool(x);
  }
  const [weight, bias] = weights.slice(9) as [JaxArray, JaxArray];
  return np.matmul(x.mean([2, 3]), weight.transpose()).add(bias);
}

/** State of a parameter between steps. */
type State = { readonly [name in "student" | "velocity" | "teacher"]: JaxArray };

function trainingStep(state: readonly State[], images: JaxArray, teacherImages: JaxArray, targets: JaxArray) {
  const probabilities = lax.stopGradient(
    nn.softmax(forward(tree.ref(state.map(({ teacher }) => teacher)), teacherImages)),
  );
  const [cost, gradients] = jax.valueAndGrad((weights: readonly JaxArray[]) => {
    const logits = forward(weights, images);
    const classification = nn.logSoftmax(logits.ref).mul(targets).sum().mul(-1 / step.batchSize);
    const consistency = np.square(nn.softmax(logits).sub(probabilities)).mean();
    return classification.add(consistency.mul(step.consistencyWeight));
  })(tree.ref(state.map(({ student }) => student)));
  const next = state.map((previous, i): State => {
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const gradient = gradients[i]!;
    const velocity = previous.velocity.mul(step.momentum).add(gradient.ref);
    const direction = gradient.add(velocity.ref.mul(step.momentum));
    const student = previous.student.sub(direction.mul(step.learningRate));
    const teacher = previous.teacher.mul(step.emaDecay).add(student.ref.mul(1 - step.emaDecay));
    return { student, velocity, teacher };
  });
  return { cost, state: next };
}

function stepWork(): Work {
  const imageShape = [step.batchSize, step.channels[0], step.imageSize, step.imageSize];
  const batch = [
    fill(imageShape, streams.images),
    fill(imageShape, streams.teacherImages),
    toArray(stepTargets(), [step.batchSize, step.classCount]),
  ] as const;
  let state: readonly State[] = stepParameters().map(({ shape, values }) => ({
    student: toArray(values, shape),
    velocity: np.zerosLike(toArray(values, shape)),
    teacher: toArray(values, shape),
  }));
  const compiled = jax.jit(trainingStep);
  const costs: JaxArray[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        const result = compiled(state, ...tree.ref(batch));
        state = result.state;
        if (costs.length < comparedSteps) costs.push(result.cost);
        else result.cost.dispose();
      }
    },
    finish: async () => void await jax.blockUntilReady(state),
    results: () => Promise.all(costs.map(async (cost) => [...await cost.ref.data()])),
  };
}

await serve({
  version: versions.imports[specifier].split("@").at(-1) ?? "",
  async start() {
    if (!(await jax.init("webgpu")).includes("webgpu")) {
      throw new Error("the webgpu backend of jax-js does not start");
    }
    jax.defaultDevice("webgpu");
    const info = (await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }))?.info;
    return info?.description || "unknown adapter";
  },
  works: {
    "matmul-1024": matmulWork,
    "conv3x3-forward-backward": convolutionWork,
    "mean-teacher-step-small": stepWork,
  },
});
