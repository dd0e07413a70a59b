/** Labelling that is killed inside the writes of its lists. */
import { assert } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { LabelKills } from "../soak/label_kills.ts";

Deno.test("labelling: killed in each of its file operations, it loses no saved label and repeats none", async () => {
  await withFiles({}, async (directory) => {
    const kills = await LabelKills.create(directory, { trains: false });
    await kills.killInEachOperation(0.6);
    const { answered, kills: killed } = kills.figures;
    assert(killed >= 12 && answered >= 12, JSON.stringify(kills.figures));
  });
});
