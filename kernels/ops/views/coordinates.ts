/**
 * The float64 reference of ops that move elements without arithmetic.
 * @module
 */
import { type Shape, sizeOf, stridesOf, type Tensor } from "../../tensor.ts";

/** Walks every coordinate of a shape in row-major order. */
function eachCoordinate(shape: Shape, visit: (coordinate: readonly number[], index: number) => void): void {
  const coordinate = new Array<number>(shape.length).fill(0);
  for (let index = 0, size = sizeOf(shape); index < size; index++) {
    visit(coordinate, index);
    for (let axis = shape.length - 1; axis >= 0 && ++coordinate[axis]! === shape[axis]; axis--) {
      coordinate[axis] = 0;
    }
  }
}

/** Float64 reference of a movement op from its map of coordinates; null = zero. */
export function moved(
  node: Tensor,
  values: Float64Array,
  from: (coordinate: readonly number[]) => number[] | null,
): Float64Array {
  const result = new Float64Array(sizeOf(node.shape));
  const strides = stridesOf(node.inputs[0]!.shape);
  eachCoordinate(node.shape, (coordinate, index) => {
    const source = from(coordinate);
    if (source) result[index] = values[source.reduce((offset, c, axis) => offset + c * strides[axis]!, 0)]!;
  });
  return result;
}
