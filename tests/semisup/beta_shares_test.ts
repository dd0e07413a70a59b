import { compile, constant } from "../../kernels/mod.ts";
import { trainingContext } from "../../nn/mod.ts";
import { betaShares } from "../../semisup/beta_shares.ts";
import { assert, assertThrows } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";

const count = 4096;

/** Distribution functions of Beta(α, α). */
const distributions: readonly (readonly [alpha: number, below: (share: number) => number])[] = [
  [0.5, (share) => 2 / Math.PI * Math.asin(Math.sqrt(share))],
  [1, (share) => share],
  [2, (share) => share ** 2 * (3 - 2 * share)],
];

for (const [alpha, below] of distributions) {
  gpuTest(`shares have the distribution Beta(${alpha}, ${alpha})`, async (device) => {
    const program = await compile(device, {}, () => {
      const context = trainingContext({ seed: constant(7, "uint32"), step: constant(3, "uint32") });
      return { outputs: { shares: betaShares(context, alpha, count) } };
    });
    const { shares } = await program.runAndRead({});
    program[Symbol.dispose]();
    // Kolmogorov–Smirnov: the distance is below 1.63 / √count in 99 of 100 samples; the seed is fixed.
    const distances = [...shares].sort((a, b) => a - b).map((share, i) =>
      Math.max(Math.abs((i + 1) / count - below(share)), Math.abs(i / count - below(share)))
    );
    const distance = Math.max(...distances);
    assert(distance < 1.63 / Math.sqrt(count), `distance ${distance}`);
  });
}

gpuTest("shares of a small α are near 0 or 1, and finite", async (device) => {
  const program = await compile(device, {}, () => {
    const context = trainingContext({ seed: constant(7, "uint32"), step: constant(3, "uint32") });
    return { outputs: { shares: betaShares(context, 0.01, count) } };
  });
  const shares = [...(await program.runAndRead({})).shares];
  program[Symbol.dispose]();
  assert(shares.every((share) => share >= 0 && share <= 1));
  const high = shares.filter((share) => share > 0.5).length / count;
  assert(Math.abs(high - 0.5) < 0.03, `${high} are above a half`);
  // Beta(0.01, 0.01) has about 95.5 % of its mass within 0.01 of the ends.
  const extreme = shares.filter((share) => Math.min(share, 1 - share) < 0.01).length / count;
  assert(extreme > 0.93, `${extreme} are near the ends`);
});

Deno.test("an α out of range is refused", () => {
  for (const alpha of [0, -1, 2.1, NaN]) {
    assertThrows(() => betaShares(trainingContext(), alpha, 1), RangeError, `but is ${alpha}`);
  }
});
