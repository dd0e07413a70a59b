/** Files of weights, models and checkpoints made by hand. */
import { npyFile, npzFile } from "../../data/npy_writer.ts";
import { zipFile } from "../../data/zip_writer.ts";
import { type Bytes, type Reader, readers } from "../readers.ts";
import { type Bomb, extremes, joined, numberBytes, text } from "./bomb.ts";

/** Returns the bombs. */
export function weightBombs(): Bomb[] {
  return [
    ...headerBombs(),
    ...otherFormats(),
    ...leafBombs("model description"),
    ...leafBombs("run description"),
  ];
}

/** A safetensors file with any header. */
function fileWith(
  header: string,
  data: ArrayLike<number> = [],
  length: number | bigint = text(header).length,
): Bytes {
  return joined(numberBytes(length, 8, true), text(header), data);
}

function headerBombs(): Bomb[] {
  const tensor = (about: object) =>
    JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...about } });
  const sizes = [0, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, "8", [], {}];
  const cases: Record<string, () => Bytes> = {
    "100 000 tensors without elements": () =>
      fileWith(JSON.stringify(Object.fromEntries(
        Array.from(
          { length: 100_000 },
          (_, i) => [`t${i}`, { dtype: "F32", shape: [0], data_offsets: [0, 0] }],
        ),
      ))),
    "10 000 tensors that share their bytes": () =>
      fileWith(
        JSON.stringify(Object.fromEntries(
          Array.from(
            { length: 10_000 },
            (_, i) => [`t${i}`, { dtype: "F32", shape: [1000], data_offsets: [0, 4000] }],
          ),
        )),
        new Uint8Array(4000),
      ),
    "a shape of 100 000 axes": () =>
      fileWith(tensor({ shape: new Array(100_000).fill(1), data_offsets: [0, 4] }), [0, 0, 0, 0]),
    "a name of a megabyte": () =>
      fileWith(JSON.stringify({ ["n".repeat(1e6)]: { dtype: "F32", shape: [0], data_offsets: [0, 0] } })),
    "metadata of 16 MB": () => fileWith(JSON.stringify({ __metadata__: { format: "x".repeat(16e6) } })),
    "metadata of 100 000 keys": () =>
      fileWith(
        JSON.stringify({
          __metadata__: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, "v"])),
        }),
      ),
    "a header of blanks": () => fileWith(" ".repeat(16e6)),
    "a header of 100 MB of zeros": () => fileWith("", new Uint8Array(1e8), 1e8),
  };
  const claims: [string, () => Bytes][] = [
    ...extremes.map((
      length,
    ): [string, () => Bytes] => [
      `a header of ${length} bytes`,
      () => fileWith(tensor({}), new Uint8Array(8), length),
    ]),
    ...sizes.flatMap((size): [string, () => Bytes][] => [
      [`shape [${JSON.stringify(size)}]`, () => fileWith(tensor({ shape: [size] }), new Uint8Array(8))],
      [`shape ${JSON.stringify(size)}`, () => fileWith(tensor({ shape: size }), new Uint8Array(8))],
      [
        `begin ${JSON.stringify(size)}`,
        () => fileWith(tensor({ data_offsets: [size, 8] }), new Uint8Array(8)),
      ],
      [`end ${JSON.stringify(size)}`, () => fileWith(tensor({ data_offsets: [0, size] }), new Uint8Array(8))],
      [`dtype ${JSON.stringify(size)}`, () => fileWith(tensor({ dtype: size }), new Uint8Array(8))],
    ]),
  ];
  return [...Object.entries(cases), ...claims].flatMap(([name, make]) =>
    ["safetensors", "weights"].map((reader) => ({
      name: `${reader}: ${name}`,
      reader: readers[reader]!,
      make,
    }))
  );
}

/** Files of other programs, each before megabytes of anything. */
function otherFormats(): Bomb[] {
  const beginnings: Record<string, ArrayLike<number>> = {
    "a pickle": [0x80, 2, 0x63, ...text("os\nsystem\n"), 0x58, 255, 255, 255, 255],
    "a PyTorch archive": zipFile([{ name: "archive/data.pkl", data: text("\x80\x02.") }]),
    ONNX: [8, 8, 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f],
    "endless varints": new Uint8Array(1e6).fill(0xff),
    HDF5: [0x89, ...text("HDF\r\n\x1a\n"), 0xff, 0xff, 0xff, 0xff],
    GGUF: [...text("GGUF"), 3, 0, 0, 0, ...numberBytes(-1, 8, true), ...numberBytes(-1, 8, true)],
    NumPy: npyFile([2], [1, 2], "<f4"),
    "a NumPy archive": npzFile({ a: npyFile([2], [1, 2], "<f4") }),
    gzip: [31, 139, 8, 0],
    "a web page": text("<!doctype html>".repeat(1000)),
  };
  return Object.entries(beginnings).flatMap(([name, beginning]) =>
    ["weights", "model", "checkpoint", "safetensors"].flatMap((reader) =>
      [0, 255].map((byte) => ({
        name: `${reader}: ${name} before bytes of ${byte}`,
        reader: readers[reader]!,
        make: () => joined(beginning, new Uint8Array(8e6).fill(byte)),
      }))
    )
  );
}

/** Values that take the place of each value of a description. */
const values: readonly unknown[] = [
  null,
  0,
  -1,
  0.5,
  20_000,
  2 ** 31,
  2 ** 53,
  1e300,
  "",
  "x".repeat(100_000),
  [],
  {},
  [20_000, 20_000, 20_000],
  new Array(1000).fill(1000),
  true,
];

/** Returns the description of a model or a run with each of its values replaced by each extreme one. */
function leafBombs(name: string): Bomb[] {
  const reader: Reader = readers[name]!, whole = JSON.parse(new TextDecoder().decode(reader.seeds[0]));
  return pathsIn(whole).flatMap((path) =>
    values.map((value, i) => ({
      name: `${name}: ${path.join(".")} is value ${i}`,
      reader,
      make: () => text(JSON.stringify(replaced(whole, path, value))),
    }))
  );
}

type Path = readonly (string | number)[];

function pathsIn(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner).map((path): Path => [key, ...path])),
  ];
}

function replaced(whole: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const copy = structuredClone(whole) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}
