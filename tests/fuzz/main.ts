/**
 * `deno task fuzz [--runs N] [--seed S] [--reader NAME] [--bombs]`: tries all readers, or one, with mutated files; with
 * `--bombs` with those made by hand, and with extreme numbers at every place of whole files.
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { fieldBombs, madeBombs } from "./bombs/all_bombs.ts";
import { BombTrial } from "./bombs/bomb_trial.ts";
import { readers } from "./readers.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
    reader: { type: "string" },
    bombs: { type: "boolean", default: false },
  },
});
if (values.bombs) Deno.exit(await tryBombs() ? 0 : 1);
const seed = Number(values.seed);
console.log(`Seed ${seed}, ${values.runs} inputs for each reader`);
let failures = 0, inputs = 0;
for (const [name, reader] of Object.entries(readers)) {
  if (values.reader !== undefined && name !== values.reader) continue;
  try {
    const trial = await fuzz(name, reader, Number(values.runs), seed);
    inputs += trial.inputs;
    console.log(
      `${name.padEnd(12)} ${trial.inputs} inputs, ${trial.refused} refused, slowest ${
        (1000 * trial.slowestSeconds).toFixed(0)
      } ms, largest ${(trial.largestBytes / 1e6).toFixed(0)} MB`,
    );
  } catch (error) {
    failures += 1;
    console.error(error instanceof Error ? error.message : error);
  }
}
console.log(`${inputs} inputs in readers without a fault; ${failures} readers with a fault`);
Deno.exit(failures > 0 ? 1 : 0);

/** Tries the files made by hand. @returns true if all were read or refused as documented. */
async function tryBombs(): Promise<boolean> {
  const folder = await Deno.makeTempDir(), trial = new BombTrial();
  for (const bombs of [madeBombs(folder), fieldBombs(1)]) {
    for (const bomb of bombs) {
      const fault = await trial.try(bomb);
      if (fault !== undefined) console.error(fault);
    }
    console.log(trial.text);
  }
  await Deno.remove(folder, { recursive: true });
  return trial.faults === 0;
}
