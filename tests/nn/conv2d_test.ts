/** The convolution layer against its formula, in float64 on the host. */
import { sizeOf, type Tensor } from "../../kernels/mod.ts";
import { Conv2d, type Conv2dOptions, Initializer, type NamedVariables } from "../../nn/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor, shapesOf } from "./gradients.ts";

const exact = { rtol: 1e-12, atol: 1e-12 };

type ConvCase = Conv2dOptions & {
  readonly kernel: number;
  readonly inputs: number;
  readonly outputs: number;
};

/**
 * Computes a convolution by its formula:
 * `y[n, o, i, j] = bias[o] + Σ x[n, g + c, s·i + u − p, s·j + v − p] · w[o, c, u, v]`.
 */
function convolve(x: Tensor, { weight, bias }: NamedVariables, options: ConvCase, shape: readonly number[]) {
  const { stride = 1, padding = 0, groups = 1, kernel, inputs, outputs } = options;
  const [images, weights, biases] = [x, weight!, ...bias ? [bias] : []].map((tensor) => evaluate(tensor));
  const [, , height, width] = x.shape as [number, number, number, number];
  const perGroup = inputs / groups;
  const [, , rows, columns] = shape as [number, number, number, number];
  return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
    const j = at % columns, i = Math.floor(at / columns) % rows;
    const o = Math.floor(at / columns / rows) % outputs, n = Math.floor(at / columns / rows / outputs);
    let sum = biases ? biases[o]! : 0;
    for (let c = 0; c < perGroup; c++) {
      const channel = Math.floor(o / (outputs / groups)) * perGroup + c;
      for (let u = 0; u < kernel; u++) {
        for (let v = 0; v < kernel; v++) {
          const row = i * stride + u - padding, column = j * stride + v - padding;
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          sum += images![((n * inputs + channel) * height + row) * width + column]! *
            weights![((o * perGroup + c) * kernel + u) * kernel + v]!;
        }
      }
    }
    return sum;
  });
}

const convCases: readonly (ConvCase & { readonly want: readonly number[] })[] = [
  { inputs: 2, outputs: 3, kernel: 3, want: [2, 3, 4, 5] },
  { inputs: 3, outputs: 2, kernel: 3, padding: 1, bias: false, want: [2, 2, 6, 7] },
  { inputs: 2, outputs: 4, kernel: 3, stride: 2, padding: 1, want: [2, 4, 3, 4] },
  { inputs: 4, outputs: 6, kernel: 3, stride: 2, groups: 2, want: [2, 6, 2, 3] },
  { inputs: 3, outputs: 3, kernel: 2, padding: 2, groups: 3, bias: false, want: [2, 3, 9, 10] },
  { inputs: 3, outputs: 5, kernel: 1, stride: 3, initialization: "default", want: [2, 5, 2, 3] },
];

for (const options of convCases) {
  const { inputs, outputs, kernel, groups = 1, bias = true, want, ...rest } = options;
  Deno.test(`Conv2d ${inputs}→${outputs}, ${kernel}×${kernel}, ${JSON.stringify({ groups, bias, ...rest })}`, () => {
    const layer = new Conv2d(inputs, outputs, kernel, new Initializer(3), { groups, bias, ...rest });
    assertEquals(shapesOf(layer.parameters), {
      weight: [outputs, inputs / groups, kernel, kernel],
      ...bias ? { bias: [outputs] } : {},
    });
    assertEquals(layer.buffers, {});
    const x = randomTensor(1, [2, inputs, 6, 7]);
    const y = layer.forward(x);
    assertEquals(y.shape, want);
    assertClose(evaluate(y), convolve(x, layer.parameters, options, want), exact);
    assertGradients(y, { x, ...layer.parameters });
  });
}

Deno.test("Conv2d refuses images of other channels, and images smaller than its kernel", () => {
  const layer = new Conv2d(2, 3, 3, new Initializer(3));
  assertThrows(() => layer.forward(randomTensor(1, [2, 3, 6, 6])), RangeError, "Cannot");
  assertThrows(() => layer.forward(randomTensor(1, [2, 2, 2, 6])), RangeError, "Cannot");
});
