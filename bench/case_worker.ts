/**
 * The cases of `deno task bench` as works of a peer, for comparisons of two checkouts of this project.
 * @module
 */
import project from "../deno.json" with { type: "json" };
import { Device, type InputValues, type Program, Tuning, type TuningEffort } from "../kernels/mod.ts";
import { compileCase, kernelCases } from "./cases.ts";
import { serve, type Work } from "./peers/worker.ts";
import { checksum, comparedSteps } from "./peers/works.ts";
import { compileStepCase, stepCases } from "./steps.ts";

const [effort] = Deno.args;
const device = await Device.request();
const tuning = new Tuning((effort ?? (device.isCpu ? "off" : "full")) as TuningEffort);

/** Creates work whose first runs are compared: the checksums of their outputs. */
function createComparedWork<I extends string>(program: Program<I>, values: InputValues<I>): Work {
  const results: Promise<number[][]>[] = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        if (results.length < comparedSteps) {
          const outputs = program.runAndRead(values);
          results.push(outputs.then((each) => Object.values(each).map(checksum)));
        } else program.run(values);
      }
    },
    finish: () => device.finish(),
    results: async () => (await Promise.all(results)).flat(),
  };
}

await serve({
  version: project.version,
  start: () => Promise.resolve(device.name),
  works: Object.fromEntries([
    ...kernelCases.map((each) => [each.name, async () => {
      const { program } = await compileCase(device, each, { tuning });
      return createComparedWork(program, {});
    }]),
    ...stepCases(device.isCpu).map((each) => [each.name, async () => {
      const { program, values } = await compileStepCase(device, each, tuning);
      return createComparedWork(program, values);
    }]),
  ]),
});
