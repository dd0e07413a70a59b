/**
 * `deno task soak --hours N`: kills runs at random times and inside file operations until the time is over, and checks
 * that the same command ends with the same weights every time. Prints the figures after each run. With `--stand-in` the
 * weights are not trained, which needs no GPU and takes a tenth of the time.
 */
import { parseArgs } from "node:util";
import { SoakRuns } from "./soak_run.ts";

const { values: { hours, seed, steps, "stand-in": isStandIn } } = parseArgs({
  options: {
    "stand-in": { type: "boolean", default: false },
    hours: { type: "string", default: "1" },
    seed: { type: "string" },
    steps: { type: "string" },
  },
});
const chosen = seed === undefined ? Date.now() % 2 ** 32 : Number(seed);
const directory = await Deno.makeTempDir({ prefix: "soak-" });
console.log(JSON.stringify({ seed: chosen, directory }));
const soak = await SoakRuns.create(directory, {
  seed: chosen,
  steps: Number(steps ?? 16),
  isStandIn,
});
const end = performance.now() + 3_600_000 * Number(hours);
for (let i = 0; performance.now() < end; i++) {
  await soak.killUntilFinished(i % 2 === 0 ? "time" : "operation", 8);
  console.log(JSON.stringify(soak.figures));
}
await Deno.remove(directory, { recursive: true });
