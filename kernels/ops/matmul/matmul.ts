/**
 * Matrix product.
 * @module
 */
import type { KernelOp, Sample, Variant } from "../../op.ts";
import { apply, checkFloats, formatShape, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { texelConvolution } from "../conv/conv_texels.ts";
import { type Tile, tileNames, tileTraits, tileWins } from "../texel_tiles.ts";
import { texelProduct } from "./matmul_texels.ts";
import matmulWgsl from "./matmul.wgsl" with { type: "text" };
import { reshape, transpose } from "../views/movement.ts";
import { fitsMatrixTexels, fitsTexels, matrixTexels } from "../texels.ts";

/** Which operands of a {@linkcode matmul} are taken transposed. */
export interface MatmulOptions {
  /** `a` is given as `[K, M]`. */
  readonly transposeA?: boolean;
  /** `b` is given as `[N, K]`. */
  readonly transposeB?: boolean;
}

type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

function sizes(
  [{ shape: a }, { shape: b }]: readonly [Tensor, Tensor],
  { transposeA, transposeB }: MatmulAttributes,
): { m: number; n: number; k: number } {
  if (!hasAxes(a, 2) || !hasAxes(b, 2)) {
    throw new RangeError(
      `Cannot multiply matrices as both must have 2 axes: shapes are ${formatShape(a)} and ${formatShape(b)}`,
    );
  }
  const [m, k] = transposeA ? [a[1], a[0]] : a;
  const [inner, n] = transposeB ? [b[1], b[0]] : b;
  if (k !== inner) {
    throw new RangeError(
      `Cannot multiply matrices as inner sizes must match: shapes are ${formatShape(a)}${
        transposeA ? " transposed" : ""
      } and ${formatShape(b)}${transposeB ? " transposed" : ""}`,
    );
  }
  return { m, n, k };
}

/** A product of matrices as a 1×1 convolution of images of one pixel. */
const texelsVariant = (tile: Tile): Variant<MatmulAttributes, [Shape<2>, Shape<2>]> => ({
  ...tileTraits("texels", tile),
  supports({ inputs, attributes }) {
    const { m, n, k } = sizes(inputs, attributes);
    return k > 0 && fitsTexels([m, k, 1, 1], 1) && fitsTexels([n, k, 1, 1], 1);
  },
  wins({ inputs, attributes }, device) {
    const { n, k } = sizes(inputs, attributes);
    return k >= 4 && tileWins(tile, n, device);
  },
  lower({ inputs: [a, b], attributes, shape }) {
    const { m, n, k } = sizes([a, b], attributes);
    const x = reshape(attributes.transposeA ? transpose(a) : a, [m, k, 1, 1]);
    const w = reshape(attributes.transposeB ? b : transpose(b), [n, k, 1, 1]);
    const product = texelConvolution(x, w, { stride: 1, groups: 1, tile });
    return reshape(product, shape);
  },
});

/** A product of matrices whose operands need no other layout. */
const matrixVariant: Variant<MatmulAttributes, [Shape<2>, Shape<2>]> = {
  ...tileTraits("matrices", "subgroup"),
  supports({ inputs, attributes }) {
    const { m, n, k } = sizes(inputs, attributes);
    return fitsMatrixTexels([m, k]) && fitsMatrixTexels([k, n]);
  },
  wins({ inputs, attributes }, device) {
    return tileWins("subgroup", sizes(inputs, attributes).n, device);
  },
  lower({ inputs: [a, b], attributes, shape }) {
    const { transposeA, transposeB } = attributes, { m, n, k } = sizes([a, b], attributes);
    return texelProduct(
      matrixTexels(transposeA ? transpose(a) : a, [m, k]),
      matrixTexels(transposeB ? transpose(b) : b, [k, n]),
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
    const { m, n } = sizes(inputs, attributes);
    return { shape: [m, n], dtype: "float32" };
  },
  kernel({ inputs, attributes }, { CHUNKS, ROWS }) {
    const { m: M, n: N, k: K } = sizes(inputs, attributes);
    const [A_ROW, A_COLUMN] = attributes.transposeA ? [1, M] : [K, 1];
    const [B_ROW, B_COLUMN] = attributes.transposeB ? [1, K] : [N, 1];
    return { wgsl: matmulWgsl, constants: { M, N, K, A_ROW, A_COLUMN, B_ROW, B_COLUMN, CHUNKS, ROWS } };
  },
  extent: ({ inputs, attributes }) => ({ rows: sizes(inputs, attributes).k, length: 1 }),
  variants: [matrixVariant, ...tileNames.map(texelsVariant)],
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
    const { m, n, k } = sizes(inputs, attributes);
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
    // More blocks of 16 columns than workgroups fit in one dimension of a dispatch.
    { ...sampleOf([1, 4], [4, 1_100_003]), differentiable: false },
    { ...sampleOf([20_003, 2], [20_003, 3], transposedA), differentiable: false },
    { ...sampleOf([2, 70_001], [3, 70_001], transposedB), differentiable: false },
    // Rows of a whole number of 256 bytes, as copies into textures with these rows need.
    { ...sampleOf([67, 128], [128, 64]), differentiable: false },
    { ...sampleOf([64, 131], [192, 64], { ...transposedA, ...transposedB }), differentiable: false },
  ],
  refusals: [
    { ...sampleOf([3, 5], [4, 2]), message: "inner sizes must match" },
    { ...sampleOf([3, 5], [5]), message: "2 axes" },
  ],
};

/**
 * Matrix product: `out[m, n] = Σ_k a[m, k] · b[k, n]`; both operands get gradient.
 * @throws {RangeError} if inner sizes differ or an operand is no matrix. @throws {TypeError} if one is not float32.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/** The ops of this file, for the table of all ops. */
export const matmulOps = [matmulOp] as const;
