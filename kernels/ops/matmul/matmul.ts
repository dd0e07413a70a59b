/**
 * Matrix product.
 * @module
 */
import {
  apply,
  checkFloats,
  formatShape,
  type KernelOp,
  sizeOf,
  type Tensor,
  type Variant,
} from "../../tensor.ts";
import { linearWorkgroups } from "../../workgroups.ts";
import { texelConvolution } from "../conv/conv_texels.ts";
import { type Tile, tileNames, tileTraits, tileWins } from "../texel_tiles.ts";
import { fitsTexelProduct, texelProduct } from "./matmul_texels.ts";
import matmulWgsl from "./matmul.wgsl" with { type: "text" };
import { reshape, transpose } from "../views/movement.ts";
import { fitsTexels } from "../texels.ts";

/** Which operands of a {@linkcode matmul} are taken transposed. */
export interface MatmulOptions {
  /** `a` is given as `[K, M]`. */
  readonly transposeA?: boolean;
  /** `b` is given as `[N, K]`. */
  readonly transposeB?: boolean;
}

type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

function sizes(
  [a, b]: readonly Tensor[],
  { transposeA, transposeB }: MatmulAttributes,
): { m: number; n: number; k: number } {
  if (a!.shape.length !== 2 || b!.shape.length !== 2) {
    throw new RangeError(
      `Cannot multiply matrices as both must have 2 axes: shapes are ${formatShape(a!.shape)} and ${
        formatShape(b!.shape)
      }`,
    );
  }
  const [m, k] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
  const [inner, n] = transposeB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
  if (k !== inner) {
    throw new RangeError(
      `Cannot multiply matrices as inner sizes must match: shapes are ${formatShape(a!.shape)}${
        transposeA ? " transposed" : ""
      } and ${formatShape(b!.shape)}${transposeB ? " transposed" : ""}`,
    );
  }
  return { m, n, k };
}

/** A product of matrices as a 1×1 convolution of images of one pixel. */
const texelsVariant = (tile: Tile): Variant<MatmulAttributes> => ({
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
    const { m, n, k } = sizes([a!, b!], attributes);
    const x = reshape(attributes.transposeA ? transpose(a!) : a!, [m, k, 1, 1]);
    const w = reshape(attributes.transposeB ? b! : transpose(b!), [n, k, 1, 1]);
    const product = texelConvolution(x, w, { shape: [m, n, 1, 1], stride: 1, groups: 1, tile });
    return reshape(product, shape);
  },
});

/** A product of matrices whose operands need no other layout. */
const matrixVariant: Variant<MatmulAttributes> = {
  ...tileTraits("matrices", "subgroup"),
  supports({ inputs, attributes }) {
    const { m, n, k } = sizes(inputs, attributes);
    return fitsTexelProduct([m, k], [k, n]);
  },
  wins({ inputs, attributes }, device) {
    return tileWins("subgroup", sizes(inputs, attributes).n, device);
  },
  lower({ inputs: [a, b], attributes: { transposeA, transposeB } }) {
    return texelProduct(transposeA ? transpose(a!) : a!, transposeB ? transpose(b!) : b!);
  },
};

const matmulOp: KernelOp<MatmulAttributes> = {
  kind: "kernel",
  name: "matmul",
  infer(inputs, attributes) {
    checkFloats("multiply matrices", inputs);
    const { m, n } = sizes(inputs, attributes);
    return { shape: [m, n], dtype: "float32" };
  },
  kernel({ inputs, attributes, shape }, { CHUNKS, ROWS }) {
    const { m, n, k } = sizes(inputs, attributes);
    const { transposeA, transposeB } = attributes;
    return {
      wgsl: matmulWgsl,
      constants: {
        M: m,
        N: n,
        K: k,
        A_ROW: transposeA ? 1 : k,
        A_COLUMN: transposeA ? m : 1,
        B_ROW: transposeB ? 1 : n,
        B_COLUMN: transposeB ? k : 1,
        CHUNKS,
        ROWS,
      },
      workgroups: linearWorkgroups(sizeOf(shape)),
    };
  },
  extent: ({ inputs, attributes }) => ({ rows: sizes(inputs, attributes).k, length: 1 }),
  variants: [matrixVariant, ...tileNames.map(texelsVariant)],
  vjp(gradient, { inputs: [a, b], attributes: { transposeA, transposeB } }) {
    return [
      transposeA
        ? matmul(b!, gradient, { transposeA: transposeB, transposeB: true })
        : matmul(gradient, b!, { transposeB: !transposeB }),
      transposeB
        ? matmul(gradient, a!, { transposeA: true, transposeB: transposeA })
        : matmul(a!, gradient, { transposeA: !transposeA }),
    ];
  },
  reference([a, b], { inputs, attributes, shape }) {
    const { m, n, k } = sizes(inputs, attributes);
    const out = new Float64Array(sizeOf(shape));
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let l = 0; l < k; l++) {
          out[i * n + j]! += a![attributes.transposeA ? l * m + i : i * k + l]! *
            b![attributes.transposeB ? j * k + l : l * n + j]!;
        }
      }
    }
    return out;
  },
  samples: [
    { shapes: [[3, 5], [5, 4]], attributes: { transposeA: false, transposeB: false } },
    { shapes: [[5, 3], [5, 4]], attributes: { transposeA: true, transposeB: false } },
    { shapes: [[3, 5], [4, 5]], attributes: { transposeA: false, transposeB: true } },
    { shapes: [[5, 3], [4, 5]], attributes: { transposeA: true, transposeB: true } },
    { shapes: [[1, 1], [1, 1]], attributes: { transposeA: false, transposeB: false } },
    { shapes: [[0, 3], [3, 2]], attributes: { transposeA: false, transposeB: false } },
    { shapes: [[3, 0], [0, 2]], attributes: { transposeA: false, transposeB: false } },
    {
      shapes: [[67, 129], [129, 35]],
      attributes: { transposeA: false, transposeB: false },
      differentiable: false,
    },
    // More blocks of 16 columns than workgroups fit in one dimension of a dispatch.
    {
      shapes: [[1, 4], [4, 1_100_003]],
      attributes: { transposeA: false, transposeB: false },
      differentiable: false,
    },
    {
      shapes: [[20_003, 2], [20_003, 3]],
      attributes: { transposeA: true, transposeB: false },
      differentiable: false,
    },
    {
      shapes: [[2, 70_001], [3, 70_001]],
      attributes: { transposeA: false, transposeB: true },
      differentiable: false,
    },
    // Rows of a whole number of 256 bytes, as copies into textures with these rows need.
    {
      shapes: [[67, 128], [128, 64]],
      attributes: { transposeA: false, transposeB: false },
      differentiable: false,
    },
    {
      shapes: [[64, 131], [192, 64]],
      attributes: { transposeA: true, transposeB: true },
      differentiable: false,
    },
  ],
  refusals: [
    {
      shapes: [[3, 5], [4, 2]],
      attributes: { transposeA: false, transposeB: false },
      message: "inner sizes must match",
    },
    { shapes: [[3, 5], [5]], attributes: { transposeA: false, transposeB: false }, message: "2 axes" },
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
  return apply(matmulOp, [a, b], { transposeA, transposeB }) as unknown as Tensor;
}

/** The ops of this file, for the table of all ops. */
export const matmulOps = [matmulOp] as const;
