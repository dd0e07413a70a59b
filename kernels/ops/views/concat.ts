/**
 * Concatenation of tensors.
 * @module
 */
import { formatShapes, sameShape, type Tensor } from "../../tensor.ts";
import { add } from "../pointwise.ts";
import { pad } from "./slicing.ts";

/**
 * Concatenates tensors along `axis`.
 * @throws {RangeError} if other sizes differ or the list is empty.
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (!first) throw new RangeError("Cannot concatenate tensors: the list is empty");
  for (const tensor of rest) {
    if (!sameShape(tensor.shape.with(axis, 0), first.shape.with(axis, 0))) {
      throw new RangeError(
        `Cannot concatenate tensors: sizes must match in all axes except ${axis}, but shapes are ${
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
