/** Netpbm pictures of all kinds. */
import { decodeImage } from "../../data/files/mod.ts";
import { findLargestValue, imageSize } from "../../data/files/decode/decode_image.ts";
import { inspectBytes } from "../../data/files/inspect/inspect_file.ts";
import { assertEquals, assertRejects } from "../assert.ts";

const bytesOf = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part),
  );

/** Planes of red, green and blue of a picture of 3×2 pixels. */
async function planesOf(bytes: Uint8Array): Promise<number[][]> {
  assertEquals(await imageSize(bytes), [2, 3]);
  const planes = new Uint8Array(18);
  await decodeImage(bytes, [2, 3], planes, 3);
  return [0, 6, 12].map((at) => [...planes.subarray(at, at + 6)]);
}

const grey = [0, 51, 102, 153, 204, 255];
const red = [255, 0, 0, 10, 20, 30], green = [0, 255, 0, 11, 21, 31], blue = [0, 0, 255, 12, 22, 32];
const colors = red.flatMap((value, i) => [value, green[i] ?? 0, blue[i] ?? 0]);
const words = (values: readonly number[]) => values.flatMap((value) => [value >> 8, value & 255]);

Deno.test("Netpbm: bits, bytes, words and texts are read exactly, with comments and any blanks", async () => {
  const black = [0, 255, 255, 255, 0, 255];
  for (
    const [file, planes] of [
      [bytesOf("P1\n# made by hand\n3 2\n1 0 0\n0 1 0\n"), black],
      [bytesOf("P1 3 2 1000 # packed\n10"), black],
      [bytesOf("P4\n3 2\n", [0b1000_0000, 0b0101_1111]), black],
      [bytesOf("P2\n3\t2\r\n15\n0 3 6\n9 # more\n 12 15"), grey],
      [bytesOf("P2 3 2 65535\n0 13107 26214 39321 52428 65535\n"), grey],
      [bytesOf("P5\n#a\n#b\n3 2\n255\n", grey), grey],
      [bytesOf("P5 3 2 5 ", [0, 1, 2, 3, 4, 5]), grey],
      [bytesOf("P5\n3 2\n65535\n", words(grey.map((value) => 257 * value))), grey],
      [bytesOf("P5\n3 2\n4095\n", words([0, 819, 1638, 2457, 3276, 4095])), grey],
      [bytesOf("P7\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n", grey), grey],
    ] as const
  ) assertEquals(await planesOf(file), [planes, planes, planes].map((each) => [...each]));
  for (
    const file of [
      bytesOf(`P3\n3 2\n255\n${colors.join(" ")}`),
      bytesOf("P6\n3 2\n255\n", colors),
      // A second picture follows.
      bytesOf("P6\n3 2\n65535\n", words(colors.map((value) => 257 * value)), "P6\n1 1\n255\n", [1, 2, 3]),
      bytesOf("P7\n# a\nHEIGHT 2\nWIDTH 3\nMAXVAL 255\nDEPTH 3\nENDHDR\n", colors),
    ]
  ) assertEquals(await planesOf(file), [red, green, blue]);
});

Deno.test("Netpbm: transparent parts are put on white", async () => {
  const head = "P7\nWIDTH 3\nHEIGHT 2\nMAXVAL 255\n";
  const greys = grey.flatMap((value, i) => [value, i < 3 ? 255 : 0]);
  const onWhite = [0, 51, 102, 255, 255, 255];
  const file = bytesOf(head, "DEPTH 2\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n", greys);
  assertEquals(await planesOf(file), [onWhite, onWhite, onWhite]);
  const pixels = red.flatMap((value, i) => [value, green[i] ?? 0, blue[i] ?? 0, i < 3 ? 255 : 0]);
  const put = (values: number[]) => values.map((value, i) => i < 3 ? value : 255);
  assertEquals(await planesOf(bytesOf(head, "DEPTH 4\nENDHDR\n", pixels)), [red, green, blue].map(put));
});

Deno.test("Netpbm: a picture of 16 bits that uses only some of them is recognised, as PNG is", async () => {
  const file = bytesOf("P5\n3 2\n65535\n", words([0, 819, 1638, 2457, 3276, 4095]));
  assertEquals((await inspectBytes(() => Promise.resolve(file))).mayBeDeep, true);
  assertEquals(await findLargestValue(file), 4095);
  const target = new Uint8Array(6);
  await decodeImage(file, [2, 3], target, 1, { significantBits: 12 });
  assertEquals([...target], grey);
  const eight = bytesOf("P5\n3 2\n255\n", grey);
  assertEquals((await inspectBytes(() => Promise.resolve(eight))).mayBeDeep, false);
  assertEquals(await findLargestValue(eight), 0);
});

Deno.test("Netpbm: errors state the reason", async () => {
  for (
    const [file, message] of [
      [bytesOf("P5\n3 2\n255\n", grey.slice(1)), "its end is missing"],
      [bytesOf("P4\n9 2\n", [0, 0, 0]), "its end is missing"],
      [bytesOf("P2 3 2 255\n0 51 102 153 204"), "its end is missing"],
      [bytesOf("P1 3 2\n11111"), "its end is missing"],
      [bytesOf("P5\n3"), "its header is damaged"],
      [bytesOf("P7\nWIDTH 3\nHEIGHT 2\nMAXVAL 255\n", grey), "its header is damaged"],
      [bytesOf("P7\nWIDTH 3\nHEIGHT 2\nMAXVAL 255\nENDHDR\n", grey), "it has 0 channels, not 1 to 4"],
      [bytesOf("P7\nWIDTH 3\nDEPTH 1\nMAXVAL 255\nENDHDR\n", grey), "it has 3×0 pixels"],
      [bytesOf("P5 3 2 70000\n", grey), "its largest value is 70000, not 1 to 65535"],
      [bytesOf("P5 3 2 200\n", grey), "it has the value 204, but its header says 200 at most"],
      [bytesOf("P2 3 2 255\n0 51 102 153 204 999999999"), "but its header says 255 at most"],
      [bytesOf("P2 3 2 255\n0 51 102 153 -4 255"), "it has a sign that is no number at byte 24"],
      [bytesOf("P1 3 2\n111121"), "it has a sign that is no number at byte 11"],
      [bytesOf("P6 99999 99999 255\n", grey), "it has 99999×99999 pixels, but at most 100 million"],
      [bytesOf("Pf\n3 2\n-1.0\n", grey), "it is a picture of high dynamic range"],
    ] as const
  ) {
    await assertRejects(() => decodeImage(file, [2, 3], new Uint8Array(18)), SyntaxError, message);
  }
});
