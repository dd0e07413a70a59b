/**
 * Float64 reference of ops that move elements without arithmetic.
 * @module
 */
import type { OpNode } from "../../op.ts";
import { type Attributes, type Shape, sizeOf, stridesOf, type Tensor } from "../../tensor.ts";

/** Visits the coordinates of all elements of a shape, in row-major order. */
function visitCoordinates<S extends Shape>(shape: S, visit: (coordinate: S, index: number) => void): void {
  const coordinate = new Array<number>(shape.length).fill(0) as number[] & S;
  for (let index = 0, size = sizeOf(shape); index < size; index++) {
    visit(coordinate, index);
    for (let axis = shape.length - 1; axis >= 0 && ++coordinate[axis]! === shape[axis]; axis--) {
      coordinate[axis] = 0;
    }
  }
}

/** Moves elements by a map from coordinates of the result to coordinates of the input; null means zero. */
export function moveElements<F extends Shape | [], S extends Shape>(
  { inputs: [input], shape }: OpNode<Attributes, readonly [F]> & Tensor<S>,
  values: Float64Array,
  from: (coordinate: S) => F | null,
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const strides = stridesOf(input.shape);
  visitCoordinates(shape, (coordinate, index) => {
    const source = from(coordinate);
    if (source) result[index] = values[source.reduce((offset, c, axis) => offset + c * strides[axis]!, 0)]!;
  });
  return result;
}
