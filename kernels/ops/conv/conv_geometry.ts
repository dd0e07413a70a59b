/**
 * Sizes of a convolution, for the op, its gradients and their variants.
 * @module
 */
import type { DeviceTraits, Variant } from "../../op.ts";
import { checkGradient, formatShape, hasAxes, type Shape, type Tensor } from "../../tensor.ts";
import { type Tile, tileTraits } from "../texel_tiles.ts";
import type { SumExtent } from "../../workgroups.ts";

/** Options of a convolution; numbers apply to both axes. */
export interface ConvOptions {
  /** Step between positions of the kernel; 1 if absent. */
  readonly stride?: number;
  /** Number of zeros on each side of the input; 0 if absent. */
  readonly padding?: number;
  /** Number of independent convolutions into which channels are split; 1 if absent. */
  readonly groups?: number;
}

/** {@linkcode ConvOptions} with all defaults filled in. */
export type ConvAttributes = { readonly stride: number; readonly padding: number; readonly groups: number };

/** Attributes of an input gradient. The result's size does not determine the input's. */
export type InputGradientAttributes = ConvAttributes & { readonly height: number; readonly width: number };

/** Attributes of a weight gradient. Sizes of input and result do not determine the kernel's. */
export type WeightGradientAttributes = ConvAttributes & {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
};

/** Approximate number of products per invocation of a weight gradient. */
const weightGradientLength = 1024;
/** Most partial sums of a weight gradient; invocations sum more products instead. */
const mostPartialSums = 2 ** 22;

/** All sizes of a convolution. */
export interface Geometry extends ConvAttributes {
  /** Batch size. */
  readonly n: number;
  /** Input channels, of all groups. */
  readonly c: number;
  /** Height of the input. */
  readonly h: number;
  /** Width of the input. */
  readonly w: number;
  /** Output channels, of all groups. */
  readonly o: number;
  /** Height of the kernel. */
  readonly kh: number;
  /** Width of the kernel. */
  readonly kw: number;
  /** Height of the result. */
  readonly oh: number;
  /** Width of the result. */
  readonly ow: number;
}

/** Computes all sizes from shapes and options. @throws {RangeError} if they do not fit together. */
export function geometry(x: Shape, w: Shape, { stride, padding, groups }: ConvAttributes): Geometry {
  const [input, weight] = [formatShape(x), formatShape(w)];
  const at = `input ${input}, weight ${weight}, stride ${stride}, padding ${padding}, groups ${groups}`;
  if (!hasAxes(x, 4) || !hasAxes(w, 4)) {
    throw new RangeError(`Cannot convolve: input and weight must have 4 axes, but got ${at}`);
  }
  const [n, c, h, width] = x, [o, cg, kh, kw] = w;
  if (
    ![stride, groups].every((v) => Number.isSafeInteger(v) && v >= 1) ||
    !(Number.isSafeInteger(padding) && padding >= 0)
  ) {
    throw new RangeError(`Cannot convolve: stride and groups must be ≥ 1 and padding ≥ 0, but got ${at}`);
  }
  if (c % groups !== 0 || o % groups !== 0 || c / groups !== cg) {
    throw new RangeError(`Cannot convolve: channels must match, but got ${at}`);
  }
  const oh = Math.floor((h + 2 * padding - kh) / stride) + 1;
  const ow = Math.floor((width + 2 * padding - kw) / stride) + 1;
  if (kh < 1 || kw < 1 || oh < 1 || ow < 1) {
    throw new RangeError(
      `Cannot convolve: the kernel must be 1×1 or more and fit into the padded input, but got ${at}`,
    );
  }
  return { n, c, h, w: width, o, kh, kw, oh, ow, stride, padding, groups };
}

/**
 * Returns the sizes of the convolution to which a gradient belongs.
 * @throws {RangeError} if sizes do not fit.
 */
function gradientGeometry(x: Shape, w: Shape, dy: Shape, attributes: ConvAttributes): Geometry {
  const g = geometry(x, w, attributes);
  checkGradient("convolution", dy, [g.n, g.o, g.oh, g.ow]);
  return g;
}

/** Returns the constants of the direct shaders. */
export function directConstants(g: Geometry): Record<string, number> {
  const { n: N, h: H, w: W, groups: G, kh: KH, kw: KW, oh: OH, ow: OW, stride: STRIDE, padding: PADDING } = g;
  return { N, H, W, CG: g.c / G, OG: g.o / G, G, KH, KW, OH, OW, STRIDE, PADDING };
}

/** Returns the sizes of a convolution, from input and weight. */
export function forwardGeometry([x, w]: readonly [Tensor, Tensor], attributes: ConvAttributes): Geometry {
  return geometry(x.shape, w.shape, attributes);
}

/** Returns the sizes of the input's gradient, from the result's gradient and the weight. */
export function inputGradientGeometry(
  [dy, w]: readonly [Tensor, Tensor],
  attributes: InputGradientAttributes,
): Geometry {
  const [n = 0] = dy.shape, [, cg = 0] = w.shape;
  const x = [n, cg * attributes.groups, attributes.height, attributes.width];
  return gradientGeometry(x, w.shape, dy.shape, attributes);
}

/** Returns the sizes of the weight's gradient, from the input and the result's gradient. */
export function weightGradientGeometry(
  [x, dy]: readonly [Tensor, Tensor],
  attributes: WeightGradientAttributes,
): Geometry {
  const { kernelHeight, kernelWidth, groups } = attributes;
  const [, c = 0] = x.shape, [, o = 0] = dy.shape;
  const w = [o, c / groups, kernelHeight, kernelWidth];
  return gradientGeometry(x.shape, w, dy.shape, attributes);
}

/** Operands of a convolution or one of its gradients. */
export type Operands = readonly [Tensor<Shape<4>>, Tensor<Shape<4>>];

/** Creates a variant of a convolution or gradient with a tile, from rules on sizes. */
export function createTileVariant<A extends ConvAttributes>(
  algorithm: string,
  tile: Tile,
  geometryOf: (inputs: Operands, attributes: A) => Geometry,
  rules: {
    supports(g: Geometry): boolean;
    wins(g: Geometry, device: DeviceTraits): boolean;
    lower(inputs: Operands, g: Geometry): Tensor;
  },
): Variant<A, [Shape<4>, Shape<4>]> {
  return {
    ...tileTraits(algorithm, tile),
    supports: ({ inputs, attributes }) => rules.supports(geometryOf(inputs, attributes)),
    wins: ({ inputs, attributes }, device) => rules.wins(geometryOf(inputs, attributes), device),
    lower: ({ inputs, attributes }) => rules.lower(inputs, geometryOf(inputs, attributes)),
  };
}

/** Returns the extent of a weight's gradient, split into many parts, as few weights fill few invocations. */
export function weightGradientExtent(rows: number, length: number, weights: number): SumExtent {
  const chunkElements = Math.max(weightGradientLength, Math.ceil(rows * length * weights / mostPartialSums));
  return { rows, length, chunkElements };
}

/** Visits every product of a convolution or gradient, by flat positions in input, weight and output. */
export function visitProducts(g: Geometry, visit: (x: number, w: number, y: number) => void): void {
  const cg = g.c / g.groups, og = g.o / g.groups;
  for (let n = 0; n < g.n; n++) {
    for (let o = 0; o < g.o; o++) {
      for (let c = 0; c < cg; c++) {
        const channel = (n * g.c + Math.floor(o / og) * cg + c) * g.h * g.w;
        for (let ky = 0; ky < g.kh; ky++) {
          for (let kx = 0; kx < g.kw; kx++) {
            const w = ((o * cg + c) * g.kh + ky) * g.kw + kx;
            for (let oy = 0; oy < g.oh; oy++) {
              const iy = oy * g.stride + ky - g.padding;
              if (iy < 0 || iy >= g.h) continue;
              for (let ox = 0; ox < g.ow; ox++) {
                const ix = ox * g.stride + kx - g.padding;
                if (ix >= 0 && ix < g.w) {
                  visit(channel + iy * g.w + ix, w, ((n * g.o + o) * g.oh + oy) * g.ow + ox);
                }
              }
            }
          }
        }
      }
    }
  }
}
