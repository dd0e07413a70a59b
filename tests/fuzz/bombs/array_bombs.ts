/** Arrays, idx files and label lists in files, made by hand. */
import { idxFile } from "../../data/fixtures.ts";
import { npyFile, npzFile } from "../../data/npy_writer.ts";
import { type Bytes, readers } from "../readers.ts";
import { type Bomb, joined, numberBytes, overwritten, text } from "./bomb.ts";
import type { FileReaders } from "./file_readers.ts";

/** Returns the bombs. */
export function arrayBombs(files: FileReaders): Bomb[] {
  const lists = listBombs().map((each) => ({ ...each, reader: files["list file"] }));
  return [...npyBombs(), ...idxBombs(), ...lists];
}

/** A .npy file of version 1 with any header. */
function npyWith(header: string, data: ArrayLike<number> = [], version = 1): Bytes {
  const bytes = text(header), isLong = version > 1;
  return joined(
    [0x93, ...text("NUMPY"), version, 0],
    numberBytes(bytes.length, isLong ? 4 : 2, true),
    bytes,
    data,
  );
}

function npyBombs(): Bomb[] {
  const head = (descr: string, shape: string) =>
    `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`;
  const whole = npyFile([4], [1, 2, 3, 4], "|u1");
  const shapes = [
    "()",
    "(0,)",
    "(-1,)",
    "(1e9,)",
    "(2147483647,)",
    "(4294967295, 4294967295)",
    "(9007199254740993,)",
  ]
    .concat([
      "(9223372036854775807,)",
      "(18446744073709551615,)",
      `(${"9".repeat(1000)},)`,
      `(${"1, ".repeat(10_000)})`,
    ])
    .concat([
      "(65536, 65536, 65536, 65536)",
      "(0, 9223372036854775807)",
      "(4,",
      "4",
      "(0x4,)",
      "(4L,)",
      "(True,)",
    ])
    .concat(["([4],)", "(None,)", "(4.5,)", "(\u0664,)", `${"(".repeat(20_000)}4`]);
  const types = [
    "'|u1'",
    "'<U1000000000'",
    "'<U0'",
    "'|S4294967295'",
    "'|O'",
    "'|V8'",
    "'<M8[ns]'",
    "'<c16'",
    "'<f16'",
  ]
    .concat([
      "'|b1'",
      "'<u9'",
      "'<i0'",
      "'>f4'",
      "''",
      "4",
      "[('a', '<f4')]",
      `'${"<".repeat(30_000)}'`,
      "'<f4\\x00'",
    ])
    .concat(["'<U99999999999999999999'", "__import__('os')", "'|u1' * 1000000000"]);
  const cases: Record<string, () => Bytes> = {
    "an empty header": () => npyWith(""),
    "a header of blanks": () => npyWith(" ".repeat(65_535)),
    "a header of quotes": () => npyWith("'".repeat(65_535)),
    "a header of braces": () => npyWith("{".repeat(65_535)),
    "a header of commas": () => npyWith(`{${",".repeat(65_000)}}`),
    "a header of keys": () => npyWith(`{${"'a': 1, ".repeat(8000)}}`),
    "a header of zeros": () => npyWith("\0".repeat(65_535)),
    "a header of 16 MB": () => npyWith(`${head("'|u1'", "(4,)")}${" ".repeat(16e6)}`, [1, 2, 3, 4], 2),
    "a header of 16 MB of brackets": () => npyWith("(".repeat(16e6), [], 2),
    "a header longer than the file": () => overwritten(npyWith("", [], 2), 8, [255, 255, 255, 255]),
    "an array in an archive that claims more": () =>
      npzFile({ x: npyWith(head("'|u1'", "(1000000000,)"), [1]) }),
    "shape twice": () =>
      npyWith(`{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'shape': (1000000000,)}\n`, [1]),
  };
  const versions = [0, 2, 3, 4, 127, 255].map((version): [string, () => Bytes] => [
    `version ${version}`,
    () => overwritten(whole, 6, [version]),
  ]);
  const claims = [
    ...shapes.map((
      shape,
    ): [string, () => Bytes] => [
      `shape ${shape.slice(0, 30)}`,
      () => npyWith(head("'|u1'", shape), [1, 2, 3, 4]),
    ]),
    ...types.map((
      type,
    ): [string, () => Bytes] => [
      `type ${type.slice(0, 30)}`,
      () => npyWith(head(type, "(4,)"), new Uint8Array(64)),
    ]),
  ];
  return [...Object.entries(cases), ...versions, ...claims].map(([name, make]) => ({
    name: `npy: ${name}`,
    reader: readers[name.includes("archive") ? "zip" : "npy"]!,
    make,
  }));
}

function idxBombs(): Bomb[] {
  const reader = readers["idx"]!, sizes = [0, 1, 255, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const axes = [0, 1, 2].flatMap((axis) =>
    sizes.map((size) => ({
      name: `idx: axis ${axis} of ${size}`,
      reader,
      make: () => idxFile([4, 3, 3].map((length, i) => i === axis ? size : length), new Array(36).fill(1)),
    }))
  );
  const all = sizes.map((size) => ({
    name: `idx: all axes of ${size}`,
    reader,
    make: () => idxFile([size, size, size], []),
  }));
  const ranks = [0, 2, 4, 64, 255].map((rank) => ({
    name: `idx: ${rank} axes`,
    reader,
    make: () => idxFile(new Array(rank).fill(2 ** 32 - 1), [1, 2, 3]),
  }));
  const types = [0, 7, 9, 11, 12, 13, 14, 255].map((type) => ({
    name: `idx: type ${type}`,
    reader,
    make: () => idxFile([4, 3, 3], new Array(36).fill(1), type),
  }));
  return [...axes, ...all, ...ranks, ...types];
}

function listBombs(): Omit<Bomb, "reader">[] {
  const cases: Record<string, () => Bytes> = {
    "40 MB of lines": () => text("1.png cat\n".repeat(4e6)),
    "30 MB in one line": () => text(`1.png ${"c".repeat(30e6)}\n`),
    "a million empty lines": () => text("\n".repeat(1e6)),
    "150 000 lines of one name": () => text("1.png,cat\n".repeat(150_000)),
    "150 000 classes": () => text(Array.from({ length: 150_000 }, (_, i) => `${i}.png,${i}`).join("\n")),
    "a quote that never ends": () => text(`file,label\n"${"x\n".repeat(1e6)}`),
    "a million quotes": () => text(`file,label\n${'"'.repeat(1e6)}`),
    "10 001 columns": () => text(`${",".repeat(10_001)}\n`),
    "9999 columns in 500 lines": () => text(`${",".repeat(9999)}\n`.repeat(500)),
    "UTF-16": () => joined([255, 254], ...Array.from("1.png,cat\n", (c) => [c.charCodeAt(0), 0])),
    "UTF-32": () => joined([255, 254, 0, 0], ...Array.from("1.png,cat\n", (c) => [c.charCodeAt(0), 0, 0, 0])),
    "a spreadsheet": () => joined(text("PK\x03\x04"), new Uint8Array(1e6)),
  };
  return Object.entries(cases).map(([name, make]) => ({ name: `list: ${name}`, make }));
}
