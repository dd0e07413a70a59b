/** Pooling: results computed by hand, ties, edges, and gradients of gradients. */
import {
  avgPool2d,
  compile,
  type Device,
  globalAvgPool2d,
  globalMaxPool2d,
  grad,
  maxPool2d,
  mul,
  sum,
  type Tensor,
  variable,
} from "../../kernels/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, randomValues } from "./reference.ts";

async function valueOf(device: Device, tensor: Tensor): Promise<number[]> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return [...value];
}

const counting = (h: number, w: number) =>
  variable([1, 1, h, w], Array.from({ length: h * w }, (_, i) => i + 1));

gpuTest("pooling starts at the top left and ignores remainders", async (device) => {
  assertEquals(await valueOf(device, maxPool2d(counting(3, 5), { kernel: 2 })), [7, 9]);
  assertEquals(await valueOf(device, avgPool2d(counting(3, 5), { kernel: 2 })), [4, 6]);
  assertEquals(maxPool2d(counting(5, 5), { kernel: 3, stride: 2, padding: 1 }).shape, [1, 1, 3, 3]);
});

gpuTest("padding counts as minus infinity in a maximum and as zeros in a mean", async (device) => {
  const x = variable([1, 1, 2, 2], [-1, -2, -3, -8]);
  const options = { kernel: 3, stride: 2, padding: 1 };
  assertEquals(await valueOf(device, maxPool2d(x, options)), [-1]);
  assertClose(await valueOf(device, avgPool2d(x, options)), [-14 / 9], { rtol: 1e-6, atol: 0 });
});

gpuTest("minus infinity is a maximum like any other", async (device) => {
  const x = variable([1, 1, 2, 2], new Array(4).fill(-Infinity));
  assertEquals(await valueOf(device, maxPool2d(x, { kernel: 2 })), [-Infinity]);
});

gpuTest("the first of equal elements gets the gradient of a maximum", async (device) => {
  const x = variable([1, 1, 3, 3], [0, 5, 5, 0, 5, 0, 1, 1, 1]);
  const slope = grad(sum(maxPool2d(x, { kernel: 2, stride: 1 })), [x])[0]!;
  assertEquals(await valueOf(device, slope), [0, 2, 0, 0, 2, 0, 0, 0, 0]);
  const all = variable([1, 1, 4, 4], new Float32Array(16));
  const first = grad(sum(maxPool2d(all, { kernel: 2 })), [all])[0]!;
  assertEquals(await valueOf(device, first), [1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
});

gpuTest("a gradient of a gradient goes through both poolings", async (device) => {
  const x = variable([1, 2, 5, 4], randomValues(3, 40, [-2, 2], "float32"));
  for (const pool of [maxPool2d, avgPool2d]) {
    const y = pool(mul(x, mul(x, x)), { kernel: 3, stride: 2, padding: 1 });
    const [slope] = grad(sum(mul(y, y)), [x]);
    const [second] = grad(sum(mul(slope!, slope!)), [x]);
    const want = evaluate(second!);
    const scale = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    assertClose(await valueOf(device, second!), want, { rtol: 1e-4, atol: 1e-5 * scale });
    // Finite differences of the first gradient's squared length.
    const lengthAt = (values: Float64Array) => {
      const slopes = evaluate(slope!, new Map<Tensor, Float64Array>([[x, values]]));
      return slopes.reduce((total, value) => total + value * value, 0);
    };
    const at = Float64Array.from(x.initial);
    for (const i of [0, 7, 21, 39]) {
      const difference = (lengthAt(at.with(i, at[i]! + 1e-5)) - lengthAt(at.with(i, at[i]! - 1e-5))) / 2e-5;
      assertClose([want[i]!], [difference], { rtol: 1e-5, atol: 1e-5 * scale });
    }
  }
});

gpuTest("global pooling gives one number per image and channel", async (device) => {
  const x = variable([2, 1, 2, 2], [1, 2, 3, 4, -1, -2, -3, -6]);
  assertEquals(globalAvgPool2d(x).shape, [2, 1]);
  assertEquals(await valueOf(device, globalAvgPool2d(x)), [2.5, -3]);
  assertEquals(await valueOf(device, globalMaxPool2d(x)), [4, -1]);
  assertEquals(await valueOf(device, grad(sum(globalMaxPool2d(x)), [x])[0]!), [0, 0, 0, 1, 1, 0, 0, 0]);
});

Deno.test("pooling refuses operands other than float32 images", () => {
  const integers = variable([1, 1, 2, 2], [1, 2, 3, 4], { dtype: "int32" });
  assertThrows(() => maxPool2d(integers, { kernel: 2 }), TypeError, "elements must be float32");
  assertThrows(() => avgPool2d(integers, { kernel: 2 }), TypeError, "elements must be float32");
  assertThrows(() => globalAvgPool2d(variable([2, 2], [1, 2, 3, 4])), RangeError, "must have 4 axes");
  assertThrows(() => globalMaxPool2d(variable([2, 2], [1, 2, 3, 4])), RangeError, "must have 4 axes");
  assertThrows(() => maxPool2d(counting(4, 4), { kernel: 2, stride: 0 }), RangeError, "whole numbers ≥ 1");
});
