/** Sums over processes, and draws of a share of a batch. */
import {
  add,
  compile,
  dropout,
  full,
  gaussianNoise,
  grad,
  mul,
  randomUniform,
  reshape,
  rowsOfShare,
  shareOf,
  sum,
  sumAcross,
  variable,
} from "../../kernels/mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { gpuTest } from "./device.ts";
import { tasks } from "./tasks.ts";

gpuTest(
  "sums over processes reach the host in as few transfers as their dependencies allow",
  async (device) => {
    const rows = tasks(2);
    const results = await Promise.all(rows.map(async (sumOver, rank) => {
      const x = variable([3], [1 + rank, 2, 3]), y = variable([2], [10 * rank, 1]), z = variable([], [rank]);
      const counter = variable([], [0]);
      const calls: number[] = [];
      const program = await compile(device, { scale: {} }, ({ scale }) => {
        const first = sumAcross(mul(x, scale), 0), other = sumAcross(y, 1);
        const second = sumAcross(add(sum(mul(first, first)), z), 2);
        return {
          outputs: { first, other: mul(other, 2), second },
          updates: [[counter, add(counter, second)], [y, other]],
        };
      }, {
        sumAcross: async (values) => {
          calls.push(values.length);
          await sumOver(values);
        },
      });
      const before = [...device.variables].length;
      const readings = [program.runAndRead({ scale: 1 }), program.runAndRead({ scale: 2 })];
      await program.run({ scale: 0 });
      assertEquals([...device.variables].length, before);
      const [one, two] = await Promise.all(readings), [count, last] = await device.read([counter, y]);
      program[Symbol.dispose]();
      return { one: Object.values(one!).map((each) => [...each]), two: [...two!.first], count, last, calls };
    }));
    for (const { one, two, count, last, calls } of results) {
      assertEquals(one, [[3, 4, 6], [20, 4], [2 * (9 + 16 + 36) + 1]]);
      assertEquals(two, [6, 8, 12]);
      assertEquals([...count], [123 + (8 * (9 + 16 + 36) + 1) + 1]);
      assertEquals([...last], [40, 8]);
      assertEquals(calls, [5, 1, 5, 1, 5, 1]);
    }
  },
);

gpuTest("the gradient of a sum over processes is the sum of their gradients", async (device) => {
  const found = await Promise.all(
    tasks(3).map(async (sumOver, rank) => {
      const x = variable([2], [rank + 1, rank - 1]);
      // cost of rank r: (r + 1) · Σ s², s = Σ over ranks of x.
      const program = await compile(device, {}, () => {
        const total = sumAcross(x, 0);
        const [slope] = grad(mul(sum(mul(total, total)), rank + 1), [x]);
        return { outputs: { slope } };
      }, { sumAcross: sumOver });
      const { slope } = await program.runAndRead({});
      program[Symbol.dispose]();
      return [...slope];
    }),
  );
  // Σ_r (r + 1) · 2 s = 6 · 2 · [6, 0].
  for (const slope of found) assertEquals(slope, [72, 0]);
});

gpuTest("the draws of all processes together are those of the whole batch", async (device) => {
  const whole = 7, ranks = 3, inner = [2, 3];
  const key = {
    seed: variable([], [5], { dtype: "uint32" }),
    step: variable([], [9], { dtype: "uint32" }),
  };
  const draws = async (share?: ReturnType<typeof shareOf>) => {
    const rows = share?.rows ?? whole, own = { ...key, share };
    const image = full([rows, ...inner], 1);
    const program = await compile(device, {}, () => ({
      outputs: {
        uniform: randomUniform(own, 1, [rows, ...inner]),
        pair: randomUniform(own, 2, [2 * rows, ...inner]),
        noise: gaussianNoise(image, 1, own, 3),
        dropped: dropout(image, 0.5, own, 4),
        single: randomUniform(own, 5, [1, 6]),
      },
    }));
    const values = await program.runAndRead({});
    program[Symbol.dispose]();
    return values;
  };
  const all = await draws(), size = 6;
  for (let rank = 0; rank < ranks; rank++) {
    const share = shareOf(whole, rank, ranks), own = await draws(share);
    assertEquals([...own.single], [...all.single]);
    for (let row = 0; row < share.rows; row++) {
      const at = (rank + row * ranks) * size;
      for (const name of ["uniform", "noise", "dropped"] as const) {
        assertEquals([...own[name].subarray(row * size, (row + 1) * size)], [
          ...all[name].subarray(at, at + size),
        ]);
      }
      for (const half of [0, 1]) {
        const start = (half * share.rows + row) * size, from = half * whole * size + at;
        assertEquals([...own.pair.subarray(start, start + size)], [
          ...all.pair.subarray(from, from + size),
        ]);
      }
    }
  }
});

Deno.test("a batch is shared among at most as many processes as it has rows", () => {
  assertEquals([0, 1, 2].map((rank) => shareOf(7, rank, 3).rows), [3, 2, 2]);
  assertThrows(() => shareOf(2, 0, 3), RangeError, "each process needs at least one row");
});

gpuTest("rows of a share are every so manieth row", async (device) => {
  const x = variable([5, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const program = await compile(
    device,
    {},
    () => ({ outputs: { rows: rowsOfShare(x, shareOf(5, 1, 2)) } }),
  );
  assertEquals([...(await program.runAndRead({})).rows], [2, 3, 6, 7]);
  program[Symbol.dispose]();
});

gpuTest("a graph with sums over processes needs a function that computes them", async (device) => {
  const x = variable([1], [0]);
  await assertRejects(
    () => compile(device, {}, () => ({ outputs: { y: reshape(sumAcross(x, 0), []) } })),
    TypeError,
    "option sumAcross is missing",
  );
  assertThrows(() => sumAcross(variable([1], [0], { dtype: "int32" }), 0), TypeError, "float32");
});
