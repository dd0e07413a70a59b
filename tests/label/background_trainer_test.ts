/** The worker that trains rounds: it knows what the command's plugin registers. */
import { join } from "node:path";
import { BackgroundTrainer } from "../../cli/label/background_trainer.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";

/** A plugin that registers a network, and tells by a file that it was loaded. */
const plugin = `
import { registerArchitecture } from "${new URL("../../mod.ts", import.meta.url)}";
registerArchitecture({ name: "plugin_net", summary: "none", build() { throw new Error("unused"); } });
Deno.writeTextFileSync(new URL("loaded", import.meta.url), "");
`;

Deno.test("labelling: the worker loads the command's plugin before it works, and says why it cannot", async () => {
  await withFiles({ "own.ts": new TextEncoder().encode(plugin) }, async (directory) => {
    const request = { run: join(directory, "none"), excluded: [], others: [], count: 1, seed: 1 };
    {
      using trainer = new BackgroundTrainer(join(directory, "own.ts"));
      await assertRejects(() => trainer.choose(request), Error, "none");
    }
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["loaded", "own.ts"]);
    using trainer = new BackgroundTrainer(join(directory, "missing.ts"));
    await assertRejects(() => trainer.choose(request), Error, "Cannot load the plugin");
  });
});
