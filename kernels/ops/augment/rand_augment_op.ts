/**
 * The op that applies one drawn operation of RandAugment to each image of a batch.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import {
  checkFloats,
  formatShape,
  formatShapes,
  hasAxes,
  type Shape,
  sizeOf,
  type Tensor,
} from "../../tensor.ts";
import { linearWorkgroupSize, mostIterations, workgroupRows } from "../../workgroups.ts";
import {
  type DrawnOperation,
  hostRandAugment,
  type RandAugmentOperation,
  randAugmentOperations,
} from "./rand_augment_reference.ts";
import randAugmentWgsl from "./rand_augment.wgsl" with { type: "text" };
import pixelsWgsl from "./rand_augment_pixels.wgsl" with { type: "text" };
import statisticsWgsl from "./rand_augment_statistics.wgsl" with { type: "text" };

/** Random numbers that an operation takes: which one, its strength and its sign. */
export const drawsPerOperation = 3;

/** Largest magnitude: the scale of the paper. */
export const mostMagnitude = 10;
/** Loop iterations of an invocation beside those for pixels: the table of equalize, and sums of 64 parts. */
const tableIterations = 1024;
/** Longest list of operations: four bits each in two words. */
const mostOperations = 16;

/** Options of one operation; `operations` are positions in {@linkcode randAugmentOperations}. */
type OperationAttributes = {
  readonly operations: readonly number[];
  readonly magnitude: number;
  readonly randomMagnitude: boolean;
  readonly fill: number;
};

function checkAttributes({ operations, magnitude, fill }: OperationAttributes): void {
  if (!(magnitude >= 0 && magnitude <= mostMagnitude)) {
    throw new RangeError(
      `Cannot apply RandAugment: the magnitude must be in 0 … ${mostMagnitude}, but it is ${magnitude}`,
    );
  }
  if (!Number.isFinite(fill)) {
    throw new RangeError(`Cannot apply RandAugment: the fill must be a number, but it is ${fill}`);
  }
  if (operations.length < 1 || operations.length > mostOperations) {
    throw new RangeError(
      `Cannot apply RandAugment: give 1 … ${mostOperations} operations, but ${operations.length} are given`,
    );
  }
  const unknown = operations.find((operation) => randAugmentOperations[operation] === undefined);
  if (unknown !== undefined) {
    throw new RangeError(`Cannot apply RandAugment: operation ${unknown} is unknown`);
  }
}

function checkOperands(images: Tensor, uniform: Tensor): Shape<4> {
  checkFloats("apply RandAugment", [images, uniform]);
  const { shape } = images;
  if (!hasAxes(shape, 4)) {
    throw new RangeError(
      `Cannot apply RandAugment: images must be [N, C, H, W], but their shape is ${formatShape(shape)}`,
    );
  }
  const [batch, channels, height, width] = shape;
  if (formatShape(uniform.shape) !== formatShape([batch, drawsPerOperation])) {
    const shapes = formatShapes([images, uniform]);
    throw new RangeError(
      `Cannot apply RandAugment: each image needs ${drawsPerOperation} numbers, but shapes are ${shapes}`,
    );
  }
  const most = Math.floor((mostIterations - tableIterations) / (channels + 2)) * linearWorkgroupSize;
  if (height * width > most) {
    const at = `their shape is ${formatShape(shape)}`;
    throw new RangeError(
      `Cannot apply RandAugment: ${channels} channels must have at most ${most} pixels each, but ${at}`,
    );
  }
  return shape;
}

/** Words that hold the numbers of eight operations, four bits each. */
function packOperations(operations: readonly number[]): readonly [number, number] {
  const word = (first: number) =>
    operations.slice(first, first + 8).reduce((bits, operation, i) => bits + operation * 16 ** i, 0);
  return [word(0), word(8)];
}

/** Positions of operations in the table. @throws {RangeError} if a name is unknown. */
export function operationNumbers(operations: readonly RandAugmentOperation[]): number[] {
  return operations.map((operation) => {
    const number = randAugmentOperations.indexOf(operation);
    if (number >= 0) return number;
    throw new RangeError(
      `Unknown RandAugment operation "${operation}"; known operations: ${randAugmentOperations.join(", ")}`,
    );
  });
}

/** Operation that three uniform numbers draw. */
export function hostDraw(
  [choice = 0, magnitude = 0, sign = 0]: ArrayLike<number> & Iterable<number>,
  attributes: OperationAttributes,
): DrawnOperation {
  const { operations } = attributes;
  // Multiplied in float32, as on the device.
  const chosen = Math.min(Math.floor(Math.fround(choice * operations.length)), operations.length - 1);
  const strength = attributes.magnitude / mostMagnitude * (attributes.randomMagnitude ? magnitude : 1);
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return {
    operation: randAugmentOperations[operations[chosen]!]!,
    strength,
    amount: sign < 0.5 ? -strength : strength,
  };
}

const usual: OperationAttributes = {
  operations: operationNumbers(randAugmentOperations),
  magnitude: 10,
  randomMagnitude: true,
  fill: 0.5,
};
const sampleOf = (
  shape: Shape<4>,
  attributes: Partial<OperationAttributes> = {},
): Sample<OperationAttributes> => ({
  shapes: [shape, [shape[0], drawsPerOperation]],
  attributes: { ...usual, ...attributes },
  range: [0, 1],
  differentiable: false,
});

/** Applies the operation that three numbers draw to each image. */
export const randAugmentOp: KernelOp<OperationAttributes, [Shape<4>, Shape<2>]> = {
  kind: "kernel",
  name: "rand_augment",
  infer([images, uniform], attributes) {
    checkAttributes(attributes);
    return { shape: checkOperands(images, uniform), dtype: "float32" };
  },
  kernel({ attributes, inputs: [images] }) {
    const [BATCH, C, H, W] = images.shape, [FIRST_EIGHT, LAST_EIGHT] = packOperations(attributes.operations);
    const { operations: { length: COUNT }, fill: FILL } = attributes;
    const STRENGTH = attributes.magnitude / mostMagnitude, IS_RANDOM = Number(attributes.randomMagnitude);
    return {
      wgsl: randAugmentWgsl + pixelsWgsl + statisticsWgsl,
      constants: { BATCH, C, H, W, COUNT, FIRST_EIGHT, LAST_EIGHT, STRENGTH, IS_RANDOM, FILL },
      workgroups: workgroupRows(BATCH * C),
    };
  },
  reference([images, uniform], { inputs, attributes, shape }) {
    const [, ...imageShape] = inputs[0].shape, size = sizeOf(imageShape);
    const result = new Float64Array(sizeOf(shape));
    for (let first = 0; first < result.length; first += size) {
      const draws = uniform.subarray(drawsPerOperation * first / size);
      const drawn = hostDraw(draws, attributes);
      const image = images.slice(first, first + size);
      result.set(hostRandAugment(image, imageShape, drawn, attributes.fill), first);
    }
    return result;
  },
  samples: [
    ...usual.operations.map((operation) => sampleOf([6, 3, 9, 7], { operations: [operation] })),
    sampleOf([60, 1, 28, 26], { fill: 0 }),
    sampleOf([40, 3, 8, 8], { magnitude: 5, randomMagnitude: false }),
    sampleOf([40, 1, 8, 8], { magnitude: 0, randomMagnitude: false }),
    sampleOf([20, 2, 5, 4], { operations: operationNumbers(["color", "contrast", "equalize"]) }),
    sampleOf([30, 3, 1, 1]),
    sampleOf([30, 1, 2, 1]),
    sampleOf([0, 3, 4, 4]),
    sampleOf([30, 3, 40, 36], { magnitude: 7.5 }),
    sampleOf([33_000, 2, 1, 2]),
  ],
  refusals: [
    { shapes: [[2, 3, 3], [2, 3]], attributes: usual, message: "images must be [N, C, H, W]" },
    { shapes: [[2, 3, 3, 3], [2, 2]], attributes: usual, message: "each image needs 3 numbers" },
    { shapes: [[1, 1, 3, 3], [1, 3]], attributes: { ...usual, magnitude: 11 }, message: "in 0 … 10" },
    { shapes: [[1, 1, 3, 3], [1, 3]], attributes: { ...usual, fill: NaN }, message: "fill must be a number" },
    { shapes: [[1, 1, 3, 3], [1, 3]], attributes: { ...usual, operations: [] }, message: "but 0 are given" },
  ],
};
