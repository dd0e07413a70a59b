/** HEIC photos. */
import { decodeImage } from "../../data/files/mod.ts";
import { imageSize } from "../../data/files/decode/decode_image.ts";
import { inspectBytes } from "../../data/files/inspect/inspect_file.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

/**
 * Photos of 48×32 pixels, orange on the left and blue on the right, written by libheif's `heif-enc`: `p3` has the
 * colour profile of phones, the lower half of `opacity` is transparent, `ten` has 10 bits, and `turned` says that it is
 * displayed after a quarter turn to the left. All are made of tiles, as phones do.
 */
const photos = {
  plain: [32, 48],
  p3: [32, 48],
  opacity: [32, 48],
  ten: [32, 48],
  turned: [48, 32],
} as const;
const orange = [200, 100, 50], blue = [20, 40, 160], white = [255, 255, 255];

function read(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`images/${name}.heic`, import.meta.url));
}

/** Colours at the centres of the top left, top right and bottom left quarters. */
async function cornersOf(bytes: Uint8Array): Promise<number[][]> {
  const [height, width] = await imageSize(bytes), planes = new Uint8Array(3 * height * width);
  assertEquals(await decodeImage(bytes, [height, width], planes, 3), [height, width]);
  return [[1, 1], [1, 3], [3, 1]].map(([y = 0, x = 0]) =>
    [0, 1, 2].map((c) => planes[(c * height + y * height / 4) * width + x * width / 4] ?? -1)
  );
}

Deno.test("HEIC: photos are turned, converted from their profile, put on white and rounded to 8 bits", async () => {
  const corners = { opacity: [orange, blue, white], turned: [blue, blue, orange] };
  for (const [name, size] of Object.entries(photos)) {
    const bytes = await read(name);
    assertEquals(await imageSize(bytes), size, name);
    assertEquals(await inspectBytes(() => Promise.resolve(bytes)).then(({ problem }) => problem), null);
    const want = { plain: [orange, blue, orange], ...corners }[name] ?? [orange, blue, orange];
    for (const [i, color] of (await cornersOf(bytes)).entries()) {
      assertClose(color, want[i] ?? [], { rtol: 0, atol: 3 });
    }
  }
});

Deno.test("HEIC: damaged photos and foreign contents are refused, and the next photo is read", async () => {
  const bytes = await read("plain"), target = new Uint8Array(3 * 48 * 32);
  const changed = bytes.slice();
  // The decoder's configuration, in a box of the header.
  changed.fill(255, 270, 340);
  const decode = (file: Uint8Array) => decodeImage(file, [32, 48], target, 3);
  const { problem } = await inspectBytes(() => Promise.resolve(bytes.subarray(0, -1)));
  assertEquals(problem, "its end is missing: copy or download it again");
  for (
    const [file, message] of [
      [bytes.subarray(0, 100), "its data are damaged or of an unsupported kind"],
      [bytes.subarray(0, 40), "its data are damaged or of an unsupported kind"],
      [changed, "its data are damaged or of an unsupported kind"],
    ] as const
  ) await assertRejects(() => decode(file), SyntaxError, message);
  assertEquals(await decode(bytes), [32, 48]);
  await assertRejects(
    () => decodeImage(bytes, [32, 48], target, 3, { mostPixels: 1000 }),
    SyntaxError,
    "it has 48×32 pixels, but at most 0.001 million are allowed",
  );
});
