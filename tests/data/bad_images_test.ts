/** Images as the world has them, in a user's folder: each is read or left out by name, and nothing crashes. */
import { join } from "node:path";
import sharp from "npm:sharp@0.35.5";
import {
  type ChannelCount,
  examineFolder,
  openFolder,
  type Size,
  surveyImages,
} from "../../data/files/mod.ts";
import { describeDamage } from "../../data/internal.ts";
import { type Dataset, type ImageSet, isResident, readImages } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { damagedPng, png, pngHead, withFiles } from "./fixtures.ts";

type Color = { r: number; g: number; b: number; alpha?: number };
const orange: Color = { r: 200, g: 100, b: 50 };

/** An image of one colour. */
const plain = (width: number, height: number, { alpha, ...color }: Color = orange) =>
  sharp({
    create: {
      width,
      height,
      channels: alpha === undefined ? 3 : 4,
      background: { ...color, alpha: alpha ?? 1 },
    },
  });

async function opened(
  directory: string,
  { canvas = [8, 8], channels = 3, ...rest }: {
    canvas?: Size;
    channels?: ChannelCount;
    channelsMayGrow?: boolean;
    memoryLimit?: number;
    testOnly?: boolean;
  } = {},
): Promise<Dataset> {
  return await openFolder(await examineFolder(directory), { canvas, channels, ...rest });
}

/** The mean of each channel of an image by its name. */
function colorOf(set: Dataset["train"], name: string): number[] {
  assert(isResident(set));
  const { images, names, imageShape: [channels, height, width] } = set as ImageSet;
  const plane = height * width, start = names!.indexOf(name) * channels * plane;
  return Array.from({ length: channels }, (_, c) => {
    const values = images.subarray(start + c * plane, start + (c + 1) * plane);
    return values.reduce((sum, value) => sum + value, 0) / plane;
  });
}

Deno.test("bad images: every kind is read as a viewer shows it, or left out with its name and the reason", async () => {
  const jpeg = await plain(40, 30).jpeg().toBuffer(), whole = await plain(40, 30).png().toBuffer();
  const frames = await Promise.all(
    [orange, { r: 0, g: 0, b: 255 }].map((color) => plain(20, 20, color).png().toBuffer()),
  );
  const animation = (format: "webp" | "gif") =>
    sharp(frames, { join: { animated: true } })[format]({
      loop: 0,
      ...(format === "webp" && { lossless: true }),
    })
      .toBuffer();
  const good = {
    "a/16 bit.png": await plain(20, 30).toColourspace("rgb16").png().toBuffer(),
    "a/cmyk.jpg": await plain(24, 24).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
    "a/moving.gif": await animation("gif"),
    "a/moving.webp": await animation("webp"),
    "a/palette.png": await plain(20, 20).png({ palette: true }).toBuffer(),
    "a/wide.png": await plain(20_000, 3).png().toBuffer(),
    "b/1.jpg": jpeg,
    "b/grey.png": await plain(20, 20).greyscale().png().toBuffer(),
    "b/half seen.webp": await plain(20, 20, { ...orange, alpha: 0.5 }).webp({ lossless: true }).toBuffer(),
    "b/one.png": await plain(1, 1).png().toBuffer(),
  };
  const bad = {
    "a/broken.png": damagedPng(whole),
    "a/cut.jpg": jpeg.subarray(0, -40),
    "a/cut.png": whole.subarray(0, 60),
    "a/empty.png": new Uint8Array(),
    "a/huge.png": pngHead(20_000, 20_000),
    "b/line\nbreak.jpg": new TextEncoder().encode("no image"),
    "b/vector.png": new TextEncoder().encode("<svg/>"),
  };
  await withFiles({ ...good, ...bad }, async (directory) => {
    await Deno.mkdir(join(directory, "b/folder.jpg"));
    await Deno.symlink(join(directory, "nowhere"), join(directory, "b/gone.jpg"));
    await Deno.symlink("loop.jpg", join(directory, "b/loop.jpg"));
    const { train, damaged } = await opened(directory);
    assertEquals(train.names, Object.keys(good).sort());
    assertEquals([...train.labels], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    for (const name of Object.keys(good)) {
      // Half of white and half of the colour; the grey is what sRGB's luminance comes to.
      const want = name === "b/half seen.webp" ? [228, 178, 153] : [200, 100, 50];
      if (name === "b/grey.png") continue;
      assertClose(colorOf(train, name), want, {
        rtol: 0,
        atol: name === "a/cmyk.jpg" ? 40 : name === "a/moving.gif" ? 16 : 3,
      });
    }
    const [red, green, blue] = colorOf(train, "b/grey.png");
    assert(red === green && green === blue && red! > 80 && red! < 160, `${red}`);
    const said = describeDamage(damaged!);
    assertStringIncludes(said, "2 images could not be decoded and are left out: a/broken.png (");
    assertStringIncludes(said, "a/huge.png (it has 20000×20000 pixels, but at most 100 million are allowed)");
    const { notes } = await examineFolder(directory);
    assertEquals(notes, [
      "b/gone.jpg is skipped: No such file or directory",
      "b/loop.jpg is skipped: Too many levels of symbolic links",
      "5 files cannot be read as an image and are left out: " +
      "a/cut.jpg, a/cut.png (its end is missing: copy or download it again); a/empty.png (it is empty); " +
      "b/line\\nbreak.jpg (it is text: download it again); " +
      "b/vector.png (it is an SVG drawing: save it as PNG or JPEG)",
    ]);
  });
});

const grey = (value: number) => plain(12, 10, { r: value, g: value, b: value }).png().toBuffer();

Deno.test("own dataset: grey images have one channel; one that has colour after all makes it three", async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 6; i++) files[`${i % 2 ? "a" : "b"}/${i}.png`] = await grey(40 * i);
  await withFiles(files, async (directory) => {
    const survey = await surveyImages(await examineFolder(directory));
    assertEquals(survey, { count: 6, smallest: [10, 12], largest: [10, 12], aspect: 1.2, isGrey: true });
    const { train, channelStatistics, test, heldOut } = await opened(directory, {
      canvas: [10, 12],
      channels: 1,
      channelsMayGrow: true,
    });
    assertEquals(train.imageShape, [1, 10, 12]);
    assertEquals(colorOf(train, "a/5.png"), [200]);
    assertClose(channelStatistics.mean, [100 / 255], { rtol: 1e-12, atol: 0 });
    assertEquals([test.labels.length, test.imageShape, heldOut], [0, [1, 10, 12], false]);
    await Deno.writeFile(join(directory, "a/color.png"), await plain(12, 10).png().toBuffer());
    const grown = await opened(directory, { canvas: [10, 12], channels: 1, channelsMayGrow: true });
    assertEquals(grown.train.imageShape, [3, 10, 12]);
    assertEquals([colorOf(grown.train, "a/5.png"), colorOf(grown.train, "a/color.png")], [[200, 200, 200], [
      200,
      100,
      50,
    ]]);
    assertEquals(grown.damaged, []);
    assertEquals((await surveyImages(await examineFolder(directory))).isGrey, false);
    // Where it was laid down, as in a checkpoint, it stays: 0.299 · 200 + 0.587 · 100 + 0.114 · 50.
    const kept = await opened(directory, { canvas: [10, 12], channels: 1 });
    assertEquals(colorOf(kept.train, "a/color.png"), [124]);
  });
});

Deno.test("own dataset: a survey tells sizes, and the shape that most images have", async () => {
  const files: Record<string, Uint8Array> = { "a/broken.png": new Uint8Array() };
  const sizes = [[80, 60], [40, 30], [160, 120], [81, 60], [50, 200]] as const;
  for (const [i, [width, height]] of sizes.entries()) {
    files[`${i % 2 ? "a" : "b"}/${i}.png`] = await plain(width, height).png().toBuffer();
  }
  await withFiles(files, async (directory) => {
    const survey = await surveyImages(await examineFolder(directory));
    const { aspect, ...rest } = survey;
    assertEquals(rest, { count: 5, smallest: [30, 40], largest: [200, 160], isGrey: false });
    assertClose([aspect], [4 / 3], { rtol: 0, atol: 0.02 });
    await Deno.writeFile(join(directory, "a/6.png"), await plain(60, 80).png().toBuffer());
    assertEquals((await surveyImages(await examineFolder(directory))).aspect, 1);
  });
});

Deno.test("own dataset: beyond the memory limit images stay in files, grey ones in one channel", async () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 6; i++) files[`${i % 2 ? "a" : "b"}/${i}.png`] = await grey(40 * i);
  files["val/a/7.png"] = await grey(7);
  await withFiles(files, async (directory) => {
    const { train, test, channelStatistics } = await opened(directory, { channels: 1, memoryLimit: 100 });
    assert(!isResident(train));
    assertEquals(colorOf(test, "val/a/7.png"), [7]);
    assertClose(channelStatistics.mean, [100 / 255], { rtol: 1e-12, atol: 0 });
    const { images: bytes, labels } = await readImages(train, { indices: Int32Array.of(0, 5) });
    assertEquals([bytes[0], bytes[63], bytes[64], bytes[127], ...labels], [40, 40, 160, 160, 0, 1]);
    const tested = await opened(directory, { channels: 1, testOnly: true });
    assertEquals([isResident(tested.train), isResident(tested.test)], [false, true]);
  });
});

Deno.test("own dataset: where no image can be decoded, some are named", async () => {
  const broken = damagedPng(png(9, 9, (x, y) => 20 * x + y)),
    other = damagedPng(png(9, 9, (x, y) => 20 * y + x));
  await withFiles({ "a/1.png": broken, "b/2.png": other }, async (directory) => {
    const folder = await examineFolder(directory);
    for (const attempt of [() => surveyImages(folder), () => opened(directory)]) {
      await assertRejects(
        attempt,
        SyntaxError,
        "2 images could not be decoded and are left out: a/1.png (",
      );
    }
  });
});
