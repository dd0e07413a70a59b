/** ZIP archives: what is read, what is refused, and that bombs are refused before they take memory. */
import { zipSync } from "npm:fflate@0.8.3";
import { createByteSource, readZipDirectory, readZipEntry } from "../../data/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { type Packed, zipFile, type ZipFileOptions } from "./zip_writer.ts";

const text = (contents: string) => new TextEncoder().encode(contents);
/** Bytes that deflate can shorten, but not to nothing. */
const bytesOf = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * i >> 3) % 7 * (i % 5));
const mostBytes = 2 ** 20;

async function contentsOf(archive: Uint8Array): Promise<Record<string, Uint8Array>> {
  const source = createByteSource(archive), files: Record<string, Uint8Array> = {};
  for (const entry of await readZipDirectory(source, "a.zip")) {
    files[entry.name] = await readZipEntry(source, entry, "a.zip", { mostBytes });
  }
  return files;
}

async function refuses(archive: Uint8Array, message: string): Promise<void> {
  const error = await assertRejects(() => contentsOf(archive), Error, message);
  assert(["SyntaxError", "RangeError"].includes(error.name), error.name);
  assertStringIncludes(error.message, "a.zip");
  assert(!error.message.includes("\n"), error.message);
}

Deno.test("zip: stored and deflated files are read, in folders, empty and long, behind other bytes and before a comment", async () => {
  const files: Packed[] = [
    { name: "a.txt", data: text("hello"), method: 0 },
    { name: "folder/", data: new Uint8Array(), method: 0 },
    { name: "folder/long.bin", data: bytesOf(300_000) },
    { name: "empty", data: new Uint8Array(), method: 0 },
    { name: "empty deflated", data: new Uint8Array() },
  ];
  const expected = Object.fromEntries(
    files.filter(({ name }) => name !== "folder/").map((f) => [f.name, f.data]),
  );
  const ways: ZipFileOptions[] = [
    {},
    { isLong: true },
    { comment: "PK\x05\x06 and more" },
    { before: text("#!/bin/sh\n") },
    { isLong: true, comment: "a comment", before: bytesOf(70_000) },
  ];
  for (const options of ways) assertEquals(await contentsOf(zipFile(files, options)), expected);
});

Deno.test("zip: what another program packed is read", async () => {
  const files = { "x/1.bin": bytesOf(5000), "ü.txt": text("ü") };
  assertEquals(await contentsOf(zipSync(files, { level: 9 })), files);
  assertEquals(await contentsOf(zipSync(files, { level: 0 })), files);
  assertEquals(await contentsOf(zipSync({})), {});
});

Deno.test("zip: names are UTF-8 if marked or valid as such, else of code page 437; links are left out", async () => {
  const data = new Uint8Array(1);
  const named = (name: Packed["name"], flags: number, mode = 0x81a4) => ({ name, data, flags, mode });
  const archive = zipFile([
    named("ü/猫.png", 0x800),
    named(text("macOS/ö.png"), 0),
    named(Uint8Array.of(0x81, 0x2e, 0x9c), 0),
    named("windows\\set\\1.png", 0),
    named("link.png", 0, 0xa1ff),
  ]);
  assertEquals(Object.keys(await contentsOf(archive)), [
    "ü/猫.png",
    "macOS/ö.png",
    "ü.£",
    "windows/set/1.png",
  ]);
});

Deno.test("zip: encrypted files, other compressions and split archives are rejected, with advice", async () => {
  const file = { name: "x.npy", data: bytesOf(100) };
  await refuses(
    zipFile([{ ...file, flags: 1 }]),
    "x.npy in a.zip: it is encrypted",
  );
  await refuses(zipFile([{ ...file, method: 99 }]), "it is encrypted");
  await refuses(zipFile([{ ...file, method: 12 }]), "its compression, bzip2, is not supported. Unpack");
  await refuses(zipFile([{ ...file, method: 93 }]), "its compression, Zstandard, is not supported");
  await refuses(zipFile([{ ...file, method: 77 }]), "its compression, method 77, is not supported");
  const parts = zipFile([file]);
  parts[parts.length - 18] = 2;
  await refuses(parts, "it is one of several parts");
});

Deno.test("zip: damage is named, wherever it is", async () => {
  const file = { name: "x.npy", data: bytesOf(5000) };
  const whole = zipFile([file, { ...file, name: "y.npy" }]);
  await refuses(new Uint8Array(), "it has no directory at its end");
  await refuses(text("<!DOCTYPE html>"), "it has no directory at its end");
  await refuses(whole.subarray(0, -30), "It is truncated or has another format");
  await refuses(zipFile([{ ...file, checksum: 1 }]), "its checksum is wrong");
  await refuses(zipFile([{ ...file, size: 4999 }]), "it unpacks to more than the 4999 bytes");
  await refuses(
    zipFile([{ ...file, size: 5001 }]),
    "it is truncated: it must unpack to 5001 bytes, but there are 5000",
  );
  await refuses(zipFile([{ ...file, method: 0, size: 4999 }]), "more than the 4999 bytes it claims");
  await refuses(zipFile([{ ...file, storedSize: 10 }]), "x.npy in a.zip: ");
  await refuses(zipFile([file, file]), "names must be unique, but x.npy occurs twice");
  await refuses(
    zipFile([{ ...file, offset: 3, storedSize: 9, size: 9 }]),
    "x.npy does not begin at byte 3",
  );
  await refuses(whole.subarray(40), "its directory claims");
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = whole.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    const error = await contentsOf(damaged).then(() => undefined, (thrown) => thrown);
    assert(error === undefined || /SyntaxError|RangeError/.test(error.name), `byte ${at}: ${error?.stack}`);
  }
  for (let length = 0; length < whole.length; length += 11) {
    await refuses(whole.subarray(0, length), "a.zip as a ZIP archive");
  }
});

Deno.test("zip: sizes that cannot be true are refused before anything is unpacked", async () => {
  const file = { name: "x.npy", data: bytesOf(100) };
  const petabyte = 2 ** 50;
  for (const isLong of [false, true]) {
    const most = isLong ? petabyte : 0xfffffffe;
    await refuses(zipFile([{ ...file, size: most }], { isLong }), `it claims ${most}`);
    await refuses(
      zipFile([{ ...file, method: 0, size: most, storedSize: most }], { isLong }),
      "must not overlap",
    );
    await refuses(zipFile([{ ...file, offset: most }], { isLong }), "would end at byte");
  }
  const bomb = { name: "zeros", data: new Uint8Array(mostBytes + 1) };
  await refuses(
    zipFile([bomb]),
    `zeros in a.zip: it unpacks to ${mostBytes + 1} bytes, but at most ${mostBytes}`,
  );
  const other = { ...file, name: "y.npy" };
  await refuses(zipFile([file, { ...other, offset: 0 }]), "y.npy shares bytes with x.npy");
  await refuses(
    zipFile([file, { ...other, offset: 20, storedSize: 20, size: 20 }]),
    "y.npy shares bytes with x.npy",
  );
});

/** An archive of many files that are all the same bytes: of one as `zipFile` writes it, the entry is repeated. */
function bombOf(count: number, storedSize: number, size: number): Uint8Array {
  const data = new Uint8Array(storedSize).map((_, i) => (i * i) >> 3);
  const one = zipFile([{ name: "0".repeat(10), data, method: 0, size }], { isLong: true });
  one[8] = 8;
  const entryBytes = 46 + 10 + 28, endBytes = 56 + 20 + 22;
  const entryAt = one.length - endBytes - entryBytes;
  const bomb = new Uint8Array(one.length + (count - 1) * entryBytes);
  const entry = one.slice(entryAt, entryAt + entryBytes), end = one.slice(-endBytes);
  entry[10] = 8;
  bomb.set(one.subarray(0, entryAt));
  for (let i = 0; i < count; i++) {
    entry.set(text(`${i}`.padStart(10, "0")), 46);
    bomb.set(entry, entryAt + i * entryBytes);
  }
  const view = new DataView(end.buffer);
  for (const at of [24, 32]) view.setBigUint64(at, BigInt(count), true);
  view.setBigUint64(40, BigInt(count * entryBytes), true);
  view.setBigUint64(64, BigInt(bomb.length - endBytes), true);
  bomb.set(end, bomb.length - endBytes);
  return bomb;
}

Deno.test("zip: 42 MB of files that are all the same bytes, petabytes in all, are refused in no time and little memory", async () => {
  const [count, size] = [190_000, 26e9];
  const bomb = bombOf(count, 26e6, size);
  assert(bomb.length < 42e6 && count * size > 4e15, `${bomb.length}`);
  const before = Deno.memoryUsage().rss, start = performance.now();
  await refuses(bomb, "those up to 0000000001 take 52");
  assert(performance.now() - start < 2000, `${performance.now() - start} ms`);
  assert(Deno.memoryUsage().rss - before < 300e6, `${Deno.memoryUsage().rss - before} bytes`);
});

Deno.test("zip: a file that unpacks to more than it claims is stopped there", async () => {
  const bomb = zipFile([{ name: "x", data: new Uint8Array(200_000_000), size: 1_000_000, checksum: 0 }]);
  const before = Deno.memoryUsage().rss;
  await refuses(bomb, "x in a.zip: it unpacks to more than the 1000000 bytes");
  assert(Deno.memoryUsage().rss - before < 150e6, `${Deno.memoryUsage().rss - before} bytes`);
});
