/**
 * Lookup of table rows by index, its gradient, and one-hot encoding.
 * @module
 */
import type { KernelOp, Sample } from "../../op.ts";
import {
  apply,
  type Attributes,
  checkFloats,
  type DType,
  formatShape,
  formatShapes,
  hasAxes,
  type Shape,
  sizeOf,
  type Tensor,
} from "../../tensor.ts";
import gatherWgsl from "./gather_rows.wgsl" with { type: "text" };
import scatterWgsl from "./gather_scatter_add_rows.wgsl" with { type: "text" };
import { reshape } from "../views/movement.ts";
import { iota } from "../constants.ts";
import { equal } from "../pointwise.ts";

/** Shape of a table: the number of rows, then the shape of a row. */
type Table = readonly [rows: number, ...number[]];
type ScatterAttributes = { readonly rows: number };

/** Returns the number of indices. @throws {TypeError} or {RangeError} unless `indices` is an int32 vector. */
function countIndices(indices: Tensor, action: string): number {
  if (indices.dtype !== "int32") {
    throw new TypeError(`Cannot ${action}: indices must be int32, but are ${indices.dtype}`);
  }
  if (!hasAxes(indices.shape, 1)) {
    throw new RangeError(
      `Cannot ${action}: indices must have one axis, but their shape is ${formatShape(indices.shape)}`,
    );
  }
  return indices.shape[0];
}

function rowSize(rows: Tensor): number {
  return sizeOf(rows.shape.slice(1));
}

const tableAndIndices: readonly DType[] = ["float32", "int32"];
const largeSample = (...shapes: Shape[]) => ({ shapes, dtypes: tableAndIndices, differentiable: false });

const gatherRowsOp: KernelOp<Attributes, [Table, Shape<1>]> = {
  kind: "kernel",
  name: "gather_rows",
  // Elements are copied as words of four bytes.
  float32: ["operands", "result"],
  infer([table, indices]) {
    const [count, ...size] = table.shape;
    if (count === undefined) {
      throw new RangeError("Cannot gather rows: the table must have at least one axis, but its shape is []");
    }
    return { shape: [countIndices(indices, "gather rows"), ...size], dtype: table.dtype };
  },
  kernel({ inputs: [table, indices] }) {
    return {
      wgsl: gatherWgsl,
      constants: { ROWS: table.shape[0], SIZE: rowSize(table), BATCH: indices.shape[0] },
    };
  },
  vjp: (gradient, { inputs: [table, indices] }) => [
    table.dtype === "float32" ? scatterAddRows(gradient, indices, table.shape[0]) : null,
    null,
  ],
  reference([table, indices], node) {
    const size = rowSize(node.inputs[0]);
    return Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => {
      const row = indices[Math.floor(i / size)]!;
      return isRow(row, node.inputs[0].shape[0]) ? table[row * size + i % size]! : 0;
    });
  },
  samples: [
    { shapes: [[5, 3], [7]], attributes: {}, dtypes: tableAndIndices, range: [-2, 6] },
    { shapes: [[4], [3]], attributes: {}, dtypes: tableAndIndices, range: [0, 4] },
    { shapes: [[3, 2, 2], [1]], attributes: {}, dtypes: ["int32", "int32"], range: [0, 3] },
    { shapes: [[3, 5], [4]], attributes: {}, dtypes: ["uint32", "int32"], range: [0, 3] },
    { shapes: [[3, 5], [0]], attributes: {}, dtypes: tableAndIndices },
    { shapes: [[0, 5], [2]], attributes: {}, dtypes: tableAndIndices },
    { ...largeSample([100, 70], [66_000]), attributes: {}, range: [0, 100] },
  ],
  refusals: [{ shapes: [[5, 3], [2]], attributes: {}, message: "indices must be int32" }],
};

function isRow(index: number, rows: number): boolean {
  return index >= 0 && index < rows;
}

/**
 * Gathers rows of a table: `out[b] = table[indices[b]]`. An index outside 0 … R−1 yields a row of zeros, as
 * the device cannot report errors.
 * @param table `[R, …]`, any dtype; gets gradient if float32.
 * @param indices int32 `[B]`.
 * @returns `[B, …]`.
 * @throws {TypeError} if indices are not int32. @throws {RangeError} if the table is a scalar or indices no
 * vector.
 * @example
 * ```ts
 * import { compile, Device, gatherRows, variable } from "../../mod.ts";
 * const table = variable([3, 2], [1, 2, 3, 4, 5, 6]), indices = variable([2], [2, 0], { dtype: "int32" });
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { rows: gatherRows(table, indices) } }));
 * const { rows } = await program.runAndRead({});
 * console.assert(rows.join() === "5,6,1,2");
 * ```
 */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  return apply(gatherRowsOp, [table, indices], {});
}

const scatterSamples: readonly Sample<ScatterAttributes>[] = [
  { shapes: [[7, 3], [7]], attributes: { rows: 5 }, dtypes: tableAndIndices, range: [-2, 6] },
  { shapes: [[6], [6]], attributes: { rows: 1 }, dtypes: tableAndIndices, range: [0, 2] },
  { shapes: [[0, 3], [0]], attributes: { rows: 4 }, dtypes: tableAndIndices },
  { shapes: [[2, 3], [2]], attributes: { rows: 0 }, dtypes: tableAndIndices },
  { ...largeSample([140_003, 2], [140_003]), attributes: { rows: 3 }, range: [-1, 4] },
];

const scatterAddRowsOp: KernelOp<ScatterAttributes, [Table, Shape<1>]> = {
  kind: "kernel",
  name: "scatter_add_rows",
  infer([rows, indices], { rows: count }) {
    const batch = countIndices(indices, "add up rows");
    checkFloats("add up rows", [rows]);
    if (rows.shape[0] !== batch) {
      throw new RangeError(
        `Cannot add up rows: every row needs an index, but shapes are ${formatShapes([rows, indices])}`,
      );
    }
    return { shape: [count, ...rows.shape.slice(1)], dtype: "float32" };
  },
  kernel({ inputs: [rows, indices], attributes }, { CHUNKS, ROWS }) {
    const constants = {
      COUNT: attributes.rows,
      SIZE: rowSize(rows),
      BATCH: indices.shape[0],
      CHUNKS,
      ROWS,
    };
    return { wgsl: scatterWgsl, constants };
  },
  extent: ({ inputs: [, indices] }) => ({ rows: indices.shape[0], length: 1 }),
  vjp: (gradient, { inputs: [, indices] }) => [gatherRows(gradient, indices), null],
  reference([rows, indices], node) {
    const size = rowSize(node);
    const out = new Float64Array(sizeOf(node.shape));
    rows.forEach((value, i) => {
      const row = indices[Math.floor(i / size)]!;
      if (isRow(row, node.attributes.rows)) out[row * size + i % size]! += value;
    });
    return out;
  },
  samples: scatterSamples,
  refusals: [{ shapes: [[3, 2], [3]], attributes: { rows: 4 }, message: "indices must be int32" }],
};

/**
 * Adds up rows by index: `out[r] = Σ_b [indices[b] = r] · rows[b]`; rows with an index outside 0 … R−1 are
 * ignored. This is the gradient of {@linkcode gatherRows}.
 * @param rows float32 `[B, …]`; gets gradient.
 * @param indices int32 `[B]`.
 * @param count Number of rows R of the result.
 * @returns `[R, …]`.
 * @throws {TypeError} if dtypes differ from these. @throws {RangeError} unless there is one index per row.
 */
export function scatterAddRows(rows: Tensor, indices: Tensor, count: number): Tensor {
  return apply(scatterAddRowsOp, [rows, indices], { rows: count });
}

/**
 * Returns one-hot rows: `out[…, c] = 1` where `indices[…] = c`, else 0. An index outside 0 … C−1, such as the
 * −1 of an unlabelled example, yields a row of zeros. No gradient.
 * @param indices int32, any shape.
 * @param classes Number of classes C.
 * @returns float32 `[…, C]`.
 * @throws {TypeError} if indices are not int32.
 */
export function oneHot(indices: Tensor, classes: number): Tensor {
  if (indices.dtype !== "int32") {
    throw new TypeError(`Cannot create one-hot rows: indices must be int32, but are ${indices.dtype}`);
  }
  return equal(reshape(indices, [...indices.shape, 1]), iota(classes));
}

/** Ops of this file, for the table of all ops. */
export const gatherOps = [gatherRowsOp, scatterAddRowsOp] as const;
