/**
 * Gradients by reverse accumulation of vector-Jacobian products. The rules are themselves built of ops, so a
 * gradient is an ordinary graph, which is compiled with the rest and can be differentiated again.
 * @module
 */
import { topologicalOrder } from "./compile/fuse.ts";
import { constant } from "./ops/constants.ts";
import { add } from "./ops/pointwise.ts";
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

/** Returns `x` unchanged, but blocks its gradient. */
export function stopGradient(x: Tensor): Tensor {
  return apply(stopGradientOp, [x], {});
}

/**
 * Returns the gradient of a scalar with respect to each of `variables`: `∂cost / ∂variable`, in the
 * variable's shape; zeros if the cost does not depend on the variable.
 * @throws {RangeError} if `cost` is not a scalar. @throws {TypeError} if an op in between has no gradient.
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
      `Cannot differentiate: the cost must be a scalar, but its shape is ${formatShape(cost.shape)}`,
    );
  }
  return vjp(cost, constant(1), variables);
}

/**
 * Returns the vector-Jacobian product: gradients with respect to `variables`, given the gradient `cotangent`
 * of `result`.
 * @throws {RangeError} if shapes differ. @throws {TypeError} if an op in between has no gradient.
 */
export function vjp<const V extends readonly Tensor[]>(
  result: Tensor,
  cotangent: Tensor,
  variables: V,
): { [K in keyof V]: Tensor } {
  if (!sameShape(result.shape, cotangent.shape)) {
    throw new RangeError(
      `Cannot differentiate: the cotangent must have the shape of the result, but shapes are ${
        formatShape(cotangent.shape)
      } and ${formatShape(result.shape)}`,
    );
  }
  const order = topologicalOrder([result]);
  const dependent = new Set<Tensor>(variables);
  for (const node of order) if (node.inputs.some((input) => dependent.has(input))) dependent.add(node);
  const gradients = new Map<Tensor, Tensor>([[result, cotangent]]);
  for (const node of order.toReversed()) {
    const gradient = gradients.get(node);
    if (!gradient || node.inputs.length === 0 || !node.inputs.some((input) => dependent.has(input))) continue;
    if (!node.op.vjp) throw new TypeError(`Cannot differentiate: ${node.op.name} has no gradient`);
    const parts = node.op.vjp(gradient, node);
    for (const [i, input] of node.inputs.entries()) {
      const part = parts[i], known = gradients.get(input);
      if (part && dependent.has(input)) gradients.set(input, known ? add(known, part) : part);
    }
  }
  return variables.map((variable) =>
    gradients.get(variable) ?? expand(constant(0, variable.dtype), variable.shape)
  ) as { [K in keyof V]: Tensor };
}
