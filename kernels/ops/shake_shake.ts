/**
 * Shake-shake: mixes two branches with different shares in the forward and the backward pass.
 * @module
 */
import type { CompositeOp } from "../op.ts";
import {
  apply,
  type Attributes,
  checkFloats,
  formatShape,
  formatShapes,
  sameShape,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor.ts";
import { reshape } from "./views/movement.ts";
import { add, mul, sub } from "./pointwise.ts";

type Batch = readonly [examples: number, ...number[]];

/** Reshapes shares `[N]` so that they broadcast over `x [N, …]`. */
function perExample(share: Tensor, x: Tensor): Tensor {
  return reshape(share, x.shape.map((size, axis) => axis === 0 ? size : 1));
}

const shakeShakeOp: CompositeOp<Attributes, [Batch, Batch, Shape<1>, Shape<1>]> = {
  kind: "composite",
  name: "shake_shake",
  infer(inputs) {
    checkFloats("mix branches", inputs);
    const [a, b, ...shares] = inputs;
    const [examples] = a.shape;
    if (examples === undefined || !sameShape(a.shape, b.shape)) {
      throw new RangeError(
        `Cannot mix branches: both must be batches of one shape, but shapes are ${formatShapes([a, b])}`,
      );
    }
    if (shares.some(({ shape }) => !sameShape(shape, [examples]))) {
      const shapes = `${formatShape(a.shape)} (branches) and ${formatShapes(shares)} (shares)`;
      throw new RangeError(
        `Cannot mix branches: each example needs a forward and a backward share, but shapes are ${shapes}`,
      );
    }
    return { shape: a.shape, dtype: "float32" };
  },
  expand({ inputs: [a, b, forward] }) {
    const share = perExample(forward, a);
    return add(mul(a, share), mul(b, sub(1, share)));
  },
  vjp(gradient, { inputs: [a, , , backward] }) {
    const share = perExample(backward, a);
    return [mul(gradient, share), mul(gradient, sub(1, share)), null, null];
  },
  reference([a, b, forward], { inputs: [input] }) {
    const perExample = sizeOf(input.shape) / input.shape[0];
    return a.map((value, i) => {
      const share = forward[Math.floor(i / perExample)]!;
      return share * value + (1 - share) * b[i]!;
    });
  },
  // The gradient deliberately differs from that of the result; other tests compare it with the backward
  // shares.
  samples: [
    { shapes: [[3, 2, 5, 4], [3, 2, 5, 4], [3], [3]], attributes: {}, differentiable: false },
    { shapes: [[4], [4], [4], [4]], attributes: {}, differentiable: false },
    { shapes: [[0, 3], [0, 3], [0], [0]], attributes: {}, differentiable: false },
    { shapes: [[70_001, 3], [70_001, 3], [70_001], [70_001]], attributes: {}, differentiable: false },
  ],
  refusals: [
    { shapes: [[2, 3], [2, 4], [2], [2]], attributes: {}, message: "batches of one shape" },
    { shapes: [[], [], [], []], attributes: {}, message: "batches of one shape" },
    { shapes: [[2, 3], [2, 3], [2], [3]], attributes: {}, message: "a forward and a backward share" },
  ],
};

/**
 * Mixes two branches (shake-shake, Gastaldi 2017): `y[n] = α[n]·a[n] + (1 − α[n])·b[n]`. In the backward
 * pass, given the gradient `g` of `y`, `a` gets `β[n]·g[n]` and `b` gets `(1 − β[n])·g[n]`. As `β` differs
 * from `α`, this is deliberately not the true gradient: the difference regularises.
 * @param a `[N, …]`; gets gradient.
 * @param b `[N, …]`; gets gradient.
 * @param forward `α`, `[N]`; gets no gradient.
 * @param backward `β`, `[N]`; gets no gradient.
 * @throws {RangeError} if shapes do not fit. @throws {TypeError} if an operand is not float32.
 */
export function shakeShake(a: Tensor, b: Tensor, forward: Tensor, backward: Tensor): Tensor {
  return apply(shakeShakeOp, [a, b, forward, backward], {});
}

/** Ops of this file, for the table of all ops. */
export const shakeShakeOps = [shakeShakeOp] as const;
