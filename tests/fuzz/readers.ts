/** All readers of files from strangers, each with whole files that mutations start from. */
import { gzipSync } from "node:zlib";
import { checkConfig } from "../../cli/config/config_options.ts";
import { parseConfig } from "../../cli/config/config_file.ts";
import { parseLog } from "../../cli/run_files/run_log.ts";
import { bitmapLayout, readBitmap } from "../../data/files/decode/bitmap.ts";
import { decodeImage, imageSize } from "../../data/files/decode/decode_image.ts";
import { imageFormat } from "../../data/files/decode/first_bytes.ts";
import { netpbmLayout, readNetpbm } from "../../data/files/decode/netpbm.ts";
import { parseCifarLabels, parseCifarPng } from "../../data/files/known/cifar_png.ts";
import { convertToPlanes, parseLabelTable, readArrayLabels } from "../../data/internal.ts";
import {
  createByteSource,
  parseCifar100Binary,
  parseCifarBinary,
  parseIdx,
  parseLabelList,
  parseNpy,
  readMat5,
  readPixelTable,
  readZipDirectory,
  readZipEntry,
} from "../../data/mod.ts";
import { type HostTensor, readModel, readSafetensors, writeModel, writeSafetensors } from "../../nn/mod.ts";
import { defaultOptions, readCheckpoint, readInitialWeights, writeCheckpoint } from "../../semisup/mod.ts";
import { bitmapFile } from "../data/bitmap_writer.ts";
import { idxFile, png } from "../data/fixtures.ts";
import { writer } from "../data/mat5_writer.ts";
import { npyFile, npzFile } from "../data/npy_writer.ts";
import { zipFile } from "../data/zip_writer.ts";

/** Bytes of a file, in a buffer of their own. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A reader to try. */
export interface Reader {
  /** Whole files, which can be read. */
  readonly seeds: readonly Bytes[];
  /** Reads a file, whole or not. */
  read(bytes: Bytes): unknown;
  /** True if messages follow the file's name, as those about pictures: "it is empty". */
  readonly isClause?: boolean;
}

const text = (value: string): Bytes => new TextEncoder().encode(value);
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
const decode = (bytes: Bytes) => new TextDecoder().decode(bytes);
const tensor: HostTensor = { shape: [2, 2], dtype: "float32", data: Float32Array.of(1, -2, 3, 4) };

const model = writeModel({
  architecture: "convnet_small",
  headCount: 1,
  classes: ["cat", "dog"],
  imageShape: [1, 2, 2],
  randomResizedCrop: null,
  normalize: "channel",
  channelStatistics: { mean: [0.5], standardDeviation: [0.25] },
  temperature: 1,
  about: { dataset: "mnist" },
  weights: new Map([["heads.0.weight", tensor]]),
});
const checkpoint = writeCheckpoint({
  step: 3,
  options: { ...defaultOptions, maxSteps: 7 },
  classes: ["cat", "dog"],
  imageShape: [1, 8, 8],
  canvas: [8, 8],
  channelStatistics: { mean: [0.5], standardDeviation: [0.25] },
  labels: Int32Array.of(-1, 0, 1),
  about: { dataset: "mnist" },
  custom: [],
  loaded: [],
  kernels: {},
  student: new Map([["heads.0.weight", tensor]]),
  teacher: new Map([["heads.0.weight", tensor]]),
  optimizer: new Map([["momentum", tensor]]),
});
const safetensors = writeSafetensors([["a", tensor], [
  "b",
  { shape: [3], dtype: "int32", data: Int32Array.of(1, 2, 3) },
]], { format: "pt" });

const picture = own(png(5, 4, (x, y, c) => 40 * x + 9 * y + c));
const bitmaps = [1, 8, 24].map((bits) =>
  bitmapFile({ width: 5, height: 3, bits, headerSize: 40, pixel: (x, y) => [x, y, 7] })
);
const netpbms = [
  "P1\n# a\n3 2\n101\n010\n",
  "P2 3 2 9\n0 1 2\n3 4 5\n",
  "P4\n9 2\n\0\x80\x01\0",
  "P6\n2 1\n65535\n0123456789ab",
  "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\nabcd",
].map(text);
const heic = Deno.readFileSync(new URL("../data/images/plain.heic", import.meta.url));
const images = Array.from({ length: 4 * 9 }, (_, i) => i);
const arrays = [
  npyFile([4, 3, 3], images, "|u1"),
  npyFile([4, 3, 3], images, "<f4", { isFortran: true }),
  npyFile([3], ["cat", "dog", ""], "<U3"),
  npyFile([2, 3], [0, 1, 0, 1, 0, 0], ">i8"),
];
const idx = [idxFile([4, 3, 3], images), idxFile([3], [1, 2, 3])];
const zips = [
  zipFile([{ name: "cat/1.png", data: picture }, { name: "a.npy", data: arrays[0]! }]),
  npzFile({ x: arrays[0]!, y: arrays[3]! }),
  zipFile([{ name: "ü.txt", data: text("abc"), method: 0 }], { comment: "c", before: text("x") }),
];
const mats = [true, false].map((isLittle) => {
  const { file, array, compressed, element, float64 } = writer(isLittle);
  const y = array("y", [2, 1], element(9, float64(1, 2)));
  return own(file(y, compressed(y)));
});
const log = [
  { kind: "start", step: 0, epoch: 0, seconds: 0, device: "x" },
  {
    kind: "costs",
    step: 1,
    epoch: 0.1,
    seconds: 1,
    costs: { cost: 1 },
    hyperparameters: { learningRate: 0.1 },
  },
].map((record) => `${JSON.stringify(record)}\n`).join("");

const labelLists = [
  "1.png cat\n2.png dog\n3.png\tguinea pig\n",
  "# suggested: never held out\n1.png ?\n# corrected: replaces other labels\n2.png dog\n",
].map(text);
const tables = [
  "file,label,split\n1.png,cat,train\n2.png,dog,test\n3.png,,val\n",
  'id;cat;"a ""dog"""\n1;0;1\n2;1;0\n',
  '{"file_name": "1.jpg", "label": "cat"}\n{"file_name": "2.jpg", "label": ["dog"]}\n',
  "\ufefffile|class\r\na/b.png|cat\r\n",
].map(text);

const row = Array.from({ length: 64 }, (_, i) => i * 37 % 256), names = row.map((_, i) => `pixel${i}`);
const pixelTables = [
  `label,${names}\n1,${row}\n-1,${row}\n`,
  `${[...names, '"class"'].join(";")}\r\n${row.map((value) => value / 256).join(";")};cat\r\n`,
  `emotion, pixels, Usage\n2,"${row.join(" ")}",Training\n3,${row.join(" ")} ,PrivateTest\n`,
  `0,${row}\n1,${row}\n`,
].map(text);

async function readZip(bytes: Bytes): Promise<void> {
  const archive = createByteSource(bytes);
  for (const entry of await readZipDirectory(archive, "x.zip")) {
    const content = await readZipEntry(archive, entry, "x.zip", { mostBytes: 2 ** 28 });
    if (entry.name.endsWith(".npy")) parseNpy(content, "x.npy");
  }
}

async function readMat(bytes: Bytes): Promise<void> {
  for await (const { read } of readMat5(new Blob([bytes]).stream(), "x.mat")) await read(() => {});
}

function readArray(bytes: Bytes): void {
  const array = parseNpy(bytes, "x.npy");
  for (
    const use of [
      () => readArrayLabels(array, "x.npy"),
      () => convertToPlanes(array, "x.npy", { range: 255 }),
    ]
  ) {
    try {
      use();
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    }
  }
}

async function readPicture(bytes: Bytes): Promise<void> {
  await imageSize(bytes);
  await decodeImage(bytes, [8, 8], new Uint8Array(3 * 64));
}

const cifar = Uint8Array.from({ length: 2 * 3073 }, (_, i) => i % 3073 === 0 ? 3 : i % 256);
const cifar100 = Uint8Array.from({ length: 2 * 3074 }, (_, i) => i % 3074 < 2 ? 3 : i % 256);
const rows = own(png(1024, 2, (x) => x % 256));
const jsonConfig = text(
  '{"epochs": 2, "seed": 1, "flip": true, "dataset": "mnist", "about": {"classes": ["a"]}}',
);
const yamlConfig = text("epochs: 2\nflip: true\n# note\nlearningRate: 0.1\n");
const configOf = (path: string) => (bytes: Bytes) => checkConfig({ path, entries: parseConfig(path, bytes) });

/** Reads a text as an entry of the metadata of a safetensors file, so that mutations reach its parser. */
function withMetadata(file: Uint8Array, name: string, read: (bytes: Bytes) => unknown) {
  // Without checksums, which would refuse all mutations.
  const { tensors, metadata: { checksums: _, ...metadata } } = readSafetensors(file);
  return {
    seeds: [text(metadata[name] ?? "")],
    read: (bytes: Bytes) => read(writeSafetensors(tensors, { ...metadata, [name]: decode(bytes) })),
  };
}

/** Reads a text as the header of a safetensors file with 28 bytes of data. */
function readHeader(bytes: Bytes): void {
  const file = new Uint8Array(8 + bytes.length + 28);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  readSafetensors(file);
}

/** All readers by name. */
export const readers: Readonly<Record<string, Reader>> = {
  idx: { seeds: idx, read: (bytes) => parseIdx(bytes, "x", bytes[3] === 1 ? 1 : 3) },
  "idx.gz": {
    seeds: idx.slice(0, 1).map((each) => own(gzipSync(each))),
    read: (bytes) => parseIdx(bytes, "x.gz", 3),
  },
  npy: { seeds: arrays, read: readArray },
  zip: { seeds: zips, read: readZip },
  mat: { seeds: mats, read: readMat },
  cifar10: { seeds: [cifar], read: (bytes) => parseCifarBinary(bytes, "x", 10) },
  cifar100: { seeds: [cifar100], read: (bytes) => parseCifar100Binary(bytes, "x") },
  "cifar png": { seeds: [rows], read: (bytes) => parseCifarPng(bytes, "x") },
  "cifar labels": { seeds: [text("[0, 1, 2]")], read: (bytes) => parseCifarLabels(bytes, "x") },
  "label list": { seeds: labelLists, read: (bytes) => parseLabelList(decode(bytes)) },
  "pixel table": { seeds: pixelTables, read: (bytes) => readPixelTable([bytes], "x.csv") },
  "label table": { seeds: tables, read: (bytes) => parseLabelTable(decode(bytes), "x.csv") },
  safetensors: { seeds: [safetensors], read: (bytes) => readSafetensors(bytes) },
  model: { seeds: [model], read: (bytes) => readModel(bytes) },
  checkpoint: { seeds: [checkpoint], read: (bytes) => readCheckpoint(bytes) },
  "safetensors header": { seeds: [safetensors.slice(8, -28)], read: readHeader },
  "model description": withMetadata(model, "model", readModel),
  "run description": withMetadata(checkpoint, "run", readCheckpoint),
  weights: { seeds: [safetensors, model, checkpoint], read: (bytes) => readInitialWeights(bytes) },
  "config.json": { seeds: [jsonConfig], read: configOf("x.json") },
  "config.yaml": { seeds: [yamlConfig], read: configOf("x.yaml") },
  log: { seeds: [text(log)], read: (bytes) => parseLog(decode(bytes), "x") },
  bitmap: { seeds: bitmaps, isClause: true, read: (bytes) => (bitmapLayout(bytes), readBitmap(bytes)) },
  netpbm: { seeds: netpbms, isClause: true, read: (bytes) => (netpbmLayout(bytes), readNetpbm(bytes)) },
  heic: { seeds: [heic], isClause: true, read: readPicture },
  "first bytes": { seeds: [picture, text("<html>"), text("GIF89a")], isClause: true, read: imageFormat },
  picture: { seeds: [picture, ...bitmaps, ...netpbms], isClause: true, read: readPicture },
};
