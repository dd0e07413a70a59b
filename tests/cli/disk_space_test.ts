/** The space that a run needs: said before it starts, and refused if the disk has less. */
import { checkSpace, type MeasuredTrainer, sizeText, spaceNeed } from "../../cli/storage/disk_space.ts";
import { planNew } from "../../cli/plan/run_plan.ts";
import { variable } from "../../kernels/mod.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { parseArguments } from "./command.ts";

/** A trainer of 10 weights. */
function trainerOf(args: readonly string[]): MeasuredTrainer {
  const weights = () => ({ weight: variable([10], new Float32Array(10)) });
  const network = () => ({ parameters: weights(), buffers: {} });
  const algorithm = { student: network(), teacher: network(), optimizer: { state: weights() } };
  const { training: options } = planNew(parseArguments(args), "none");
  return { options, totalSteps: 100, stepsPerEpoch: 10, algorithm } as unknown as MeasuredTrainer;
}

function needOf(...args: string[]) {
  return spaceNeed(planNew(parseArguments(args), "none"), trainerOf(args), new Int32Array(5));
}

Deno.test("disk: the space is that of the checkpoints that are there at once, and of the model", () => {
  // Three states of 40 bytes, and 20 of labels.
  const one = { checkpoint: 140, model: 40 };
  assertEquals(needOf("--checkpoint-epochs=1"), { ...one, count: 3, total: 3 * 140 + 40 });
  assertEquals(needOf("--checkpoint-epochs=0"), { ...one, count: 1, total: 140 + 40 });
  assertEquals(needOf("--checkpoint-epochs=5"), { ...one, count: 2, total: 2 * 140 + 40 });
  assertEquals(needOf("--checkpoint-epochs=1", "--keep-checkpoints=20").count, 10);
  assertEquals(needOf("--checkpoint-epochs=1", "--keep=best"), {
    checkpoint: 260,
    model: 40,
    count: 4,
    total: 4 * 260 + 40,
  });
  assertEquals(needOf("--checkpoint-epochs=0", "--baseline").total, 2 * (140 + 40));
});

Deno.test("disk: a run that needs more than is free is refused", async () => {
  await withFiles({}, async (directory) => {
    const plan = planNew(parseArguments([]), `${directory}/a/b`), need = needOf("--checkpoint-epochs=1");
    assertMatch(
      await checkSpace(plan, need),
      /^The run needs about 0\.0 MB for its files .*; [\d.]+ [MG]B are free$/,
    );
    await assertRejects(
      () => checkSpace(plan, { ...need, total: 1e18 }),
      RangeError,
      "are free. Make room, set another --output, or keep fewer checkpoints with --keep-checkpoints.",
    );
  });
  assertEquals([sizeText(12_345_678), sizeText(4.7e9)], ["12.3 MB", "4.7 GB"]);
});
