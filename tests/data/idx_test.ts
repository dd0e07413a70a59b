import { gzipSync } from "npm:fflate@0.8.3";
import { parseIdx } from "../../data/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { idxFile } from "./fixtures.ts";

const FILE = idxFile([2, 1, 3], [1, 2, 3, 4, 5, 6]);

function refuses(bytes: Uint8Array, message: string, dimensionCount = 3) {
  const error = assertThrows(() => parseIdx(bytes, "some-file", dimensionCount), SyntaxError, message);
  assertEquals(error.message.includes("some-file"), true, `names no file: ${error.message}`);
  assertEquals(error.message.includes("\n"), false);
}

Deno.test("idx: shape and values are read, plain and gzipped", () => {
  for (const bytes of [FILE, gzipSync(FILE)]) {
    const { shape, values } = parseIdx(bytes, "some-file", 3);
    assertEquals(shape, [2, 1, 3]);
    assertEquals(values, new Uint8Array([1, 2, 3, 4, 5, 6]));
    assertEquals(values.byteOffset, 0);
  }
});

Deno.test("idx: a view into a larger buffer is read at its offset", () => {
  const larger = new Uint8Array(FILE.length + 20);
  larger.set(FILE, 7);
  assertEquals(parseIdx(larger.subarray(7, 7 + FILE.length), "some-file", 3).values[5], 6);
});

Deno.test("idx: an empty array is an array", () => {
  assertEquals(parseIdx(idxFile([0], []), "some-file", 1).values.length, 0);
});

Deno.test("idx: a wrong header is refused, saying what is wrong", () => {
  refuses(new Uint8Array(), "4-byte header: it has 0 bytes");
  refuses(new TextEncoder().encode("<html>"), "it starts with 3c 68 74 6d");
  refuses(idxFile([1], [1], 0x0a), "element type");
  refuses(idxFile([1], [1, 2, 3, 4], 0x0d), "must be uint8: they are float32");
  refuses(idxFile([1], [1]), "must have 3 dimensions: it has 1");
  refuses(FILE.subarray(0, 10), "header must have 16 bytes: the file has 10");
});

Deno.test("idx: a truncated or overlong file is refused", () => {
  refuses(FILE.subarray(0, FILE.length - 1), "must take 22 bytes: the file has 21, it is truncated");
  refuses(new Uint8Array([...FILE, 0]), "must take 22 bytes: the file has 23");
  refuses(idxFile([4294967295, 4294967295, 4294967295], [1]), "truncated");
});

Deno.test("idx: a truncated or damaged gzip file is refused, wherever it is cut or changed", () => {
  const values = Array.from({ length: 3000 }, (_, i) => (i * i * 31) % 251);
  const whole = gzipSync(idxFile([3000], values));
  for (let length = 2; length < whole.length; length += 29) refuses(whole.subarray(0, length), "gzip", 1);
  for (let at = 10; at < whole.length; at += 31) {
    const damaged = whole.slice();
    damaged[at]! ^= 0x10;
    refuses(damaged, "gzip", 1);
  }
});
