/**
 * The float64 reference of ops that move elements without arithmetic.
 * @module
 */
import type { OpNode } from "../../op.ts";
import { type Attributes, type Shape, sizeOf, stridesOf, type Tensor } from "../../tensor.ts";

/** Walks every coordinate of a shape, a number for each axis as the shape is, in row-major order. */
function eachCoordinate<S extends Shape>(shape: S, visit: (coordinate: S, index: number) => void): void {
  const coordinate = new Array<number>(shape.length).fill(0) as number[] & S;
  for (let index = 0, size = sizeOf(shape); index < size; index++) {
    visit(coordinate, index);
    for (let axis = shape.length - 1; axis >= 0 && ++coordinate[axis]! === shape[axis]; axis--) {
      coordinate[axis] = 0;
    }
  }
}

/** Float64 reference of a movement op from its map of coordinates; null = zero. */
export function moved<F extends Shape | [], S extends Shape>(
  { inputs: [input], shape }: OpNode<Attributes, readonly [F]> & Tensor<S>,
  values: Float64Array,
  from: (coordinate: S) => F | null,
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const strides = stridesOf(input.shape);
  eachCoordinate(shape, (coordinate, index) => {
    const source = from(coordinate);
    if (source) result[index] = values[source.reduce((offset, c, axis) => offset + c * strides[axis]!, 0)]!;
  });
  return result;
}
