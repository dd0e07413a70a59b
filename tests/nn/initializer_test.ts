/** Initial values: reproducible from the seed, and distributed as documented. */
import type { Variable } from "../../kernels/mod.ts";
import { Conv2d, Initializer, Linear } from "../../nn/mod.ts";
import { assert, assertEquals, assertGreater, assertLess, assertNotEquals } from "../assert.ts";

const kinds = {
  normal: (initializer: Initializer, shape: readonly number[]) => initializer.normal("w", shape, 0.5),
  uniform: (initializer: Initializer, shape: readonly number[]) => initializer.uniform("w", shape, 0.5),
};

/**
 * Throws unless values look like N(0, deviation²): mean, deviation and share within one deviation, to 5
 * standard errors.
 */
function assertNormal({ initial }: Variable, deviation: number): void {
  const count = initial.length;
  const { mean, spread } = momentsOf(initial);
  assertLess(Math.abs(mean), 5 * deviation / Math.sqrt(count));
  assertLess(Math.abs(spread / deviation - 1), 5 / Math.sqrt(2 * count));
  const within = initial.filter((value) => Math.abs(value) < deviation).length / count;
  assertLess(Math.abs(within - 0.6827), 5 * Math.sqrt(0.6827 * 0.3173 / count));
}

/** Throws unless values look like U(−bound, bound): range, mean and deviation, to 5 standard errors. */
function assertUniform({ initial }: Variable, bound: number): void {
  const count = initial.length;
  const { mean, spread } = momentsOf(initial);
  assert(initial.every((value) => Math.abs(value) <= bound * (1 + 1e-6)));
  assertLess(Math.abs(mean), 5 * bound / Math.sqrt(3 * count));
  assertLess(Math.abs(spread * Math.sqrt(3) / bound - 1), 5 * Math.sqrt(0.2 / count));
  // The largest of n is this far from the end with a probability of e⁻¹⁰.
  for (const sign of [-1, 1]) {
    assertGreater(Math.max(...initial.map((value) => sign * value)), bound * (1 - 20 / count));
  }
}

function momentsOf(values: ArrayLike<number>) {
  const mean = Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const squares = Array.from(values).reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / values.length) };
}

for (const [kind, draw] of Object.entries(kinds)) {
  Deno.test(`${kind} values depend only on the seed and the number of previous draws`, () => {
    const one = new Initializer(4), same = new Initializer(4), other = new Initializer(5);
    const [first, second] = [draw(one, [20]), draw(one, [20])];
    assertEquals(draw(same, [20]).initial, first.initial);
    assertEquals(draw(same, [4, 5]).initial, second.initial);
    assertNotEquals(second.initial, first.initial);
    assertNotEquals(draw(other, [20]).initial, first.initial);
    assertEquals(first.shape, [20]);
    assertEquals([first.name, first.dtype], ["w", "float32"]);
  });
}

/** Values that must never change, because the initial weights of a seed would change. */
const PINNED = {
  uniform: [0.28278571, 0.25928104, 0.2146039],
  normal: [0.77928674, -0.78904158, -0.6058585],
};

for (const [kind, draw] of Object.entries(kinds)) {
  Deno.test(`${kind} values of a seed are the same on every machine and in every version`, () => {
    const { initial } = draw(new Initializer(1), [3]);
    initial.forEach((value, i) =>
      assertLess(Math.abs(value - PINNED[kind as keyof typeof kinds][i]!), 1e-7, `${[...initial]}`)
    );
  });
}

Deno.test("normal values have mean 0 and the given standard deviation (seed 6)", () => {
  assertNormal(new Initializer(6).normal("w", [20_000], 0.25), 0.25);
});

Deno.test("uniform values fill the given range (seed 6)", () => {
  assertUniform(new Initializer(6).uniform("w", [20_000], 0.25), 0.25);
});

Deno.test("a constant has one value everywhere, and consumes no random numbers", () => {
  const initializer = new Initializer(6);
  const constant = initializer.constant("w", [2, 3], 1.5);
  assertEquals([...constant.initial], new Array(6).fill(1.5));
  assertEquals([constant.name, constant.shape], ["w", [2, 3]]);
  assertEquals(kinds.normal(initializer, [5]).initial, kinds.normal(new Initializer(6), [5]).initial);
});

Deno.test("Conv2d starts from N(0, √(2 / (k·k·out))) by default", () => {
  for (const groups of [1, 4]) {
    const layer = new Conv2d(32, 64, 3, new Initializer(7), { groups });
    assertNormal(layer.parameters["weight"]!, Math.sqrt(2 / (9 * 64)));
    assertUniform(layer.parameters["bias"]!, 1 / Math.sqrt(9 * 32 / groups));
  }
});

Deno.test('Conv2d starts from U(±1/√(k·k·in/groups)) with initialization "default"', () => {
  for (const groups of [1, 4]) {
    const layer = new Conv2d(32, 64, 3, new Initializer(7), { groups, initialization: "default" });
    const bound = 1 / Math.sqrt(9 * 32 / groups);
    assertUniform(layer.parameters["weight"]!, bound);
    assertUniform(layer.parameters["bias"]!, bound);
  }
});

Deno.test("Linear starts from U(±1/√in), weight and bias from different streams", () => {
  const { weight, bias } = new Linear(100, 80, new Initializer(7)).parameters;
  assertUniform(weight!, 0.1);
  assertUniform(bias!, 0.1);
  assertNotEquals(weight!.initial.slice(0, 80), bias!.initial);
});

Deno.test("without a seed random values are 0, and constants are unchanged", () => {
  const initializer = new Initializer(null);
  for (const draw of Object.values(kinds)) {
    const drawn = draw(initializer, [2, 3]);
    assertEquals([drawn.shape, drawn.name, drawn.initial], [[2, 3], "w", new Float32Array(6)]);
  }
  assertEquals(initializer.constant("w", [2], 1).initial, Float32Array.of(1, 1));
});
