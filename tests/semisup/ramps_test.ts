/** Ramps against their formulas, at their ends and in between. */
import {
  cosineRampdown,
  linearRampup,
  sigmoidRampdown,
  sigmoidRampup,
  stepRampup,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const exact = { rtol: 1e-14, atol: 1e-14 };

/** Asserts a ramp's values at some positions. */
function assertRamp(
  ramp: (position: number) => number,
  points: readonly (readonly [number, number])[],
): void {
  assertClose(points.map(([position]) => ramp(position)), points.map(([, value]) => value), exact);
}

Deno.test("sigmoid ramp-up: e⁻⁵ at the start, e^(−5/4) halfway, 1 from the end on", () => {
  assertRamp((position) => sigmoidRampup(position, 8), [
    [-3, Math.exp(-5)],
    [0, 0.006737946999085467],
    [2, Math.exp(-5 * 9 / 16)],
    [4, Math.exp(-1.25)],
    [7.5, Math.exp(-5 / 256)],
    [8, 1],
    [100, 1],
  ]);
});

Deno.test("linear ramp-up: a straight line from 0 to 1", () => {
  assertRamp((position) => linearRampup(position, 4), [[-1, 0], [0, 0], [1, 0.25], [3.5, 0.875], [4, 1], [
    9,
    1,
  ]]);
});

Deno.test("cosine ramp-down: 1 at the start, ½ halfway, 0 from the end on", () => {
  assertRamp((position) => cosineRampdown(position, 6), [
    [-1, 1],
    [0, 1],
    [1, (Math.sqrt(3) / 2 + 1) / 2],
    [2, 0.75],
    [3, 0.5],
    [4, 0.25],
    [6, 0],
    [60, 0],
  ]);
});

Deno.test("sigmoid ramp-down: 1 until the last part, e^(−12.5) at the end and after it", () => {
  assertRamp((position) => sigmoidRampdown(position, 4, 10), [
    [0, 1],
    [6, 1],
    [7, Math.exp(-12.5 / 16)],
    [8, Math.exp(-12.5 / 4)],
    [10, Math.exp(-12.5)],
    [11, Math.exp(-12.5)],
  ]);
});

Deno.test("step ramp: 0 before its length, 1 after", () => {
  assertRamp((position) => stepRampup(position, 3), [[0, 0], [2.999, 0], [3, 1], [4, 1]]);
});

Deno.test("ramp-ups of length 0 are 1 everywhere, and so is a sigmoid ramp-down of length 0", () => {
  for (const position of [0, 1, 50]) {
    for (const ramp of [sigmoidRampup, linearRampup, stepRampup]) assertEquals(ramp(position, 0), 1);
    assertEquals(sigmoidRampdown(position, 0, 20), 1);
  }
});

Deno.test("ramps are monotonic and stay between 0 and 1", () => {
  const positions = Array.from({ length: 101 }, (_, i) => i / 10 - 1);
  const up = [sigmoidRampup, linearRampup, stepRampup];
  const down = [cosineRampdown, (position: number, length: number) => sigmoidRampdown(position, length, 8)];
  for (const ramp of [...up, ...down]) {
    const values = positions.map((position) => ramp(position, 7));
    assert(values.every((value) => value >= 0 && value <= 1));
    const sign = up.includes(ramp) ? 1 : -1;
    assert(values.every((value, i) => i === 0 || sign * (value - values[i - 1]!) >= 0));
    assert(values[0] !== values.at(-1));
  }
});

Deno.test("ramps refuse invalid lengths", () => {
  for (const length of [-1, Infinity, NaN]) {
    for (const ramp of [sigmoidRampup, linearRampup, stepRampup]) {
      const message = `Cannot ramp up: the length must be a number ≥ 0, but is ${length}`;
      assertThrows(() => ramp(1, length), RangeError, message);
    }
    const message = `Cannot ramp down: the length must be a number ≥ 0, but is ${length}`;
    assertThrows(() => cosineRampdown(1, length), RangeError, message);
    assertThrows(() => sigmoidRampdown(1, length, 5), RangeError, message);
  }
  assertThrows(
    () => cosineRampdown(1, 0),
    RangeError,
    "Cannot ramp down: the length must be above 0, but is 0",
  );
});
