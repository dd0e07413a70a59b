/** Rows by index: gradients, indices outside, limits; one-hot rows. */
import {
  compile,
  type Device,
  gatherRows,
  grad,
  mul,
  oneHot,
  sum,
  type Tensor,
  variable,
} from "../../kernels/mod.ts";
import { scatterAddRows } from "../../kernels/internal.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { gpuTest } from "./device.ts";

async function valueOf(device: Device, tensor: Tensor): Promise<number[]> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return [...value];
}

const indicesOf = (...values: number[]) => variable([values.length], values, { dtype: "int32" });

gpuTest("an index outside the table gives zeros", async (device) => {
  const table = variable([2, 2], [1, 2, 3, 4]);
  const rows = gatherRows(table, indicesOf(1, -1, 2, 0, -2147483648, 2147483647));
  assertEquals(await valueOf(device, rows), [3, 4, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0]);
});

gpuTest("words keep all of their bits", async (device) => {
  const words = variable([3], [0, 4_294_967_295, 0x7f800001], { dtype: "uint32" });
  assertEquals(await valueOf(device, gatherRows(words, indicesOf(2, 1))), [0x7f800001, 4_294_967_295]);
});

gpuTest("a row taken twice gets both gradients", async (device) => {
  const table = variable([3, 2], [1, 2, 3, 4, 5, 6]);
  const weights = variable([3, 2], [1, 10, 100, 1000, 10_000, 100_000]);
  const cost = sum(mul(weights, gatherRows(table, indicesOf(2, 0, 2))));
  assertEquals(await valueOf(device, grad(cost, [table])[0]!), [100, 1000, 0, 0, 10_001, 100_010]);
});

gpuTest("one-hot rows have a one at the label, and only zeros without a label", async (device) => {
  const rows = oneHot(indicesOf(1, -1, 2, 3), 3);
  assertEquals(rows.shape, [4, 3]);
  assertEquals(await valueOf(device, rows), [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
});

Deno.test("rows by index refuse other dtypes and shapes", () => {
  const table = variable([3, 2], [1, 2, 3, 4, 5, 6]), floats = variable([2], [0, 1]);
  assertThrows(() => gatherRows(table, floats), TypeError, "indices must be int32");
  assertThrows(() => gatherRows(variable([], [1]), indicesOf(0)), RangeError, "must have at least one axis");
  const matrix = variable([1, 2], [0, 1], { dtype: "int32" });
  assertThrows(() => gatherRows(table, matrix), RangeError, "indices must have one axis");
  assertThrows(() => scatterAddRows(table, indicesOf(0), 2), RangeError, "every row needs an index");
  assertThrows(() => oneHot(floats, 3), TypeError, "indices must be int32");
});
