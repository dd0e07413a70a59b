/** Readers that take the path of a file. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Archive } from "../../../data/files/archive.ts";
import { readPicture } from "../../../data/files/decode/read_picture.ts";
import { readLabelTable } from "../../../data/files/mod.ts";
import { readTarball } from "../../../data/files/tarball.ts";
import { decodeImage } from "../../../data/files/decode/decode_image.ts";
import { npyFile } from "../../data/npy_writer.ts";
import { png } from "../../data/fixtures.ts";
import { zipFile } from "../../data/zip_writer.ts";
import type { Bytes, Reader } from "../readers.ts";
import { text } from "./bomb.ts";
import { tarFile } from "./tar_writer.ts";

/** Names of the readers that take paths. */
export type FileReaders = Readonly<Record<"tar.gz" | "archive" | "list file" | "picture file", Reader>>;

const picture = new Uint8Array(png(5, 4, (x, y) => 40 * x + 9 * y));

/** Returns the readers; they write their input into a folder. */
export function fileReaders(folder: string): FileReaders {
  const at = async (name: string, bytes: Bytes): Promise<string> => {
    const path = join(folder, name);
    await Deno.writeFile(path, bytes);
    return path;
  };
  return {
    "tar.gz": {
      seeds: [new Uint8Array(gzipSync(tarFile([{ name: "x/data_batch_1.bin", data: text("abc") }])))],
      read: async (bytes) =>
        await readTarball(await at("x.tar.gz", bytes), {
          names: ["data_batch_1.bin"],
          remedy: "Get it again.",
        }),
    },
    archive: {
      seeds: [
        zipFile([{ name: "cat/1.png", data: picture }, { name: "a.npy", data: npyFile([2], [1, 2], "|u1") }]),
      ],
      read: async (bytes) => {
        using archive = await Archive.open(await at("x.zip", bytes));
        for (const name of archive.names.slice(0, 100)) await archive.read(name);
      },
    },
    "list file": {
      seeds: [text("file,label\n1.png,cat\n2.png,dog\n")],
      read: async (bytes) => await readLabelTable(await at("labels.csv", bytes)),
    },
    "picture file": {
      seeds: [picture],
      isClause: true,
      read: async (bytes) =>
        await decodeImage(await readPicture(await at("x.png", bytes)), [8, 8], new Uint8Array(3 * 64)),
    },
  };
}
