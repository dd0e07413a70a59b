/**
 * Decoding, against pixels that Pillow 9.4 decoded from the same files, which ImageMagick 6.9 and Pillow wrote
 * (`pixels.json`: height, width and RGB in base64).
 */
import { encode } from "npm:fast-png@8.0.0";
import { decodeImage, type Size } from "../../data/files/mod.ts";
import { imageSize } from "../../data/files/decode/decode_image.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import expected from "./images/pixels.json" with { type: "json" };

const folder = new URL("./images/", import.meta.url);

/** RGB of an image as its planes say it, row by row. */
async function decoded(bytes: Uint8Array, [height, width]: Size): Promise<Uint8Array> {
  const planes = new Uint8Array(3 * height * width).fill(77);
  await decodeImage(bytes, [height, width], planes);
  return planes.map((_, i) => planes[i % 3 * height * width + Math.floor(i / 3)]!);
}

/** Tolerances between decoders: none for lossless files, rounding of the transform for lossy ones. */
const tolerances: Record<string, number> = { jpg: 2, webp: 2 };

for (const [name, { size, rgb }] of Object.entries(expected)) {
  const isLossless = name.endsWith(".png") || name.startsWith("lossless");
  // Half transparent on white: one rounding.
  const atol = name === "rgba.png" ? 1 : isLossless ? 0 : tolerances[name.split(".")[1]!]!;
  Deno.test(`decode: ${name} is what Pillow decodes${atol === 0 ? ", exactly" : ` within ${atol}`}`, async () => {
    const bytes = await Deno.readFile(new URL(name, folder));
    const [height, width] = size as [number, number];
    assertEquals(await imageSize(bytes), [height, width]);
    const want = Uint8Array.fromBase64(rgb);
    assertClose(await decoded(bytes, [height, width]), want, { rtol: 0, atol });
  });
}

Deno.test("decode: CMYK becomes RGB, white staying light and black dark", async () => {
  const rgb = await decoded(await Deno.readFile(new URL("cmyk.jpg", folder)), [8, 16]);
  const at = (x: number) => [...rgb.subarray(3 * (4 * 16 + x), 3 * (4 * 16 + x) + 3)];
  assert(at(2).every((value) => value > 240) && at(13).every((value) => value < 60), `${at(2)}, ${at(13)}`);
});

Deno.test("decode: grey is the luma of BT.601, rounded, and leaves grey as it is", async () => {
  const bytes = await Deno.readFile(new URL("rgb.png", folder));
  const [height, width] = await imageSize(bytes);
  const rgb = await decoded(bytes, [height, width]);
  const grey = new Uint8Array(height * width).fill(77);
  await decodeImage(bytes, [height, width], grey, 1);
  // In millionths, so that float64 has no roundings of its own; the weights are rounded to 2⁻¹⁶.
  const luma = (i: number) => (299 * rgb[3 * i]! + 587 * rgb[3 * i + 1]! + 114 * rgb[3 * i + 2]!) / 1000;
  assertClose(grey, Array.from(grey, (_, i) => luma(i)), { rtol: 0, atol: 0.5 + 255 * 2 ** -16 });
  const ramp = Uint8Array.from({ length: 256 }, (_, i) => i);
  const greyPng = encode({ width: 256, height: 1, channels: 1, depth: 8, data: ramp });
  const planes = new Uint8Array(256);
  await decodeImage(greyPng, [1, 256], planes, 1);
  assertEquals(planes, ramp);
});

Deno.test("decode: another size than the image's own is resampled, and its own is reported", async () => {
  const bytes = await Deno.readFile(new URL("smooth.jpg", folder));
  const planes = new Uint8Array(3 * 6 * 4);
  assertEquals(await decodeImage(bytes, [6, 4], planes), [12, 16]);
  // The image is linear: red 16·x, green 20·y, blue 8·(x + y). Means of 2×4 pixels stay on the planes away from edges.
  const [red, green] = [planes.subarray(0, 24), planes.subarray(24, 48)];
  for (const y of [1, 2, 3, 4]) {
    for (const x of [1, 2]) {
      assertClose([red[4 * y + x]!], [16 * (4 * x + 1.5)], { rtol: 0, atol: 4 });
      assertClose([green[4 * y + x]!], [20 * (2 * y + 0.5)], { rtol: 0, atol: 4 });
    }
  }
});

Deno.test("decode: incomplete images are rejected, with a reason that follows the name", async () => {
  const file = (name: string) => Deno.readFileSync(new URL(name, folder));
  const flipped = file("rgb.png");
  flipped[flipped.length - 40]! ^= 0x55;
  for (
    const [bytes, message] of [
      [new Uint8Array(), "it is empty"],
      [new TextEncoder().encode("hello, I am a text"), "it is text: download it again"],
      [
        new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
        "it is an SVG drawing: save it as PNG or JPEG",
      ],
      [file("smooth.jpg").slice(0, -20), "premature end of JPEG image"],
      [file("rgb.png").subarray(0, 80), ""],
      [flipped, ""],
      [file("rgb.png").subarray(0, 20), "corrupt header"],
      [file("lossless.webp").subarray(0, 50), "corrupt header"],
      [file("interlaced.png").subarray(0, 120), ""],
    ] as const
  ) {
    const { message: said } = await assertRejects(() => decoded(bytes, [7, 9]), SyntaxError, message);
    assert(said.length > 3 && !said.includes("\n") && !said.startsWith("Vips"), said);
  }
});
