/** Memory of adapters' load times between runs. */
import { join } from "node:path";
import { knownLoads } from "../../cli/command/known_loads.ts";
import { Device } from "../../kernels/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { inCache } from "./cache_folder.ts";

gpuTest("load times: a processor is measured once, and the second device takes the same path", async () => {
  await inCache(async (folder) => {
    const path = join(folder, "adapters.json");
    using first = await Device.request({ knownLoads });
    if (!first.isCpu || !first.readsTexels) {
      assertEquals(first.prefersTexels, false);
      await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
      return;
    }
    const [[adapter, times] = []] = Object.entries(JSON.parse(await Deno.readTextFile(path)));
    assert(adapter?.startsWith(first.name) && adapter.endsWith(first.driver), adapter);
    const { mtime } = await Deno.stat(path);
    using second = await Device.request({ knownLoads });
    assertEquals(second.prefersTexels, first.prefersTexels);
    assertEquals((await Deno.stat(path)).mtime, mtime);
    assertEquals(await knownLoads.get(adapter!), times);

    // What the file says decides, not the adapter's name.
    for (const [buffer, prefersTexels] of [[1.4, false], [1.6, true]] as const) {
      await knownLoads.set(adapter!, { buffer, texture: 1 });
      using device = await Device.request({ knownLoads });
      assertEquals(device.prefersTexels, prefersTexels);
    }

    await Deno.writeTextFile(path, `{"${adapter}": {"buffer": "fast"}}`);
    using measured = await Device.request({ knownLoads });
    assertEquals(measured.isCpu, true);
    assert(typeof JSON.parse(await Deno.readTextFile(path))[adapter!].buffer === "number");
  });
});
