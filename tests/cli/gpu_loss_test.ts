/** Runs whose GPU is lost: they open it again, and end with the same weights. */
import { join } from "node:path";
import { executePlan } from "../../cli/run/run.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { Device, GpuLostError } from "../../kernels/mod.ts";
import { writeCheckpoint } from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { checkpointIn, inFolder, jsonIn, namesIn, parseArguments, short } from "./command.ts";

/** Number of submits after which the next device is lost; none once the list is empty. */
type Moments = number[];

/** Trains on devices of its own that are lost at some moments. @returns what it prints. */
async function trainWithLosses(args: readonly string[], moments: Moments): Promise<string> {
  const { log, error } = console, { request } = Device;
  let printed = "";
  console.log = console.error = (...values) => printed += `${values.join(" ")}\n`;
  Device.request = async (options) => {
    const device = await request.call(Device, options), { queue } = device.gpu;
    const submit = queue.submit.bind(queue), last = moments.shift();
    let count = 0;
    if (last !== undefined) {
      queue.submit = (commands) => {
        submit(commands);
        // Those without commands only release memory.
        if ([...commands].length > 0 && ++count === last) device.gpu.destroy();
      };
    }
    return device;
  };
  try {
    const plan = await planRun(parseArguments(args), new Date(0), undefined);
    assertEquals(await executePlan(plan, new AbortController().signal), "finished");
    return printed;
  } finally {
    Object.assign(console, { log, error });
    Device.request = request;
  }
}

/** Weights and optimiser at the end of a run. */
async function stateIn(folder: string) {
  const { student, teacher, optimizer, step } = await checkpointIn(folder, "final.safetensors");
  return { student, teacher, optimizer, step };
}

gpuTest("a run whose GPU is lost opens it again, and ends with the same weights", async () => {
  await inFolder(async (directory) => {
    const at = (name: string) => join(directory, name);
    const args = [`--data-dir=${at("data")}`, ...short.slice(1), "--tune=off", "--steps=24"];
    const every = ["--checkpoint-epochs=2", "--evaluation-epochs=2", "--print-freq=3"];
    await trainWithLosses([...args, ...every, `--output=${at("whole")}`], []);
    const want = await stateIn(at("whole"));
    // Before the first checkpoint, after it, twice, and while the last results are computed.
    for (const [i, moments] of [[3], [16], [20, 9]].entries()) {
      const folder = at(`lost-${i}`), times = moments.length;
      const printed = await trainWithLosses([...args, ...every, `--output=${folder}`], moments);
      assertEquals(printed.split("The GPU was lost at step").length - 1, times, printed);
      assertEquals(await stateIn(folder), want, `${moments}`);
      const errors = async (name: string) => (await jsonIn(at(name), "summary.json")).teacher.testError;
      assertEquals(await errors(`lost-${i}`), await errors("whole"));
    }
  });
});

gpuTest("after a loss, later checkpoints of another attempt in the folder are not taken", async () => {
  await inFolder(async (directory) => {
    const at = (...names: string[]) => join(directory, ...names);
    const args = [`--data-dir=${at("data")}`, ...short.slice(1), "--tune=off", "--steps=24"];
    const every = ["--checkpoint-epochs=0.25", "--evaluation-epochs=0", "--keep-checkpoints=9"];
    await trainWithLosses([...args, ...every, `--output=${at("whole")}`], []);
    await trainWithLosses([...args, ...every, "--seed=2", `--output=${at("other")}`], []);
    const checkpoints = namesIn(at("whole")).filter((name) => name.startsWith("checkpoint-"));
    const [first = "", last = ""] = [checkpoints[0], checkpoints.at(-1)];
    assert(first < last, `${checkpoints}`);
    await Deno.mkdir(at("mixed"));
    await Deno.copyFile(at("whole", first), at("mixed", first));
    await Deno.copyFile(at("other", last), at("mixed", last));
    const printed = await trainWithLosses([`--resume=${at("mixed", first)}`], [5]);
    assertStringIncludes(printed, "The GPU was lost at step");
    assertEquals(await stateIn(at("mixed")), await stateIn(at("whole")));
  });
});

gpuTest("a run that is resumed on another GPU says that its bits will differ", async () => {
  await inFolder(async (directory) => {
    const folder = join(directory, "a"), path = join(folder, "final.safetensors");
    const args = [`--data-dir=${join(directory, "data")}`, ...short.slice(1), "--tune=off"];
    await trainWithLosses([...args, "--steps=4", `--output=${folder}`], []);
    const checkpoint = await checkpointIn(path), { about } = checkpoint;
    const resume = [`--resume=${path}`, "--steps=5", `--output=${join(directory, "b")}`];
    assert(!(await trainWithLosses(resume, [])).includes("same bits"));
    await Deno.writeFile(path, writeCheckpoint({ ...checkpoint, about: { ...about, adapter: "Voodoo" } }));
    await Deno.remove(join(directory, "b"), { recursive: true });
    const printed = await trainWithLosses(resume, []);
    assertStringIncludes(
      printed,
      `The run began on Voodoo; on ${about["adapter"]} it will not give the same bits`,
    );
  });
});

gpuTest("a run whose GPU is lost again and again ends with advice", async () => {
  await inFolder(async (directory) => {
    const args = [`--data-dir=${join(directory, "data")}`, ...short.slice(1), "--tune=off", "--steps=24"];
    const error = await assertRejects(
      () => trainWithLosses([...args, `--output=${join(directory, "a")}`], [3, 3, 3, 3]),
      GpuLostError,
    );
    assertStringIncludes(error.message, "It was lost 3 times within 10 steps");
  });
});
