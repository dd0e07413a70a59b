/** Formats beside JPEG, PNG and WebP, images of 16 bits, and what files are that are no images. */
import { encode } from "npm:fast-png@8.0.0";
import sharp from "npm:sharp@0.35.5";
import { decodeImage, type Size } from "../../data/files/mod.ts";
import { findLargestValue, imageSize } from "../../data/files/decode/decode_image.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { bitmapFile } from "./bitmap_writer.ts";

const orange = { r: 200, g: 100, b: 50 };
const plain = () => sharp({ create: { width: 40, height: 30, channels: 3, background: orange } });

/** RGB by pixel. */
async function rgbOf(
  bytes: Uint8Array,
  [height, width]: Size,
  options: Parameters<typeof decodeImage>[4] = {},
): Promise<number[]> {
  const planes = new Uint8Array(3 * height * width);
  await decodeImage(bytes, [height, width], planes, 3, options);
  return Array.from(planes, (_, i) => planes[i % 3 * height * width + Math.floor(i / 3)] ?? -1);
}

Deno.test("formats: GIF, TIFF and AVIF are decoded as PNG is, of several pictures the first", async () => {
  const blue = await sharp({ create: { width: 40, height: 30, channels: 3, background: "blue" } }).png()
    .toBuffer();
  const moving = await sharp([await plain().png().toBuffer(), blue], { join: { animated: true } }).gif()
    .toBuffer();
  const files = {
    "a.gif": await plain().gif().toBuffer(),
    "moving.gif": moving,
    "a.tiff": await plain().tiff().toBuffer(),
    "deflated.tiff": await plain().tiff({ compression: "deflate", predictor: "horizontal" }).toBuffer(),
    "tiles.tiff": await plain().tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: "none" })
      .toBuffer(),
    "big.tiff": await plain().tiff({ bigtiff: true, compression: "lzw" }).toBuffer(),
    "a.avif": await plain().avif({ lossless: true }).toBuffer(),
    "deep.avif": await plain().avif({ bitdepth: 10, quality: 95 }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    assertEquals(await imageSize(bytes), [30, 40], name);
    const rgb = await rgbOf(bytes, [8, 8]);
    // One palette for both pictures of the GIF has neighbours of the colour.
    const want = rgb.map((_, i) => [200, 100, 50][i % 3] ?? 0);
    assertClose(rgb, want, { rtol: 0, atol: name === "moving.gif" ? 16 : 2 });
  }
});

const colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [16, 32, 48], [255, 255, 255], [0, 0, 0]] as const;
/** Width 5 leaves rows that are no whole words. */
const pixelAt = (x: number, y: number) => colors[(x + 2 * y) % colors.length] ?? [0, 0, 0];
const expected = Array.from({ length: 5 * 3 }, (_, i) => [...pixelAt(i % 5, Math.floor(i / 5))]).flat();

Deno.test("formats: bitmaps of every number of bits, upside down or not, with old and new headers are read exactly", async () => {
  for (const isTopDown of [false, true]) {
    for (
      const [bits, headerSize] of [
        [8, 12],
        [24, 12],
        [1, 40],
        [4, 40],
        [8, 40],
        [24, 40],
        [32, 40],
        [
          32,
          56,
        ],
        [24, 108],
        [32, 124],
      ] as const
    ) {
      if (isTopDown && headerSize === 12) continue;
      const palette = bits === 1 ? colors.slice(0, 2) : colors;
      const pixel = bits === 1 ? (x: number, y: number) => colors[(x + y) % 2] ?? [0, 0, 0] : pixelAt;
      const file = bitmapFile({ width: 5, height: 3, bits, headerSize, isTopDown, palette, pixel });
      assertEquals(await imageSize(file), [3, 5]);
      const want = Array.from({ length: 15 }, (_, i) => [...pixel(i % 5, Math.floor(i / 5))]).flat();
      assertEquals(await rgbOf(file, [3, 5]), want, `${bits} bits, header of ${headerSize}`);
    }
  }
  // 5 bits of each, rounded down.
  const sixteen = bitmapFile({ width: 5, height: 3, bits: 16, headerSize: 40, pixel: pixelAt });
  assertClose(await rgbOf(sixteen, [3, 5]), expected, { rtol: 0, atol: 8 });
  const odd = bitmapFile({
    width: 5,
    height: 3,
    bits: 16,
    headerSize: 56,
    masks: [0xf800, 0x7e0, 0x1f, 0],
    pixel: pixelAt,
  });
  assertClose(await rgbOf(odd, [3, 5]), expected, { rtol: 0, atol: 8 });
});

Deno.test("formats: errors of bitmaps state the reason", async () => {
  const file = bitmapFile({ width: 5, height: 3, bits: 24, headerSize: 40, pixel: pixelAt });
  const changed = (at: number, value: number) => {
    const copy = file.slice();
    new DataView(copy.buffer).setInt32(at, value, true);
    return copy;
  };
  for (
    const [bytes, message] of [
      [file.subarray(0, -1), "its end is missing"],
      [file.subarray(0, 20), "its end is missing"],
      [changed(30, 1), "it is a bitmap with RLE8 compression, which is not supported: save it as PNG"],
      [changed(30, 99), "it is a bitmap with unknown compression"],
      [changed(28, 7), "it is a bitmap of 7 bits per pixel"],
      [changed(18, 0), "it has 0×3 pixels"],
      [changed(18, 60_000), "its end is missing"],
      [changed(18, 2 ** 31 - 1), "it has 2147483647×3 pixels, but at most 100 million are allowed"],
    ] as const
  ) await assertRejects(() => rgbOf(bytes, [8, 8]), SyntaxError, message);
});

Deno.test("formats: of 16 bits those that are used make the scale, the same for all", async () => {
  const ramp = Uint16Array.from({ length: 64 }, (_, i) => 65 * i);
  const file = encode({ width: 64, height: 1, channels: 1, depth: 16, data: ramp });
  assertEquals(await findLargestValue(file), 4095);
  const grey = (significantBits: number) => rgbOf(file, [1, 64], { significantBits });
  const rgb = await grey(12);
  assertEquals(rgb, rgb.map((_, i) => Math.round(65 * Math.floor(i / 3) * 255 / 4095)));
  assertEquals(new Set(rgb).size, 64);
  assertEquals(new Set(await grey(16)).size, 16);
  assertEquals(Math.max(...await grey(14)), Math.round(4095 * 255 / 16383));
  await assertRejects(
    () => grey(11),
    SyntaxError,
    "the other 16-bit images use 11 bits, with values up to 2047",
  );
  // What has 8 bits is what it is.
  const eight = encode({
    width: 64,
    height: 1,
    channels: 1,
    depth: 8,
    data: Uint8Array.from(ramp, (v) => v >> 8),
  });
  assertEquals(await rgbOf(eight, [1, 64], { significantBits: 12 }), await rgbOf(eight, [1, 64]));
  assertEquals(await findLargestValue(eight), 0);
});

Deno.test("formats: an image of 16 bits that is half transparent is seen on white in its scale", async () => {
  const data = Uint16Array.of(0, 0, 0, 65535, 4095, 4095, 4095, 65535, 0, 0, 0, 0, 2048, 0, 0, 32768);
  const file = encode({ width: 4, height: 1, channels: 4, depth: 16, data });
  const rgb = await rgbOf(file, [1, 4], { significantBits: 12 });
  assertClose(rgb, [0, 0, 0, 255, 255, 255, 255, 255, 255, 191, 128, 128], { rtol: 0, atol: 1 });
  assertEquals(await findLargestValue(file), 4095);
});

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

Deno.test("formats: a file that is not an image is named by its kind, with advice", async () => {
  const zero = "\0".repeat(64);
  for (
    const [text, message] of [
      ["\0\0\0\x14ftypisom\0\0\0\0avc1", "it is a video: save single pictures of it"],
      ["\0\0\0\x14ftypqt  \0\0\0\0qt  ", "it is a video"],
      ["\x1aE\xdf\xa3" + zero, "it is a video"],
      ["RIFF\0\0\0\0AVI LIST", "it is a video"],
      ["%PDF-1.7\n", "it is a PDF: export its pictures"],
      ["PK\x03\x04\x14\0", "it is a ZIP archive or an office document: unpack it"],
      ["Rar!\x1a\x07\0", "it is an archive: unpack it"],
      ["\x1f\x8b\x08", "it is an archive"],
      ["version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "it is a Git LFS pointer to a file"],
      ["/annex/objects/SHA256E-s1--0.jpg\n", "it is a git-annex pointer"],
      ["<!DOCTYPE html>\n<html>404", "it is a web page, as after a failed download: download it again"],
      ["\n<HTML><head>", "it is a web page"],
      ["<?xml version='1.0'?><Error><Code>AccessDenied", "it is XML, as sent by servers"],
      ["<?xml version='1.0'?>\n<svg xmlns=''>", "it is an SVG drawing: save it as PNG or JPEG"],
      [`{"error": "rate limit exceeded"}`, "it is text: download it again"],
      ["BMW, Audi and others: a text", "it is text"],
      ["data:image/png;base64,iVBOR", "it is an image written as text (base64): decode it"],
      ["8BPS\0\x01", "it is a Photoshop file: save it as PNG or JPEG"],
      ["\0\0\0\x0cJXL \r\n\x87\n", "it is JPEG XL: save it as PNG or JPEG"],
      ["II*\0\x10\0\0\0CR\x02\0", "it is a camera's raw file"],
      ["\0\x05\x16\x07\0\x02", "it is a metadata file of macOS"],
      [zero, "it is nothing but zeros, as after an interrupted copy: copy it again"],
      ["\x01\x02\x03\x04", "it is not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or Netpbm"],
    ] as const
  ) await assertRejects(() => imageSize(bytesOf(text)), SyntaxError, message);
});
