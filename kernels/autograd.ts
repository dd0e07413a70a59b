/**
 * Gradients by reverse accumulation of vector-Jacobian products. Each op's rule is written in ops, so a
 * gradient is a graph like any other: it is compiled with the rest, and has a gradient itself.
 * @module
 */
import { topologicalOrder } from "./compile/fuse.ts";
import { add, constant } from "./ops/pointwise.ts";
import { expand } from "./ops/views/expansion.ts";
import type { CompositeOp } from "./op.ts";
import { apply, type Attributes, formatShape, sameShape, type Shape, type Tensor } from "./tensor.ts";

const stopGradientOp: CompositeOp<Attributes, [Shape]> = {
  kind: "composite",
  name: "stop_gradient",
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  expand: ({ inputs: [x] }) => x,
  vjp: () => [null],
};

/** The same value, through which no gradient flows. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], {});
}

/**
 * The gradient of a scalar with respect to each of `variables`: `∂cost / ∂variable`, in the variable's shape;
 * zero where the cost does not depend on it.
 * @throws {RangeError} if `cost` is not a scalar. @throws {TypeError} if an op on the way has no gradient.
 * @example
 * ```ts
 * import { compile, Device, grad, mul, sum, variable } from "./mod.ts";
 * const x = variable([3], [1, 2, 3]);
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { slope: grad(sum(mul(x, x)), [x])[0] } }));
 * const { slope } = await program.runAndRead({});
 * console.assert(slope.join() === "2,4,6");
 * ```
 */
export function grad<const V extends readonly Tensor[]>(
  cost: Tensor,
  variables: V,
): { [K in keyof V]: Tensor } {
  if (cost.shape.length > 0) {
    throw new RangeError(
      `Cannot differentiate cost as it must be a scalar: its shape is ${formatShape(cost.shape)}`,
    );
  }
  return vjp(cost, constant(1), variables);
}

/**
 * The vector-Jacobian product: gradients with respect to `variables` where `result` has the gradient `cotangent`.
 * @throws {RangeError} if shapes differ. @throws {TypeError} if an op on the way has no gradient.
 */
export function vjp<const V extends readonly Tensor[]>(
  result: Tensor,
  cotangent: Tensor,
  variables: V,
): { [K in keyof V]: Tensor } {
  if (!sameShape(result.shape, cotangent.shape)) {
    throw new RangeError(
      `Cannot differentiate as the cotangent must have the result's shape: shapes are ${
        formatShape(cotangent.shape)
      } and ${formatShape(result.shape)}`,
    );
  }
  const order = topologicalOrder([result]);
  const reaching = new Set<Tensor>(variables);
  for (const node of order) if (node.inputs.some((input) => reaching.has(input))) reaching.add(node);
  const gradients = new Map<Tensor, Tensor>([[result, cotangent]]);
  for (const node of order.toReversed()) {
    const gradient = gradients.get(node);
    if (!gradient || node.inputs.length === 0 || !node.inputs.some((input) => reaching.has(input))) continue;
    if (!node.op.vjp) throw new TypeError(`Cannot differentiate as ${node.op.name} has no gradient`);
    const parts = node.op.vjp(gradient, node);
    for (const [i, input] of node.inputs.entries()) {
      const part = parts[i], known = gradients.get(input);
      if (part && reaching.has(input)) gradients.set(input, known ? add(known, part) : part);
    }
  }
  return variables.map((variable) =>
    gradients.get(variable) ?? expand(constant(0, variable.dtype), variable.shape)
  ) as { [K in keyof V]: Tensor };
}
