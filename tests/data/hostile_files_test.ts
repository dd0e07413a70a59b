/** Files made to hang, to fill the memory, or to take hours: refused at once, with a reason. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import process from "node:process";
import { Archive } from "../../data/files/archive.ts";
import { imageSize } from "../../data/files/decode/decode_image.ts";
import { imageFormat } from "../../data/files/decode/first_bytes.ts";
import { readPicture } from "../../data/files/decode/read_picture.ts";
import { readFile, streamFile } from "../../data/files/disk.ts";
import { parseCifarPng } from "../../data/files/known/cifar_png.ts";
import { readSvhnFiles } from "../../data/files/known/svhn_files.ts";
import { readLabelTable } from "../../data/files/mod.ts";
import { readTarball } from "../../data/files/tarball.ts";
import { findSetName, messageOf, parseLabelTable, readArrayLabels, SUGGESTED } from "../../data/internal.ts";
import {
  createByteSource,
  parseIdx,
  parseLabelList,
  parseNpy,
  readMat5,
  readZipDirectory,
  readZipEntry,
} from "../../data/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { idxFile, pngHead, withFiles } from "./fixtures.ts";
import { writer } from "./mat5_writer.ts";
import { npyFile } from "./npy_writer.ts";
import { zipFile } from "./zip_writer.ts";

/** Runs a reader, which must finish within a second of processor time and take less than 300 MB. */
async function quickly<T>(read: () => T | Promise<T>): Promise<T> {
  const before = process.cpuUsage(), memory = Deno.memoryUsage().rss;
  try {
    return await read();
  } finally {
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6, megabytes = (Deno.memoryUsage().rss - memory) / 1e6;
    assert(seconds < 1, `It took ${seconds} s`);
    assert(megabytes < 300, `It took ${megabytes} MB`);
  }
}

/** Asserts that a reader refuses its input quickly and in few words. */
async function refuses(read: () => unknown, reason: string): Promise<void> {
  const error = await assertRejects(() => quickly(async () => void await read()), Error, reason);
  assert(error.message.length < 1000, `The message has ${error.message.length} characters`);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A gzip file of this beginning and very many zeros. */
function zeros(count: number, beginning: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  bytes.set(beginning);
  return new Uint8Array(gzipSync(bytes, { level: 1 }));
}

Deno.test("hostile: a gzipped idx file of ten gigabytes of zeros is refused by its header", async () => {
  const file = zeros(64e6, idxFile([12_000_000, 28, 28], []));
  await refuses(() => parseIdx(file, "images.gz", 3), "claim to unpack to 9408000016, as in damaged files");
});

Deno.test("hostile: unpacking stops when its signal is aborted", async () => {
  const file = zeros(30e6, idxFile([30_000, 1000], []));
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("stopped")), 1);
  // A plausible size: 200 times that of the file.
  const padded = new Uint8Array([...file, ...new Uint8Array(200_000)]);
  await refuses(() => parseIdx(padded, "images.gz", 2, controller.signal), "stopped");
});

Deno.test("hostile: archives of arrays and MAT-files that claim gigabytes are refused by their headers", async () => {
  const packed = zipFile([{ name: "x.npy", data: new Uint8Array(20_000_000) }]);
  await refuses(async () => {
    const archive = createByteSource(packed), [entry] = await readZipDirectory(archive, "x.npz");
    assert(entry);
    await readZipEntry(archive, entry, "x.npz", { mostBytes: 2 ** 32 });
  }, "claim to unpack to 20000000");
  const { file, compressed, uint32 } = writer(true);
  const claims = file(compressed(new Uint8Array([...uint32(14, 4_000_000_000), ...new Uint8Array(1000)])));
  const stream = () => new Blob([new Uint8Array(claims)]).stream();
  await refuses(() => Array.fromAsync(readMat5(stream(), "x.mat")), "claim to unpack to 4000000000");
});

Deno.test("hostile: a MAT-file whose array goes on after its end, or that claims terabytes of images, is refused", async () => {
  const { file, compressed, array, element, uint32 } = writer(true);
  const y = array("y", [1, 1], element(2, Uint8Array.of(1)));
  const longer = file(compressed(new Uint8Array([...y, ...new Uint8Array(100_000)])));
  const stream = () => new Blob([new Uint8Array(longer)]).stream();
  await refuses(() => Array.fromAsync(readMat5(stream(), "x.mat")), "more bytes than its array claims");
  const pixels = 32 * 32 * 3 * 1_000_000;
  const head = array("X", [32, 32, 3, 1_000_000], uint32(2, pixels)).slice(8);
  const huge = file(new Uint8Array([...uint32(14, head.length + pixels), ...head]));
  await withFiles({ "x.mat": huge }, async (directory) => {
    const path = join(directory, "x.mat");
    await refuses(() => readSvhnFiles([{ path, isLabeled: true }]), "claim to unpack to 3072000000");
  });
});

/** A tar archive whose only file claims a size. */
function tarClaiming(name: string, size: number, type: string): Uint8Array {
  const header = new Uint8Array(512), put = (text: string, at: number) => header.set(bytesOf(text), at);
  put(name, 0);
  put("0000644\0", 100);
  put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(`${type}\0`, 156);
  put("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

Deno.test("hostile: a tar archive with a member of four gigabytes, or of too many bytes, is refused", async () => {
  const files = {
    "member.tar.gz": zeros(32e6, tarClaiming("x/data_batch_1.bin", 2 ** 32, "0")),
    "names.tar.gz": zeros(600e6, tarClaiming("x/y", 2 ** 32, "x")),
  };
  const options = { names: ["data_batch_1.bin"], remedy: "Download it again." };
  await withFiles(files, async (directory) => {
    const path = (name: string) => join(directory, name);
    await refuses(() => readTarball(path("member.tar.gz"), options), "has 4294967296 bytes, but at most");
    const before = Deno.memoryUsage().rss;
    await assertRejects(() => readTarball(path("names.tar.gz"), options), SyntaxError);
    assert(Deno.memoryUsage().rss - before < 300e6);
  });
});

Deno.test("hostile: pictures with sides of millions of pixels are refused by their headers", async () => {
  await refuses(
    () => imageSize(pngHead(4_281_400, 18)),
    "it has 4281400×18 pixels, but a side may have at most",
  );
  await refuses(() => parseCifarPng(pngHead(1024, 2 ** 31 - 1), "x.png"), "claim to unpack to");
});

Deno.test("hostile: texts that make regular expressions slow are recognised at once", async () => {
  for (const text of ["<!---->", "<!>", "<!-- ", "<?xml?>", "\0<", " <!"]) {
    await refuses(() => imageFormat(bytesOf(text.repeat(100))), "it is");
  }
  await quickly(() => assertEquals(findSetName(`${"1".repeat(1e6)}x`), undefined));
  for (const character of [".", " ", "\t", "\0", "("]) {
    const text = `${character.repeat(1e6)}x`;
    await quickly(() => messageOf(new Error(text)));
    await quickly(() => messageOf(new Error(` (os error ${text}`)));
  }
});

Deno.test("hostile: lines of a million characters in label lists are read in linear time, and quoted in part", async () => {
  for (const character of [" ", ",", ";", '"', "[", ".", "/", "\\", "?", "1"]) {
    const long = character.repeat(200_000);
    for (const text of [`a.png ${long}x\n`, `file,label\n${long}x\n`, `file,label,split\na,b,${long}x\n`]) {
      for (const parse of [parseLabelTable, (list: string) => parseLabelList(list)]) {
        await quickly(async () => {
          try {
            await parse(text, "labels.csv");
          } catch (error) {
            assert(error instanceof SyntaxError || error instanceof RangeError, `${error}`);
            assert(error.message.length < 1000, `${error.message.length} characters`);
          }
        });
      }
    }
  }
});

Deno.test("hostile: a long list with a mark is read in linear time", async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i}.png cat`).join("\n");
  await withFiles({ "labels.txt": bytesOf(`${SUGGESTED}\n${lines}\n`) }, async (directory) => {
    const { rows } = await quickly(() => readLabelTable(join(directory, "labels.txt")));
    assertEquals([rows.length, rows.at(-1)?.isSuggested], [100_000, true]);
  });
});

Deno.test("hostile: tables with very many columns are refused", async () => {
  await refuses(() => parseLabelTable(",".repeat(1e6), "x.csv"), "line 1 has more than 10000 fields");
  const keys = Array.from({ length: 9000 }, (_, i) => `"k${i}":1`).join();
  const table = `{${keys}}\n${'{"k8999":1}\n'.repeat(5000)}`;
  await refuses(() => parseLabelTable(table, "x.jsonl"), "more than 16777216 cells");
});

Deno.test("hostile: a label of 2⁶² is refused as too large, not as a fraction", async () => {
  const array = parseNpy(npyFile([1], [2 ** 62], "<i8"), "y.npy");
  await refuses(() => readArrayLabels(array, "y.npy"), "labels must be between -1073741824 and 1073741824");
});

Deno.test("hostile: arrays of endless empty texts or of too many axes are refused", async () => {
  await refuses(
    () => parseNpy(npyFile([1], [], "<U0", { claim: "1000000000," }), "x.npy"),
    "at least one byte",
  );
  const axes = npyFile([1], [7], "|u1", { claim: "1,".repeat(20_000), isFortran: true });
  await refuses(() => parseNpy(axes, "x.npy"), "at most 64 axes, but it has 20000");
});

Deno.test({
  name: "hostile: pipes and devices are refused wherever a file is expected, also behind links",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withFiles({}, async (directory) => {
      const pipe = join(directory, "x.png"), link = join(directory, "y.zip");
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      await Deno.symlink("/dev/zero", link);
      for (const path of [pipe, link]) {
        for (const read of [readFile, streamFile, readLabelTable, Archive.open, readPicture]) {
          await refuses(() => read(path), "it is a pipe or a device");
        }
        await refuses(() => readTarball(path, { names: [], remedy: "" }), "it is a pipe or a device");
      }
    });
  },
});
