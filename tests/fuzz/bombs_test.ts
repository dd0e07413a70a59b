/** Files made by hand, a part of them; `deno task fuzz --bombs` tries all. */
import { assertEquals } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { fieldBombs, madeBombs } from "./bombs/all_bombs.ts";
import { BombTrial } from "./bombs/bomb_trial.ts";

/** Files that once showed a fault, and need a small part of a second now. */
const once = [
  "list: 150 000 classes",
  "npy: type '<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
  "picture: GIF of 9990×9990",
  "picture: JPEG of 5000×5000 in 800 scans",
  "picture: PNG of 9990×9990, colour 6, 16 bits, interlaced",
  "picture: PNG of 9990×9990, colour 6, 16 bits",
  "picture: PNG with 20 texts of 64 MB",
  "config.json: many keys",
  "config.yaml: YAML aliases",
  "log: comments",
  "mat 0 before zeros",
  "weights: a name of a megabyte",
];

Deno.test("bombs: files made by hand are read or refused in plain words, in little time and memory", async () => {
  await withFiles({}, async (folder) => {
    const trial = new BombTrial(), faults: string[] = [], all = madeBombs(folder);
    assertEquals(once.filter((name) => !all.some((bomb) => bomb.name === name)), []);
    for (const [i, bomb] of all.entries()) {
      if (i % 29 !== 0 && !once.includes(bomb.name)) continue;
      const fault = await trial.try(bomb);
      if (fault !== undefined) faults.push(fault);
    }
    assertEquals(faults, []);
  });
});

Deno.test("bombs: extreme numbers at any place of whole files are read or refused in plain words", async () => {
  const trial = new BombTrial(), faults: string[] = [];
  for (const bomb of fieldBombs(211)) {
    const fault = await trial.try(bomb);
    if (fault !== undefined) faults.push(fault);
  }
  assertEquals(faults, []);
});
