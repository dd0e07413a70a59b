/**
 * Matrix products.
 * @module
 */
import type { KernelOp, Sample, Variant } from "../../op.ts";
import { apply, checkFloats, formatShape, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { convolveTexels } from "../conv/conv_texels.ts";
import { type Tile, tileNames, tileTraits, tileWins } from "../texel_tiles.ts";
import { multiplyTexels } from "./matmul_texels.ts";
import matmulWgsl from "./matmul.wgsl" with { type: "text" };
import { reshape, transpose } from "../views/movement.ts";
import { copyMatrixToTexture, fitsMatrixTexels, fitsTexels } from "../texels.ts";

/** Options of {@linkcode matmul}. */
export interface MatmulOptions {
  /** True if `a` is `[K, M]`; false if absent. */
  readonly transposeA?: boolean;
  /** True if `b` is `[N, K]`; false if absent. */
  readonly transposeB?: boolean;
}

type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

function checkSizes(
  [{ shape: a }, { shape: b }]: readonly [Tensor, Tensor],
  { transposeA, transposeB }: MatmulAttributes,
): { m: number; n: number; k: number } {
  if (!hasAxes(a, 2) || !hasAxes(b, 2)) {
    throw new RangeError(
      `Cannot multiply matrices: both must have 2 axes, but shapes are ${formatShape(a)} and ${
        formatShape(b)
      }`,
    );
  }
  const [m, k] = transposeA ? [a[1], a[0]] : a;
  const [inner, n] = transposeB ? [b[1], b[0]] : b;
  if (k !== inner) {
    throw new RangeError(
      `Cannot multiply matrices: inner sizes must match, but shapes are ${formatShape(a)}${
        transposeA ? " transposed" : ""
      } and ${formatShape(b)}${transposeB ? " transposed" : ""}`,
    );
  }
  return { m, n, k };
}

/** Creates a variant that computes a matrix product as a 1×1 convolution of images of one pixel. */
const createTexelsVariant = (tile: Tile): Variant<MatmulAttributes, [Shape<2>, Shape<2>]> => ({
  ...tileTraits("texels", tile),
  supports({ inputs, attributes }) {
    const { m, n, k } = checkSizes(inputs, attributes);
    return k > 0 && fitsTexels([m, k, 1, 1], 1) && fitsTexels([n, k, 1, 1], 1);
  },
  wins({ inputs, attributes }, device) {
    const { n, k } = checkSizes(inputs, attributes);
    return k >= 4 && tileWins(tile, n, device);
  },
  lower({ inputs: [a, b], attributes, shape }) {
    const { m, n, k } = checkSizes([a, b], attributes);
    const x = reshape(attributes.transposeA ? transpose(a) : a, [m, k, 1, 1]);
    const w = reshape(attributes.transposeB ? b : transpose(b), [n, k, 1, 1]);
    const product = convolveTexels(x, w, { stride: 1, groups: 1, tile });
    return reshape(product, shape);
  },
});

/** Variant that reads both matrices from textures in their own layout. */
const matrixVariant: Variant<MatmulAttributes, [Shape<2>, Shape<2>]> = {
  ...tileTraits("matrices", "subgroup"),
  supports({ inputs, attributes }) {
    const { m, n, k } = checkSizes(inputs, attributes);
    return fitsMatrixTexels([m, k]) && fitsMatrixTexels([k, n]);
  },
  wins({ inputs, attributes }, device) {
    return tileWins("subgroup", checkSizes(inputs, attributes).n, device);
  },
  lower({ inputs: [a, b], attributes, shape }) {
    const { transposeA, transposeB } = attributes, { m, n, k } = checkSizes([a, b], attributes);
    return multiplyTexels(
      copyMatrixToTexture(transposeA ? transpose(a) : a, [m, k]),
      copyMatrixToTexture(transposeB ? transpose(b) : b, [k, n]),
      shape,
    );
  },
};

const transposedA = { transposeA: true }, transposedB = { transposeB: true };

function sampleOf(a: Shape, b: Shape, options: MatmulOptions = {}): Sample<MatmulAttributes> {
  return { shapes: [a, b], attributes: { transposeA: false, transposeB: false, ...options } };
}

const matmulOp: KernelOp<MatmulAttributes, [Shape<2>, Shape<2>]> = {
  kind: "kernel",
  name: "matmul",
  infer(inputs, attributes) {
    checkFloats("multiply matrices", inputs);
    const { m, n } = checkSizes(inputs, attributes);
    return { shape: [m, n], dtype: "float32" };
  },
  kernel({ inputs, attributes }, { CHUNKS, ROWS }) {
    const { m: M, n: N, k: K } = checkSizes(inputs, attributes);
    const [A_ROW, A_COLUMN] = attributes.transposeA ? [1, M] : [K, 1];
    const [B_ROW, B_COLUMN] = attributes.transposeB ? [1, K] : [N, 1];
    return { wgsl: matmulWgsl, constants: { M, N, K, A_ROW, A_COLUMN, B_ROW, B_COLUMN, CHUNKS, ROWS } };
  },
  extent: ({ inputs, attributes }) => ({ rows: checkSizes(inputs, attributes).k, length: 1 }),
  variants: [matrixVariant, ...tileNames.map(createTexelsVariant)],
  vjp(gradient, { inputs: [a, b], attributes: { transposeA, transposeB } }) {
    return [
      transposeA
        ? matmul(b, gradient, { transposeA: transposeB, transposeB: true })
        : matmul(gradient, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(gradient, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, gradient, { transposeA: !transposeA }),
    ];
  },
  reference([a, b], { inputs, attributes, shape }) {
    const { m, n, k } = checkSizes(inputs, attributes);
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let l = 0; l < k; l++) {
          out[i * n + j]! += a[attributes.transposeA ? l * m + i : i * k + l]! *
            b[attributes.transposeB ? j * k + l : l * n + j]!;
        }
      }
    }
    return out;
  },
  samples: [
    sampleOf([3, 5], [5, 4]),
    sampleOf([5, 3], [5, 4], transposedA),
    sampleOf([3, 5], [4, 5], transposedB),
    sampleOf([5, 3], [4, 5], { ...transposedA, ...transposedB }),
    sampleOf([1, 1], [1, 1]),
    sampleOf([0, 3], [3, 2]),
    sampleOf([3, 0], [0, 2]),
    { ...sampleOf([67, 129], [129, 35]), differentiable: false },
    // More blocks of 16 columns than a dispatch allows workgroups in one dimension.
    { ...sampleOf([1, 4], [4, 1_100_003]), differentiable: false },
    { ...sampleOf([20_003, 2], [20_003, 3], transposedA), differentiable: false },
    { ...sampleOf([2, 70_001], [3, 70_001], transposedB), differentiable: false },
    // Rows of a multiple of 256 bytes, as copies into textures row by row require.
    { ...sampleOf([67, 128], [128, 64]), differentiable: false },
    { ...sampleOf([64, 131], [192, 64], { ...transposedA, ...transposedB }), differentiable: false },
  ],
  refusals: [
    { ...sampleOf([3, 5], [4, 2]), message: "inner sizes must match" },
    { ...sampleOf([3, 5], [5]), message: "2 axes" },
  ],
};

/**
 * Multiplies matrices: `out[m, n] = Σ_k a[m, k] · b[k, n]`.
 * @param a `[M, K]`, or `[K, M]` with `transposeA`; gets gradient.
 * @param b `[K, N]`, or `[N, K]` with `transposeB`; gets gradient.
 * @returns `[M, N]`.
 * @throws {RangeError} if inner sizes differ or an operand is not a matrix.
 * @throws {TypeError} if an operand is not float32.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/** Ops of this file, for the table of all ops. */
export const matmulOps = [matmulOp] as const;
