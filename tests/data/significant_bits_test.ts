/** Images of 16 bits of which fewer are used: one scale for all of a folder, in memory, in files, and afterwards. */
import { encode } from "npm:fast-png@8.0.0";
import { examineFolder, openFolder, streamFiles } from "../../data/files/mod.ts";
import { isResident, readImages } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { withFiles } from "./fixtures.ts";

/** A grey picture of 16 bits: columns in steps from 0 to its largest value. */
function deep(largest: number): Uint8Array {
  const data = Uint16Array.from({ length: 8 * 8 }, (_, i) => Math.round(i % 8 * largest / 7));
  return encode({ width: 8, height: 8, channels: 1, depth: 16, data });
}

const files = {
  "cat/1.png": deep(1000),
  "cat/2.png": deep(4000),
  "dog/1.png": deep(2000),
  "dog/2.png": deep(300),
  "val/cat/1.png": deep(3000),
  "val/dog/2.png": encode({ width: 8, height: 8, channels: 1, depth: 8, data: new Uint8Array(64).fill(100) }),
};

Deno.test("16 bits: the bits that a folder's images use give one scale for all of them, with a note", async () => {
  await withFiles(files, async (directory) => {
    const folder = await examineFolder(directory);
    assertEquals(folder.significantBits, 12);
    assertEquals(folder.notes, [
      "16-bit images use only 12 bits (values up to 4000 in the 5 images examined), so 4095 is taken as white",
    ]);
    const brightest = [1000, 4000, 2000, 300].map((value) => Math.round(value * 255 / 4095));
    for (const memoryLimit of [2 ** 20, 0]) {
      const { train, test, significantBits } = await openFolder(folder, {
        canvas: [8, 8],
        channels: 1,
        memoryLimit,
      });
      assertEquals([isResident(train), significantBits], [memoryLimit > 0, 12]);
      const { images } = await readImages(train);
      assertEquals(brightest.map((_, i) => images[64 * i + 7]), brightest);
      // Eight bits stay what they are.
      const tested = await readImages(test);
      assertEquals([tested.images[7], tested.images[64]], [Math.round(3000 * 255 / 4095), 100]);
    }
    // Whoever has the model scales new pictures in the same way, and names one that does not fit.
    await Deno.writeFile(`${directory}/new.png`, deep(60_000));
    const damaged: { name: string; reason: string }[] = [];
    const fresh = streamFiles({
      directory,
      names: ["dog/1.png", "new.png"],
      imageShape: [1, 8, 8],
      significantBits: 12,
      damaged,
    });
    assertEquals((await readImages(fresh)).images[7], brightest[2]);
    assertMatch(damaged[0]?.reason ?? "", /it has the value \d+, but .* use 12 bits, with values up to 4095/);
  });
});

Deno.test("16 bits: images that use all of them, or have but eight, are seen as ever", async () => {
  await withFiles({ ...files, "dog/3.png": deep(65535) }, async (directory) => {
    const folder = await examineFolder(directory);
    assertEquals([folder.significantBits, folder.notes], [16, []]);
    const { train, significantBits } = await openFolder(folder, { canvas: [8, 8], channels: 1 });
    assert(isResident(train));
    assertEquals([train.images[7], significantBits], [1000 >> 8, undefined]);
  });
});
