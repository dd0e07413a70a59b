/** Shake-shake mixing and its shortcut: forward and backward shares, against numbers drawn on the host. */
import { hostUniform, shakeShake, type Tensor, vjp } from "../../kernels/mod.ts";
import {
  evaluationContext,
  Initializer,
  mixBranches,
  ShiftConv2d,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor, shapesOf } from "./gradients.ts";
import { randomKey } from "./keys.ts";

const exact = { rtol: 1e-12, atol: 1e-12 };
const shape = [3, 2, 4];
const perExample = 8;

/** Mixes two elements by an example's share. */
const mix = (share: number, a: number, b: number) => share * a + (1 - share) * b;

/** Computes the gradients of both branches if the result's gradient is 1, 2, 3, … */
function gradientsOf(result: Tensor, branches: readonly Tensor[]) {
  const cotangent = randomTensor(9, shape);
  const at = new Map([[cotangent, Float64Array.from({ length: 24 }, (_, i) => i + 1)]]);
  return vjp(result, cotangent, branches).map((gradient) => evaluate(gradient, at));
}

Deno.test("shakeShake mixes with the forward share and differentiates with the backward share", () => {
  const a = randomTensor(1, shape), b = randomTensor(2, shape);
  const forward = randomTensor(3, [3]), backward = randomTensor(4, [3]);
  const [alpha, beta] = [evaluate(forward), evaluate(backward)];
  const y = shakeShake(a, b, forward, backward);
  const [first, second] = [evaluate(a), evaluate(b)];
  const example = (i: number) => Math.floor(i / perExample);
  assertClose(evaluate(y), first.map((value, i) => mix(alpha[example(i)]!, value, second[i]!)), exact);
  const [ofA, ofB, ofForward, ofBackward] = gradientsOf(y, [a, b, forward, backward]);
  assertClose(ofA!, first.map((_, i) => beta[example(i)]! * (i + 1)), exact);
  assertClose(ofB!, first.map((_, i) => (1 - beta[example(i)]!) * (i + 1)), exact);
  assertEquals([ofForward, ofBackward], [new Float64Array(3), new Float64Array(3)]);
});

Deno.test("with equal forward and backward shares, the gradient of shakeShake equals finite differences", () => {
  const a = randomTensor(1, shape), b = randomTensor(2, shape), share = randomTensor(3, [3]);
  assertGradients(shakeShake(a, b, share, share), { a, b });
});

Deno.test("mixBranches draws α for each example, and an independent β for the backward pass", () => {
  const a = randomTensor(1, shape), b = randomTensor(2, shape);
  const context = trainingContext(randomKey(5, 7));
  context.nextStream();
  const y = mixBranches(a, b, context);
  const [alpha, beta] = [1, 2].map((stream) => hostUniform([5, 7], stream, 3)) as [
    Float64Array,
    Float64Array,
  ];
  assert(alpha.every((share, i) => share !== beta[i]));
  const [first, second] = [evaluate(a), evaluate(b)];
  const example = (i: number) => Math.floor(i / perExample);
  assertClose(evaluate(y), first.map((value, i) => mix(alpha[example(i)]!, value, second[i]!)), exact);
  const [ofA, ofB] = gradientsOf(y, [a, b]);
  assertClose(ofA!, first.map((_, i) => beta[example(i)]! * (i + 1)), exact);
  assertClose(ofB!, first.map((_, i) => (1 - beta[example(i)]!) * (i + 1)), exact);
});

Deno.test("shares of mixBranches are uniform in [0, 1), and forward and backward shares are uncorrelated", () => {
  const count = 20_000;
  const ones = randomTensor(1, [count], [1, 1]), zeros = randomTensor(1, [count], [0, 0]);
  const context = trainingContext(randomKey(1, 0));
  const y = mixBranches(ones, zeros, context);
  const alpha = evaluate(y), beta = evaluate(vjp(y, ones, [ones])[0]!);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / count;
  for (const share of [alpha, beta]) {
    assert(share.every((value) => value >= 0 && value < 1));
    // Mean 1/2 and variance 1/12, within five standard errors.
    assertClose([mean(share)], [0.5], { rtol: 0, atol: 5 * Math.sqrt(1 / 12 / count) });
    assertClose([mean(share.map((value) => (value - 0.5) ** 2))], [1 / 12], {
      rtol: 0,
      atol: 5 * Math.sqrt(1 / 180 / count),
    });
  }
  const covariance = mean(alpha.map((value, i) => (value - 0.5) * (beta[i]! - 0.5)));
  assertClose([covariance], [0], { rtol: 0, atol: 5 / 12 / Math.sqrt(count) });
  // The next block and the next step draw other shares.
  const others = [context, trainingContext(randomKey(1, 1))].map((other) =>
    evaluate(mixBranches(ones, zeros, other))
  );
  for (const other of others) assert(other.filter((value, i) => value === alpha[i]).length < 10);
});

Deno.test("in evaluation mixBranches takes half of each branch, with the gradient of that mean", () => {
  const a = randomTensor(1, shape), b = randomTensor(2, shape);
  const y = mixBranches(a, b, evaluationContext());
  const second = evaluate(b);
  assertClose(evaluate(y), evaluate(a).map((value, i) => (value + second[i]!) / 2), exact);
  assertGradients(y, { a, b });
});

Deno.test("mixBranches needs a random key in training", () => {
  const a = randomTensor(1, shape);
  assertThrows(() => mixBranches(a, a, trainingContext()), TypeError, "needs a random key");
});

Deno.test("ShiftConv2d applies ReLU, a convolution per sub-grid and batch normalisation to even and odd sub-grids", () => {
  const layer = new ShiftConv2d(1, 2, new Initializer(1));
  assertEquals(shapesOf(stateOf(layer)), {
    "conv.weight": [2, 1, 1, 1],
    "conv.bias": [2],
    "bn.weight": [2],
    "bn.bias": [2],
    "bn.running_mean": [2],
    "bn.running_var": [2],
  });
  const x = randomTensor(1, [1, 1, 4, 4]);
  const { "conv.weight": weight, "conv.bias": bias, "bn.weight": scale } = layer.parameters;
  const { "bn.running_mean": mean, "bn.running_var": variance } = layer.buffers;
  const at = new Map([
    [x, Float64Array.of(1, 2, 3, 4, 5, -6, 7, 8, -9, 10, 11, 12, 13, 14, 15, 16)],
    [weight!, Float64Array.of(2, 10)],
    [bias!, Float64Array.of(0.5, -1)],
    [scale!, Float64Array.of(1, 3)],
    [mean!, Float64Array.of(0, 1)],
    [variance!, Float64Array.of(1 - 1e-5, 4 - 1e-5)],
  ]);
  const got = evaluate(layer.forward(x, evaluationContext()), at);
  // Channel 0: even rows and columns, 2·max(x, 0) + .5. Channel 1: odd ones, (10·max(x, 0) − 1 − 1) / 2 · 3.
  const even = [1, 3, 0, 11].map((value) => 2 * value + 0.5);
  const odd = [0, 8, 14, 16].map((value) => (10 * value - 2) * 1.5);
  assertClose(got, [...even, ...odd], { rtol: 1e-6, atol: 1e-6 });
});

Deno.test("ShiftConv2d has the gradients that finite differences find", () => {
  const layer = new ShiftConv2d(3, 4, new Initializer(1));
  const x = randomTensor(1, [3, 3, 4, 6]);
  const { "conv.bias": _, ...others } = layer.parameters;
  assertGradients(layer.forward(x, trainingContext()), { x, ...others });
  // Batch normalisation undoes the bias before it; in evaluation it counts.
  assertGradients(layer.forward(x, evaluationContext()), { x, ...layer.parameters });
});

Deno.test("ShiftConv2d refuses odd heights and widths, whose halves would differ", () => {
  const layer = new ShiftConv2d(1, 2, new Initializer(1));
  for (const size of [[5, 4], [4, 5]]) {
    assertThrows(
      () => layer.forward(randomTensor(1, [1, 1, ...size]), evaluationContext()),
      RangeError,
      `Cannot halve images: height and width must be even, but the shape is [1, 1, ${size.join(", ")}]`,
    );
  }
});
