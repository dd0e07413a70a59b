/** Random numbers: published vectors, host = device, and statistics that training relies on. */
import {
  compile,
  type Device,
  dropout,
  gaussianNoise,
  grad,
  hostBits,
  hostNormal,
  hostUniform,
  randomBits,
  type RandomKey,
  randomNormal,
  randomUniform,
  sum,
  type Tensor,
  variable,
} from "../../kernels/mod.ts";
import { threefry2x32 } from "../../kernels/internal.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";

const draws = 1_000_000;

function keyOf(seed: number, step: number): RandomKey {
  return { seed: variable([], [seed], { dtype: "uint32" }), step: variable([], [step], { dtype: "uint32" }) };
}

async function valueOf(device: Device, tensor: Tensor): Promise<Float64Array> {
  const program = await compile(device, {}, () => ({ outputs: { tensor } }));
  const { tensor: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return Float64Array.from(value);
}

function moments(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return { mean, variance: values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length };
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [ma, mb] = [moments(a), moments(b)];
  const covariance = a.reduce((total, value, i) => total + (value - ma.mean) * (b[i]! - mb.mean), 0) /
    a.length;
  return covariance / Math.sqrt(ma.variance * mb.variance);
}

Deno.test("threefry-2x32 matches the published words of Random123", () => {
  const hex = (key: [number, number], counter: [number, number]) =>
    threefry2x32(key, counter).map((word) => word.toString(16).padStart(8, "0"));
  const ones = 0xffffffff;
  assertEquals(hex([0, 0], [0, 0]), ["6b200159", "99ba4efe"]);
  assertEquals(hex([ones, ones], [ones, ones]), ["1cb996fc", "bb002be7"]);
  assertEquals(hex([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), ["c4923a9c", "483df7a0"]);
});

gpuTest("random bits and uniform numbers equal the host's bit for bit", async (device) => {
  for (const [seed, step, stream] of [[0, 0, 0], [1, 2, 3], [0xffffffff, 0x80000000, 0xfffffffe]] as const) {
    const key = keyOf(seed, step);
    assertEquals(
      await valueOf(device, randomBits(key, stream, [77, 13])),
      Float64Array.from(hostBits([seed, step], stream, 1001)),
    );
    assertEquals(
      await valueOf(device, randomUniform(key, stream, [77, 13])),
      hostUniform([seed, step], stream, 1001),
    );
  }
});

gpuTest("normal numbers equal the host's within rounding, and are finite", async (device) => {
  const values = await valueOf(device, randomNormal(keyOf(9, 4), 2, [draws]));
  const uniform = hostUniform([9, 4], 2, draws);
  const expected = hostNormal([9, 4], 2, draws);
  assert(values.every(Number.isFinite));
  // WGSL allows cos an error of 2^-11; near radius 0 the square root enlarges the error of log.
  assertClose(values, expected, { rtol: 1e-3, atol: 1.5e-3, what: "normal" });
  const isTypical = (_: number, i: number) => uniform[i]! > 1e-4;
  const tolerance = device.isCpu ? 1.5e-5 : 1.5e-3;
  assertClose(values.filter(isTypical), expected.filter(isTypical), { rtol: 1e-6, atol: tolerance });
});

gpuTest("a million uniform numbers fill [0, 1) evenly", async (device) => {
  const values = await valueOf(device, randomUniform(keyOf(1, 0), 0, [1000, 1000]));
  assert(values.every((value) => value >= 0 && value < 1));
  const { mean, variance } = moments(values);
  // Five standard deviations of the mean of 10⁶ draws; the variance of a uniform number is 1/12.
  assertClose([mean], [0.5], { rtol: 0, atol: 5 * Math.sqrt(1 / 12 / draws) });
  assertClose([variance], [1 / 12], { rtol: 0, atol: 4e-4 });
  const bins = new Float64Array(100);
  values.forEach((value) => bins[Math.floor(value * 100)]!++);
  const chiSquare = bins.reduce((total, count) => total + (count - draws / 100) ** 2 / (draws / 100), 0);
  assert(chiSquare > 40 && chiSquare < 180, `χ² of 99 degrees of freedom is ${chiSquare}`);
});

gpuTest("a million normal numbers have the moments of the normal distribution", async (device) => {
  const values = await valueOf(device, randomNormal(keyOf(1, 0), 1, [draws]));
  const { mean, variance } = moments(values);
  assertClose([mean], [0], { rtol: 0, atol: 5e-3 });
  assertClose([variance], [1], { rtol: 0, atol: 8e-3 });
  const fourth = values.reduce((total, value) => total + value ** 4, 0) / draws;
  assertClose([fourth], [3], { rtol: 0, atol: 0.05 });
  const within = values.filter((value) => Math.abs(value) < 1).length / draws;
  assertClose([within], [0.682689], { rtol: 0, atol: 2.5e-3 });
});

gpuTest("numbers of other streams, steps, seeds and positions do not correlate", async (device) => {
  const base = await valueOf(device, randomUniform(keyOf(5, 100), 3, [draws]));
  const others: [string, Tensor][] = [
    ["stream", randomUniform(keyOf(5, 100), 4, [draws])],
    ["step", randomUniform(keyOf(5, 101), 3, [draws])],
    ["seed", randomUniform(keyOf(6, 100), 3, [draws])],
  ];
  for (const [what, tensor] of others) {
    const r = correlation(base, await valueOf(device, tensor));
    assert(Math.abs(r) < 5e-3, `correlation with the next ${what} is ${r}`);
  }
  const shifted = correlation(base.subarray(0, draws - 1), base.subarray(1));
  assert(Math.abs(shifted) < 5e-3, `correlation with the next element is ${shifted}`);
});

gpuTest("numbers depend on the step counter, and repeat with it", async (device) => {
  const step = variable([], [0], { dtype: "uint32" }), seed = variable([], [3], { dtype: "uint32" });
  const program = await compile(
    device,
    {},
    () => ({ outputs: { u: randomUniform({ seed, step }, 0, [50]) } }),
  );
  const at = async (value: number) => {
    device.write(step, [value]);
    return Float64Array.from((await program.runAndRead({})).u);
  };
  const first = await at(0), second = await at(1);
  assertNotEquals(first, second);
  assertEquals(second, hostUniform([3, 1], 0, 50));
  assertEquals(await at(0), first);
});

gpuTest("dropout keeps the right share, scaled, with one mask for value and gradient", async (device) => {
  const x = variable([draws], new Float32Array(draws).fill(1));
  for (const probability of [0.1, 0.5, 0.9]) {
    const y = dropout(x, probability, keyOf(2, 7), 11);
    const program = await compile(device, {}, () => ({ outputs: { y, gradient: grad(sum(y), [x])[0]! } }));
    const result = await program.runAndRead({});
    const values = Float64Array.from(result.y), gradient = Float64Array.from(result.gradient);
    program[Symbol.dispose]();
    const kept = values.reduce((count, value) => count + Number(value !== 0), 0) / draws;
    assertClose([kept], [1 - probability], { rtol: 0, atol: 2.5e-3, what: "keep rate" });
    const scale = Math.fround(1 / (1 - probability));
    assert(values.every((value) => value === 0 || value === scale));
    assertEquals(gradient, values);
    const uniform = hostUniform([2, 7], 11, draws);
    assert(values.every((value, i) => (value !== 0) === (uniform[i]! < Math.fround(1 - probability))));
  }
});

gpuTest("Gaussian noise has the requested deviation and passes the gradient on", async (device) => {
  const x = variable([draws], new Float32Array(draws).fill(2));
  const y = gaussianNoise(x, 0.15, keyOf(2, 7), 12);
  const { mean, variance } = moments(await valueOf(device, y));
  assertClose([mean, Math.sqrt(variance)], [2, 0.15], { rtol: 0, atol: 1e-3 });
  assert((await valueOf(device, grad(sum(y), [x])[0]!)).every((value) => value === 1));
});

Deno.test("zero dropout and zero noise return the tensor itself", () => {
  const x = variable([3], [1, 2, 3]);
  assertEquals(dropout(x, 0, keyOf(0, 0), 0), x);
  assertEquals(gaussianNoise(x, 0, keyOf(0, 0), 0), x);
});

Deno.test("random ops refuse invalid probabilities, deviations, streams and keys", () => {
  const x = variable([3], [1, 2, 3]), key = keyOf(0, 0);
  for (const probability of [-0.1, 1, NaN]) {
    assertThrows(
      () => dropout(x, probability, key, 0),
      RangeError,
      "Cannot drop elements: the probability must be in [0, 1)",
    );
  }
  for (const deviation of [-1, NaN, Infinity]) {
    assertThrows(
      () => gaussianNoise(x, deviation, key, 0),
      RangeError,
      "Cannot add noise: the standard deviation must be a number ≥ 0",
    );
  }
  for (const stream of [-1, 0.5, 2 ** 32]) {
    assertThrows(() => randomBits(key, stream, [2]), RangeError, "the stream must be a whole number");
  }
  const float = variable([], [0]), vector = variable([2], [0, 1], { dtype: "uint32" });
  assertThrows(() => randomBits({ ...key, seed: float }, 0, [2]), TypeError, "must be uint32");
  assertThrows(() => randomBits({ ...key, step: vector }, 0, [2]), RangeError, "the step must be a scalar");
});
