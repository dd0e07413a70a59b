/** Archives and compressed files made by hand. */
import { deflateRawSync, gzipSync } from "node:zlib";
import { idxFile } from "../../data/fixtures.ts";
import { writer } from "../../data/mat5_writer.ts";
import { npyFile, npzFile } from "../../data/npy_writer.ts";
import { type Packed, zipFile } from "../../data/zip_writer.ts";
import { type Bytes, readers } from "../readers.ts";
import { type Bomb, extremes, joined, numberBytes, overwritten, text } from "./bomb.ts";
import type { FileReaders } from "./file_readers.ts";
import { tarFile, tarHeader, type TarMember } from "./tar_writer.ts";

const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
const zeros = (count: number) => new Uint8Array(count);

/** Returns a gzip file that unpacks to so many megabytes of zeros, after a beginning: members that repeat. */
function packedZeros(megabytes: number, beginning: Uint8Array): Bytes {
  const member = gzipSync(zeros(2 ** 20));
  return joined(gzipSync(beginning), ...Array.from({ length: megabytes }, () => member));
}

/** Returns the bombs. */
export function archiveBombs(files: FileReaders): Bomb[] {
  return [...gzipBombs(files), ...zipBombs(files), ...tarBombs(files), ...matBombs()];
}

function gzipBombs(files: FileReaders): Bomb[] {
  const images = idxFile([1000, 28, 28], []), small = gzipSync(idxFile([4, 3, 3], new Array(36).fill(7)));
  const cases: Record<string, () => Bytes> = {
    "an honest header before a gigabyte of zeros": () => packedZeros(1024, idxFile([1_369_568, 28, 28], [])),
    "a small header before a gigabyte of zeros": () => packedZeros(1024, images),
    "no header before a gigabyte of zeros": () => packedZeros(1024, zeros(0)),
    "a huge header and few bytes": () => own(gzipSync(idxFile([2 ** 31 - 1, 65535, 65535], []))),
    "a header of no images before zeros": () => packedZeros(64, idxFile([0, 28, 28], [])),
    "gzip within gzip": () => {
      let bytes = own(small);
      for (let i = 0; i < 50; i++) bytes = own(gzipSync(bytes));
      return bytes;
    },
    "a name that never ends": () => joined([31, 139, 8, 8, 0, 0, 0, 0, 0, 3], new Uint8Array(1e6).fill(65)),
    "an extra field that is too long": () => joined([31, 139, 8, 4, 0, 0, 0, 0, 0, 3, 255, 255], zeros(10)),
    "100 000 empty members": () => {
      const member = gzipSync(zeros(0));
      return joined(...Array.from({ length: 100_000 }, () => member));
    },
    "a wrong checksum": () => overwritten(own(small), small.length - 8, [1, 2, 3, 4]),
    "a wrong length": () => overwritten(own(small), small.length - 4, [255, 255, 255, 255]),
    "another method": () => overwritten(own(small), 2, [9]),
    "all flags": () => overwritten(own(small), 3, [255]),
    "stored blocks of nothing": () =>
      joined(
        [31, 139, 8, 0, 0, 0, 0, 0, 0, 3],
        ...Array.from({ length: 50_000 }, () => [0, 0, 0, 255, 255]),
      ),
  };
  const claims = [1, 0xffff, 2 ** 24, 2 ** 31 - 1, 2 ** 32 - 1].flatMap((count) =>
    [1, 28, 65_535, 2 ** 31].map((side): [string, () => Bytes] => [
      `a claim of ${count} images of ${side}`,
      () => joined(gzipSync(idxFile([count, side, side], [])), gzipSync(zeros(1e6))),
    ])
  );
  return [...Object.entries(cases), ...claims].flatMap(([name, make]) =>
    ([["idx.gz", readers["idx.gz"]!], ["tar.gz", files["tar.gz"]]] as const).map(([format, reader]) => ({
      name: `${format}: ${name}`,
      reader,
      make,
    }))
  );
}

function zipBombs(files: FileReaders): Bomb[] {
  const one = { name: "cat/1.png", data: text("abc") },
    many = (count: number, of: (i: number) => Packed) => Array.from({ length: count }, (_, i) => of(i));
  const array = npyFile([4], [1, 2, 3, 4], "|u1"), million = zeros(2 ** 20);
  const cases: Record<string, () => Bytes> = {
    "100 MB of zeros": () => zipFile([{ name: "x.npy", data: zeros(1e8) }]),
    "100 MB of zeros that claim a byte": () => zipFile([{ name: "x.npy", data: zeros(1e8), size: 1 }]),
    "100 MB of zeros behind an array": () => npzFile({ x: joined(array, zeros(1e8)) }),
    "50 files of a megabyte of zeros": () => zipFile(many(50, (i) => ({ name: `${i}.png`, data: million }))),
    "60 000 empty files": () =>
      zipFile(many(60_000, (i) => ({ name: `${i}.png`, data: zeros(0), method: 0 }))),
    "10 000 files of one name": () => zipFile(many(10_000, () => one)),
    "1000 files that share their bytes": () =>
      zipFile(many(1000, (i) => ({ ...one, name: `${i}.png`, offset: 0 }))),
    "a name of 65 535 bytes": () => zipFile([{ ...one, name: "x".repeat(65_535) }]),
    "a name of 30 000 folders": () => zipFile([{ ...one, name: "a/".repeat(30_000) }]),
    "a name out of the archive": () => zipFile([{ ...one, name: "../../../etc/passwd" }]),
    "an absolute name": () => zipFile([{ ...one, name: "/etc/passwd" }]),
    "a name with zeros": () => zipFile([{ ...one, name: "a\0b" }]),
    "no name": () => zipFile([{ ...one, name: "" }]),
    "a name that is no UTF-8": () => zipFile([{ ...one, name: Uint8Array.of(255, 254, 253) }]),
    "a link": () => zipFile([{ ...one, mode: 0xa1ff }]),
    "a comment of 65 535 bytes": () => zipFile([one], { comment: "PK\x05\x06".repeat(16_000) }),
    "a gap of 16 MB": () => zipFile([one], { before: zeros(16e6) }),
    "ends without directories": () =>
      joined(...many(50_000, () => ({ ...one })).map(() => text("PK\x05\x06"))),
    "an archive in an archive": () => {
      let bytes = zipFile([{ ...one, name: "x.npy" }]);
      for (let i = 0; i < 50; i++) bytes = zipFile([{ name: "x.npy", data: bytes }]);
      return bytes;
    },
    "endless deflate blocks": () =>
      zipFile([{
        name: "x.npy",
        data: joined(...Array.from({ length: 5e4 }, () => [0, 0, 0, 255, 255])),
        method: 8,
      }]),
    "data that are no deflate": () => {
      const stored = zipFile([{ name: "x.npy", data: new Uint8Array(1e6).fill(255), method: 0 }]);
      return overwritten(stored, 8, [8, 0]);
    },
  };
  const claims = (["size", "storedSize", "offset", "checksum"] as const).flatMap((field) =>
    extremes.flatMap((value) =>
      [false, true].map((isLong): [string, () => Bytes] => [
        `${field} ${value}${isLong ? " in ZIP64" : ""}`,
        () => zipFile([{ name: "x.npy", data: array, [field]: Number(value) }], { isLong }),
      ])
    )
  );
  const methods = [1, 6, 9, 12, 14, 93, 95, 99, 65_535].map((method): [string, () => Bytes] => [
    `method ${method}`,
    () => zipFile([{ ...one, method }]),
  ]);
  return [...Object.entries(cases), ...claims, ...methods].flatMap(([name, make]) =>
    [readers["zip"]!, files.archive].map((reader) => ({ name: `zip: ${name}`, reader, make }))
  );
}

function tarBombs(files: FileReaders): Bomb[] {
  const one: TarMember = { name: "x/data_batch_1.bin", data: text("abc") };
  const packed = (...members: TarMember[]) => own(gzipSync(tarFile(members)));
  const claim = (size: string | Uint8Array) => () =>
    own(gzipSync(joined(tarHeader({ ...one, size }), zeros(1e6))));
  const empty = tarHeader({ name: "x/y", data: zeros(0) });
  const cases: Record<string, () => Bytes> = {
    "a million empty members": () => {
      const part = gzipSync(joined(...Array.from({ length: 1000 }, () => empty)));
      return joined(...Array.from({ length: 1000 }, () => part));
    },
    "a gigabyte in a member": () =>
      joined(
        gzipSync(tarHeader({ ...one, name: "x/y", size: "10000000000\0" })),
        packedZeros(1024, zeros(0)),
      ),
    "a gigabyte in the member": () =>
      joined(gzipSync(tarHeader({ ...one, size: "10000000000\0" })), packedZeros(1024, zeros(0))),
    "a name of 16 MB": () => packed({ name: "L", type: "L", data: new Uint8Array(16e6).fill(97) }, one),
    "a link's name of 16 MB": () =>
      packed({ name: "K", type: "K", data: new Uint8Array(16e6).fill(97) }, one),
    "attributes of 16 MB": () => packed({ name: "x", type: "x", data: new Uint8Array(16e6).fill(97) }, one),
    "attributes of many lines": () =>
      packed({ name: "x", type: "x", data: text("8 a=bcd\n".repeat(1e6)) }, one),
    "attributes with a long length": () =>
      packed({ name: "x", type: "x", data: text(`${"9".repeat(1e6)} a=b\n`) }, one),
    "attributes with a size": () =>
      packed({ name: "x", type: "x", data: text("30 size=99999999999999999999\n") }, one),
    "global attributes again and again": () =>
      packed(
        ...Array.from({ length: 10_000 }, () => ({ name: "g", type: "g", data: text("8 a=bcd\n") })),
        one,
      ),
    "a link": () => packed({ ...one, type: "2", link: "/etc/passwd", data: zeros(0) }),
    "a hard link": () => packed({ ...one, type: "1", link: "x/data_batch_1.bin", data: zeros(0) }),
    "a device": () => packed({ ...one, type: "3", data: zeros(0) }),
    "the same member twice": () => packed(one, one),
    "an unknown type": () => packed({ ...one, type: "\xff" }),
    "a wrong checksum": () => packed({ ...one, checksum: "0000000\0" }),
    "a checksum that is none": () => packed({ ...one, checksum: "zzzzzzzz" }),
    "a sparse file": () => packed({ ...one, type: "S" }),
  };
  const sizes = [
    "77777777777\0",
    "-0000000001\0",
    "zzzzzzzzzzzz",
    "            ",
    "\0\0\0\0\0\0\0\0\0\0\0\0",
    "1e999999999\0",
  ]
    .map((size): [string, () => Bytes] => [`a size of ${JSON.stringify(size)}`, claim(size)]);
  const binary = extremes.map((value): [string, () => Bytes] => [
    `a binary size of ${value}`,
    claim(joined([0x80, 0, 0, 0], numberBytes(value, 8, false))),
  ]);
  return [...Object.entries(cases), ...sizes, ...binary].map(([name, make]) => ({
    name: `tar.gz: ${name}`,
    reader: files["tar.gz"],
    make,
  }));
}

function matBombs(): Bomb[] {
  const { file, array, compressed, element, float64, uint32, small } = writer(true), reader = readers["mat"]!;
  const y = array("y", [2, 1], element(9, float64(1, 2)));
  const nested = (depth: number) => {
    // Each level is the tag of an element that has the rest.
    const parts = Array.from({ length: depth }, (_, i) => uint32(14, 8 * (depth - i)));
    return joined(...parts, uint32(9, 0));
  };
  const cases: Record<string, () => Uint8Array> = {
    "an element of zeros": () => file(compressedZeros(64)),
    "elements within elements": () => file(nested(100_000)),
    "compressed within compressed": () => {
      let inner = compressed(y);
      for (let i = 0; i < 20; i++) inner = compressed(inner);
      return file(inner);
    },
    "100 000 empty elements": () => file(joined(...Array.from({ length: 100_000 }, () => uint32(9, 0)))),
    "a name of a megabyte": () => file(array("y".repeat(1e6), [1, 1], element(9, float64(1)))),
    "a thousand axes": () => file(array("y", new Array(1000).fill(1), element(9, float64(1)))),
    "a small element of 65 535 bytes": () =>
      file(small(1, zeros(4)).map((byte, i) => i === 2 || i === 3 ? 255 : byte)),
  };
  const compressedZeros = (megabytes: number) => {
    const inner = joined(uint32(14, 1000), zeros(megabytes * 2 ** 20)), packed = deflateRawSync(inner);
    return joined(uint32(15, packed.length + 2), [0x78, 0x9c], packed);
  };
  const shapes = extremes.filter((value) => value < 2n ** 32n).flatMap((value) =>
    [1, 2].map((axis): [string, () => Uint8Array] => [
      `axis ${axis} of ${value}`,
      () => file(array("y", axis === 1 ? [Number(value), 1] : [2, Number(value)], element(9, float64(1, 2)))),
    ])
  );
  const types = [0, 1, 7, 9, 13, 14, 15, 16, 18, 255, 65_535].flatMap((type) =>
    [0, 7, 0x7fffffff, 0xffffffff].map((length): [string, () => Uint8Array] => [
      `an element of type ${type} and length ${length}`,
      () => file(joined(uint32(type, length), y)),
    ])
  );
  return [...Object.entries(cases), ...shapes, ...types].map(([name, make]) => ({
    name: `mat: ${name}`,
    reader,
    make: () => own(make()),
  }));
}
