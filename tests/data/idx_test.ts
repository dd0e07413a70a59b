import { gzipSync as nodeGzip } from "node:zlib";
import { gzipSync } from "npm:fflate@0.8.3";
import { parseIdx } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { idxFile } from "./fixtures.ts";

const FILE = idxFile([2, 1, 3], [1, 2, 3, 4, 5, 6]);

/** As files are read: in memory of their own. */
const gzipped = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

async function refuses(bytes: Uint8Array<ArrayBuffer>, message: string, dimensionCount = 3) {
  const error = await assertRejects(() => parseIdx(bytes, "some-file", dimensionCount), SyntaxError, message);
  assertEquals(error.message.includes("some-file"), true, `names no file: ${error.message}`);
  assertEquals(error.message.includes("\n"), false);
}

Deno.test("idx: shape and values are read, plain and gzipped", async () => {
  for (const bytes of [FILE, gzipped(FILE)]) {
    const { shape, values } = await parseIdx(bytes, "some-file", 3);
    assertEquals(shape, [2, 1, 3]);
    assertEquals(values, new Uint8Array([1, 2, 3, 4, 5, 6]));
    assertEquals(values.byteOffset, 0);
  }
});

Deno.test("idx: a view into a larger buffer is read at its offset", async () => {
  const larger = new Uint8Array(FILE.length + 20);
  larger.set(FILE, 7);
  assertEquals((await parseIdx(larger.subarray(7, 7 + FILE.length), "some-file", 3)).values[5], 6);
});

Deno.test("idx: an empty array is an array", async () => {
  assertEquals((await parseIdx(idxFile([0], []), "some-file", 1)).values.length, 0);
});

Deno.test("idx: a wrong header is rejected with a reason", async () => {
  await refuses(new Uint8Array(), "4-byte header, but it has 0 bytes");
  await refuses(new TextEncoder().encode("<html>"), "it starts with 3c 68 74 6d");
  await refuses(idxFile([1], [1], 0x0a), "element type");
  await refuses(idxFile([1], [1, 2, 3, 4], 0x0d), "must be uint8, but they are float32");
  await refuses(idxFile([1], [1]), "must have 3 dimensions, but it has 1");
  await refuses(FILE.subarray(0, 10), "header must have 16 bytes, but the file has 10");
});

Deno.test("idx: a truncated or overlong file is refused", async () => {
  await refuses(
    FILE.subarray(0, FILE.length - 1),
    "must take 22 bytes, but the file has 21. It is truncated",
  );
  await refuses(new Uint8Array([...FILE, 0]), "must take 22 bytes, but the file has 23");
  await refuses(idxFile([4294967295, 4294967295, 4294967295], [1]), "truncated");
});

Deno.test("idx: a truncated or damaged gzip file is refused, wherever it is cut or changed", async () => {
  const values = Array.from({ length: 3000 }, (_, i) => (i * i * 31) % 251);
  const whole = gzipped(idxFile([3000], values));
  for (let length = 2; length < whole.length; length += 29) {
    await refuses(whole.subarray(0, length), "gzip", 1);
  }
  for (let at = 10; at < whole.length; at += 31) {
    const damaged = whole.slice();
    damaged[at]! ^= 0x10;
    await refuses(damaged, "gzip", 1);
  }
  await refuses(new Uint8Array([...whole, 0]), "gzip", 1);
});

Deno.test("idx: a gzip file of more bytes than its header says, or of fewer than it claims, takes no memory for them", async () => {
  const bomb = new Uint8Array(200_000_000);
  bomb.set(idxFile([1000, 28, 28], []));
  const claims = new Uint8Array(100_000);
  claims.set(idxFile([2 ** 20, 1024, 1024], []));
  const files = [bomb, claims].map((file) => new Uint8Array(nodeGzip(file)));
  const before = Deno.memoryUsage().rss, start = performance.now();
  await refuses(files[0] ?? bomb, "shape [1000, 28, 28] must take 784016 bytes, but the file has more");
  await refuses(
    files[1] ?? bomb,
    "bytes claim to unpack to 1099511627792, as in damaged files and those made to fill the memory",
  );
  assert(Deno.memoryUsage().rss - before < 150e6);
  assert(performance.now() - start < 2000);
});
