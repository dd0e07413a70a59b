/**
 * Joining tensors.
 * @module
 */
import { formatShapes, sameShape, type Tensor } from "../../tensor.ts";
import { add } from "../pointwise.ts";
import { pad } from "./slicing.ts";

/**
 * Joins tensors along `axis`.
 * @throws {RangeError} if their other sizes differ or there is none.
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (!first) throw new RangeError("Cannot concatenate tensors as there must be at least one: there is none");
  for (const tensor of rest) {
    if (!sameShape(tensor.shape.with(axis, 0), first.shape.with(axis, 0))) {
      throw new RangeError(
        `Cannot concatenate tensors as sizes must match off axis ${axis}: shapes are ${
          formatShapes(tensors)
        }`,
      );
    }
  }
  const total = tensors.reduce((size, tensor) => size + tensor.shape[axis]!, 0);
  const zeros = first.shape.map(() => 0);
  let start = 0;
  return tensors.map((tensor) => {
    const before = zeros.with(axis, start);
    start += tensor.shape[axis]!;
    return pad(tensor, before, zeros.with(axis, total - start));
  }).reduce((joined, part) => add(joined, part));
}
