/** Runs for which the memory of the GPU is too small: the error has a size of batches that was tried and fits. */
import { join } from "node:path";
import { planRun } from "../../cli/plan/run_plan.ts";
import { executePlan } from "../../cli/run/run.ts";
import { Device, GpuMemoryError } from "../../kernels/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { limitMemory } from "../kernels/limit_memory.ts";
import { inFolder, parseArguments } from "./command.ts";

/** Trains on a GPU of so much memory. @returns the most bytes that were in use. */
async function trainIn(bytes: number, args: readonly string[]): Promise<number> {
  const { log, error } = console;
  console.log = console.error = () => {};
  try {
    using device = await Device.request();
    const mostBytes = limitMemory(device.gpu, bytes);
    const plan = await planRun(parseArguments(args), new Date(0), undefined);
    assertEquals(await executePlan(plan, new AbortController().signal, device), "finished");
    return mostBytes();
  } finally {
    Object.assign(console, { log, error });
  }
}

gpuTest("if the memory of the GPU is too small, the error names batches that fit", async () => {
  await inFolder(async (directory) => {
    const args = [
      "--labels-per-class=2",
      "--arch=convnet_small",
      "--tune=off",
      "--steps=1",
      "--print-freq=1",
    ];
    const of = (name: string, ...sizes: string[]) => [
      `--data-dir=${join(directory, "data")}`,
      `--output=${join(directory, name)}`,
      ...args,
      ...sizes,
    ];
    const sizes = ["--batch-size=80", "--labeled-batch-size=20"];
    const bytes = await trainIn(Infinity, of("whole", ...sizes));
    const limit = 0.7 * bytes;
    const { message } = await assertRejects(() => trainIn(limit, of("large", ...sizes)), GpuMemoryError);
    const [, flags = ""] =
      /The largest tensors are .*\. Use smaller batches\. (--.+) fits\.$/.exec(message) ?? [];
    assert(/^--batch-size (40|20|10) --labeled-batch-size (10|5|2)$/.test(flags), message);
    assert(await trainIn(limit, of("small", ...flags.replaceAll(/(size) /g, "$1=").split(" "))) <= limit);
    await assertRejects(
      () => trainIn(0.01 * bytes, of("none", ...sizes)),
      GpuMemoryError,
      "No smaller batch fits: choose a smaller network or image size.",
    );
  });
});
