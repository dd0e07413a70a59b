/** Memory of the fastest kernels between runs. */
import { join } from "node:path";
import { loadTuning, saveTuning } from "../../cli/run/tuning_cache.ts";
import { compile, conv2d, type Device, type Tuning, variable } from "../../kernels/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { inCache } from "./cache_folder.ts";

async function compileConvolution(device: Device, tuning: Tuning) {
  const x = variable([1, 4, 8, 8], new Float32Array(256)), w = variable([4, 4, 3, 3], new Float32Array(144));
  const program = await compile(device, {}, () => ({ outputs: { y: conv2d(x, w) } }), { tuning });
  program[Symbol.dispose]();
}

gpuTest("tuning: later runs reuse the measurements of earlier ones", async (device) => {
  await inCache(async () => {
    const first = await loadTuning(device, "full");
    await compileConvolution(device, first);
    assertEquals(first.choices.size, 1);
    await saveTuning(device, first);

    const second = await loadTuning(device, "full");
    assertEquals([...second.choices], [...first.choices]);
    await compileConvolution(device, second);
    assertEquals(second.milliseconds, 0);

    assertEquals([...(await loadTuning(device, "off")).choices], []);
  });
});

gpuTest("tuning: by default processors are not measured, and GPUs fast", async (device) => {
  await inCache(async () => {
    const { effort } = await loadTuning(device, null);
    assertEquals(effort, device.isCpu ? "off" : "fast");
  });
});

gpuTest(
  "tuning: kernels of other adapters stay in the file, and a damaged file is replaced",
  async (device) => {
    await inCache(async (folder) => {
      const path = join(folder, "kernels.json");
      await Deno.mkdir(folder, { recursive: true });
      const other = { "another adapter": { "matmul": "texels" } };
      for (const [text, kept] of [[JSON.stringify(other), other], ["{", {}], ['{"a": [1]}', {}]] as const) {
        await Deno.writeTextFile(path, text);
        const tuning = await loadTuning(device, "fast");
        await compileConvolution(device, tuning);
        await saveTuning(device, tuning);
        const { [Object.keys(kept)[0] ?? ""]: foreign, ...own } = JSON.parse(await Deno.readTextFile(path));
        assertEquals(foreign, Object.values(kept)[0]);
        const [[key, kernels]] = Object.entries(own) as [[string, object]];
        assert(key.startsWith(device.name), key);
        assertEquals(kernels, Object.fromEntries(tuning.choices));
      }
    });
  },
);
