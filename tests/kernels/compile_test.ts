/** The compiler beyond single ops: sharing, updates, inputs, outputs, errors, memory. */
import {
  add,
  compile,
  conv2d,
  type Device,
  exp,
  flip,
  input,
  iota,
  mul,
  pad,
  randomUniform,
  relu,
  reshape,
  sizeOf,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  TensorSizeError,
  transpose,
  variable,
} from "../../kernels/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { deviceWith, gpuTest } from "./device.ts";
import { evaluate, randomValues } from "./reference.ts";

async function valueOf(device: Device, node: Tensor) {
  const program = await compile(device, {}, () => ({ outputs: { node } }));
  const { node: value } = await program.runAndRead({});
  program[Symbol.dispose]();
  return value;
}

gpuTest("equal composites are lowered once and correctly", async (device) => {
  const x = variable([2, 3], [1, 2, 3, 4, 5, 7]);
  // Composites of composites: lowered nodes are not in the original graph.
  const branch = () => softmax(softmax(add(x, 1)));
  const node = sub(mul(branch(), 3), branch());
  assertClose(await valueOf(device, node), evaluate(node), { rtol: 1e-6, atol: 1e-7 });
});

gpuTest("equal expressions are computed once", async (device) => {
  const x = variable([300], new Float32Array(300).fill(2));
  const program = await compile(device, {}, () => ({
    outputs: { a: sum(mul(x, x)), b: sum(mul(x, x)) },
  }));
  const { a, b } = await program.runAndRead({});
  assertEquals([a[0], b[0]], [1200, 1200]);
  const once = await compile(device, {}, () => ({ outputs: { a: sum(mul(x, x)) } }));
  assertEquals(program.commands.length, once.commands.length);
  program[Symbol.dispose]();
  once[Symbol.dispose]();
});

gpuTest("small results of one shape that share a kernel are correct, down to one element", async (device) => {
  for (const shape of [[], [1], [3], [4], [8], [1, 4], [3, 4], [4, 1]]) {
    const count = sizeOf(shape), values = Array.from({ length: count }, (_, i) => i);
    const numbers = reshape(iota(count, "float32"), shape);
    const program = await compile(device, {}, () => ({
      outputs: { plain: add(numbers, 0.5), tripled: mul(numbers, 3) },
    }));
    assertEquals(program.commands.length, 1, `${shape}`);
    const { plain, tripled } = await program.runAndRead({});
    assertEquals([...plain], values.map((value) => value + 0.5), `${shape}`);
    assertEquals([...tripled], values.map((value) => 3 * value), `${shape}`);
    program[Symbol.dispose]();
  }
});

gpuTest("every update sees the values from before the run", async (device) => {
  const a = variable([2], [1, 2], { name: "a" }), b = variable([2], [10, 20], { name: "b" });
  const program = await compile(device, {}, () => ({ updates: [[a, b], [b, add(a, b)]] }));
  program.run({});
  assertEquals((await device.read([a, b])).map((value) => [...value]), [[10, 20], [11, 22]]);
  program.run({});
  assertEquals((await device.read([a, b])).map((value) => [...value]), [[11, 22], [21, 42]]);
  program[Symbol.dispose]();
});

gpuTest("new values that depend on each other through other kernels are correct", async (device) => {
  const a = variable([2], [1, 2], { name: "a" }), b = variable([2], [10, 20], { name: "b" });
  // One kernel could compute both, if b's new value did not need a sum over a's.
  const program = await compile(device, {}, () => {
    const next = mul(a, 2);
    return { updates: [[a, next], [b, add(b, sum(next))]] };
  });
  program.run({});
  assertEquals((await device.read([a, b])).map((value) => [...value]), [[2, 4], [16, 26]]);
  program.run({});
  assertEquals((await device.read([a, b])).map((value) => [...value]), [[4, 8], [28, 38]]);
  program[Symbol.dispose]();
});

gpuTest(
  "two variables that need the sum of each other's old value both get the old value",
  async (device) => {
    const a = variable([2], [1, 2], { name: "a" }), b = variable([3], [10, 20, 30], { name: "b" });
    const program = await compile(
      device,
      {},
      () => ({ updates: [[a, add(a, sum(b))], [b, sub(b, sum(a))]] }),
    );
    program.run({});
    assertEquals((await device.read([a, b])).map((value) => [...value]), [[61, 62], [7, 17, 27]]);
    program[Symbol.dispose]();
  },
);

gpuTest("an update that moves elements of its own variable is correct", async (device) => {
  const size = 70_000;
  const numbers = Float32Array.from({ length: size }, (_, i) => i);
  const flipped = variable([size], numbers), shifted = variable([size], numbers);
  const program = await compile(device, {}, () => ({
    updates: [
      [flipped, mul(flip(flipped, [0]), 2)],
      [shifted, pad(slice(shifted, [1], [size - 1]), [0], [1])],
    ],
  }));
  program.run({});
  const [a, b] = await device.read([flipped, shifted]);
  assertEquals(a!.findIndex((value, i) => value !== 2 * (size - 1 - i)), -1);
  assertEquals(b!.findIndex((value, i) => value !== (i + 1) % size), -1);
  program[Symbol.dispose]();
});

gpuTest("one new value for two variables reaches both", async (device) => {
  const a = variable([5], [1, 2, 3, 4, 5]), b = variable([5], new Float32Array(5));
  const program = await compile(device, {}, () => {
    const next = add(a, 1);
    return { updates: [[a, next], [b, next]] };
  });
  program.run({});
  assertEquals((await device.read([a, b])).map((value) => [...value]), [[2, 3, 4, 5, 6], [2, 3, 4, 5, 6]]);
  program[Symbol.dispose]();
});

gpuTest("an output that is a variable is its value from before the run", async (device) => {
  const a = variable([4], [1, 2, 3, 4]);
  const program = await compile(device, {}, () => ({ outputs: { a }, updates: [[a, mul(a, 3)]] }));
  const first = await program.runAndRead({}), second = await program.runAndRead({});
  assertEquals([[...first.a], [...second.a]], [[1, 2, 3, 4], [3, 6, 9, 12]]);
  program[Symbol.dispose]();
});

gpuTest(
  "a weight, its momentum and its average are updated in one kernel, small weights share kernels",
  async (device) => {
    const sizes = [17, 70_001, 3, 1, 40_000];
    const weights = sizes.map((size) => variable([size], new Float32Array(size).fill(1)));
    const averages = sizes.map((size) => variable([size], new Float32Array(size).fill(1)));
    const momenta = sizes.map((size) => variable([size], new Float32Array(size)));
    const program = await compile(device, { rate: {} }, ({ rate }) => ({
      updates: weights.flatMap((weight, i) => {
        const momentum = add(mul(momenta[i]!, 0.5), weight);
        const next = sub(weight, mul(rate, momentum));
        return [[momenta[i]!, momentum], [weight, next], [
          averages[i]!,
          add(
            mul(averages[i]!, 0.75),
            mul(next, 0.25),
          ),
        ]] as const;
      }),
    }));
    assertEquals(program.commands.length, 3);
    program.run({ rate: 0.5 });
    program.run({ rate: 0.5 });
    // momentum 1, weight ½, average 7⁄8; then momentum 1, weight 0, average 21⁄32.
    const values = await device.read([...weights, ...averages, ...momenta]);
    values.forEach((value, i) => {
      const want = [0, 21 / 32, 1][Math.floor(i / sizes.length)]!;
      assert(value.every((element) => element === want), `value ${i} is not ${want} everywhere: ${value}`);
    });
    program[Symbol.dispose]();
  },
);

gpuTest("a value that is both an output and an operand is the same for both", async (device) => {
  const x = variable([3], [1, 2, 3]);
  const program = await compile(device, { scale: {} }, ({ scale }) => {
    const scaled = mul(x, scale);
    return { outputs: { scaled, total: sum(scaled) }, updates: [[x, scaled]] };
  });
  const first = await program.runAndRead({ scale: 2 });
  const second = await program.runAndRead({ scale: 3 });
  assertEquals([[...first.scaled], first.total[0], [...second.scaled], second.total[0]], [
    [2, 4, 6],
    12,
    [6, 12, 18],
    36,
  ]);
  program[Symbol.dispose]();
});

gpuTest("concurrent reads return the values of their own runs, in order", async (device) => {
  const count = variable([], [0]);
  const program = await compile(device, {}, () => ({
    outputs: { next: add(count, 1) },
    updates: [[count, add(count, 1)]],
  }));
  const results = await Promise.all(Array.from({ length: 11 }, () => program.runAndRead({})));
  assertEquals(results.map(({ next }) => next[0]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  program[Symbol.dispose]();
});

gpuTest("inputs of the wrong length or without a value are refused by name", async (device) => {
  const program = await compile(device, { values: { shape: [3] } }, ({ values }) => ({
    outputs: { total: sum(values) },
  }));
  assertThrows(() => program.run({ values: [1, 2] }), RangeError, "values");
  assertThrows(() => program.run({} as { values: number[] }), Error, "values");
  assertEquals((await program.runAndRead({ values: [1, 2, 4] })).total[0], 7);
  program[Symbol.dispose]();
});

gpuTest("invalid updates are refused before any work", async (device) => {
  const x = variable([2], [1, 2], { name: "weights" });
  const build = (value: Tensor) => compile(device, {}, () => ({ updates: [[x, value]] }));
  await assertRejects(() => build(variable([3], [1, 2, 3])), RangeError, "weights");
  await assertRejects(
    () => compile(device, {}, () => ({ updates: [[x, x], [x, x]] })),
    RangeError,
    "weights twice in one run",
  );
  assertThrows(() => input("size", [2.5]), RangeError);
});

/** Sizes of a last axis for which an invocation computes 4, 7, 5, 3, 2 and 1 neighbours. */
for (const last of [28, 14, 10, 9, 22, 11]) {
  gpuTest(`large expressions are correct for rows of ${last}`, async (device) => {
    const rows = Math.ceil(20_000 / 8 / last), shape = [2, 4, rows, last];
    const random = (of: readonly number[], seed: number) =>
      variable(of, randomValues(seed, sizeOf(of), [-2, 2], "float32"));
    const x = random(shape, 1), other = random([2, 4, last, rows], 2), channel = random([1, 4, 1, 1], 3);
    const row = random([last], 4), seed = variable([], [5], { dtype: "uint32" });
    const mixed = add(mul(sub(x, channel), exp(channel)), row);
    const results = {
      broadcast: mixed,
      // The same tensor in place and mirrored, in both orders of operands.
      mirrored: add(flip(x, [3]), x),
      neighbours: add(x, flip(x, [3])),
      transposed: mul(transpose(other, [0, 1, 3, 2]), x),
      padded: pad(mixed, [0, 0, 1, 2], [0, 0, 0, 1]),
      sliced: slice(mixed, [0, 1, 1, 1], [2, 3, rows - 1, last - 1]),
      reshaped: relu(reshape(add(x, 1), [8 * last, rows])),
      random: add(x, randomUniform({ seed, step: seed }, 3, shape)),
      sums: sum(mul(mixed, x), [0, 2, 3]),
    };
    const program = await compile(device, {}, () => ({ outputs: results }));
    const values = await program.runAndRead({});
    program[Symbol.dispose]();
    for (const [name, node] of Object.entries(results)) {
      const atol = name === "sums" ? 5e-3 : 2e-6;
      assertClose(values[name as keyof typeof values], evaluate(node), {
        rtol: 2e-5,
        atol,
        what: `${name} of ${last}`,
      });
    }
    for (const each of [x, other, channel, row, seed]) device.release(each);
  });
}

gpuTest("repeating commands one by one in order has the effect of a run", async (device) => {
  const x = variable([1, 8, 6, 6], Float32Array.from({ length: 288 }, (_, i) => i % 7));
  const w = variable([8, 8, 3, 3], Float32Array.from({ length: 576 }, (_, i) => i % 5 - 2));
  const program = await compile(device, {}, () => {
    const y = relu(conv2d(x, w, { padding: 1 }));
    return { outputs: { total: sum(y) }, updates: [[x, y]] };
  });
  const before = await device.read([x]);
  const { total } = await program.runAndRead({});
  device.write(x, before[0]!);
  for (const command of program.commands) program.repeat(command, 3);
  assertEquals((await program.runAndRead({})).total[0], total[0]);
  program[Symbol.dispose]();
});

gpuTest("commands state the bytes that they read and write", async (device) => {
  const x = variable([64], new Float32Array(64)), image = variable([1, 1, 4, 4], new Float32Array(16));
  const kernel = variable([1, 1, 3, 3], new Float32Array(9));
  const program = await compile(device, {}, () => ({
    outputs: { total: sum(mul(x, 3)), image: conv2d(image, kernel) },
    updates: [[x, add(x, 1)]],
  }), { variant: "direct" });
  const byKind = Map.groupBy(program.commands, ({ kind }) => kind);
  const bytesOf = (kind: "kernel" | "fused" | "update") =>
    byKind.get(kind)?.map(({ readBytes, writtenBytes }) => [readBytes, writtenBytes]);
  assertEquals(bytesOf("fused"), [[256, 16]]);
  assertEquals(bytesOf("kernel"), [[64 + 36, 16]]);
  assertEquals(bytesOf("update"), [[256, 256]]);
  program[Symbol.dispose]();
});

gpuTest("memory of intermediate results is reused", async (device) => {
  const x = variable([1000, 4], new Float32Array(4000).fill(1));
  // Each sum stores its whole input, so a chain without reuse would need 20 buffers.
  let node: Tensor = x;
  for (let i = 0; i < 20; i++) node = add(x, sum(relu(sub(node, 0.5)), [1], { keepAxes: true }));
  const program = await compile(device, {}, () => ({ outputs: { total: sum(node) } }));
  assert(program.bytes < 8 * 16_000, `${program.bytes} bytes`);
  program[Symbol.dispose]();
});

gpuTest(
  "small tensors with the same operands share a kernel, unless one needs the other",
  async (device) => {
    const x = variable([2, 3], [1, 2, 3, 4, 5, 7]);
    const program = await compile(device, {}, () => {
      const total = sum(x, [1]);
      const twice = mul(total, 2);
      const shifted = add(total, reshape(slice(x, [0, 1], [2, 1]), [2]));
      return { outputs: { total, twice, shifted, last: sub(sum(twice), shifted) } };
    });
    const labels = program.commands.map(({ label }) => label);
    assertEquals(labels.filter((label) => label.endsWith("[2]")), ["mul add [2]", "sub [2]"]);
    const { total, twice, shifted, last } = await program.runAndRead({});
    program[Symbol.dispose]();
    assertEquals([...total], [6, 16]);
    assertEquals([...twice], [12, 32]);
    assertEquals([...shifted], [8, 21]);
    assertEquals([...last], [36, 23]);
  },
);

gpuTest("a tensor that no kernel can bind is refused by name, before memory is allocated", async (device) => {
  const small = deviceWith(device, { largestBinding: 2 ** 20 });
  const x = variable([1, 1024], new Float32Array(1024));
  const of = (rows: number) => () => ({
    outputs: { y: add(x, variable([rows, 1], new Float32Array(rows))) },
  });
  const error = await assertRejects(() => compile(small, {}, of(257)), TensorSizeError, "add [257, 1024]");
  assertEquals([error.bytes, error.limit], [257 * 4096, 2 ** 20]);
  (await compile(small, {}, of(256)))[Symbol.dispose]();
});
