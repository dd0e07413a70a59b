/** Pictures that claim more pixels than any machine has memory for: refused by their headers. */
import { imageSize } from "../../data/files/decode/decode_image.ts";
import { assert, assertRejects } from "../assert.ts";
import { bitmapFile } from "./bitmap_writer.ts";
import { pngHead } from "./fixtures.ts";

const SIDE = 60_000;

/** A GIF that claims these sides for itself and for its picture. */
function gifHead(width: number, height: number): Uint8Array {
  const file = new Uint8Array(35), view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("GIF89a"));
  file.set([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c], 10);
  file.set([0, 2, 2, 0x4c, 1, 0, 0x3b], 28);
  for (const at of [6, 24]) {
    view.setUint16(at, width, true);
    view.setUint16(at + 2, height, true);
  }
  return file;
}

/** A TIFF of grey bytes in one strip, of which there is but one. */
function tiffHead(width: number, height: number): Uint8Array {
  const tags = [
    [256, width],
    [257, height],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, height],
    [
      279,
      width * height,
    ],
  ];
  const file = new Uint8Array(8 + 2 + 12 * tags.length + 4), view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  view.setUint16(8, tags.length, true);
  for (const [i, [tag = 0, value = 0]] of tags.entries()) {
    view.setUint16(10 + 12 * i, tag, true);
    view.setUint16(12 + 12 * i, 4, true);
    view.setUint32(14 + 12 * i, 1, true);
    view.setUint32(18 + 12 * i, value, true);
  }
  return file;
}

function bitmapHead(width: number, height: number): Uint8Array {
  const file = bitmapFile({ width: 1, height: 1, bits: 24, headerSize: 40, pixel: () => [1, 2, 3] });
  const view = new DataView(file.buffer);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  return file;
}

/** The header of a WebP without loss, whose sides have 14 bits. */
function webpHead(width: number, height: number): Uint8Array {
  const file = new Uint8Array(64), view = new DataView(file.buffer);
  const put = (text: string, at: number) => file.set(new TextEncoder().encode(text), at);
  put("RIFF", 0);
  view.setUint32(4, 56, true);
  put("WEBPVP8L", 8);
  view.setUint32(16, 44, true);
  file[20] = 0x2f;
  view.setUint32(21, (width - 1) | (height - 1) << 14, true);
  return file;
}

for (
  const [name, file] of [
    ["PNG", pngHead(SIDE, SIDE)],
    ["BMP", bitmapHead(SIDE, SIDE)],
    ["GIF", gifHead(SIDE, SIDE)],
    ["TIFF", tiffHead(SIDE, SIDE)],
    ["WebP", webpHead(16_383, 16_383)],
  ] as const
) {
  Deno.test(`bombs: a ${name} of billions of pixels is refused by its header, without memory for them`, async () => {
    const before = Deno.memoryUsage().rss;
    await assertRejects(() => imageSize(file), SyntaxError, " pixels, but at most 100 million are allowed");
    const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
    assert(grown < 250, `Memory grew by ${grown} MiB`);
  });
}
