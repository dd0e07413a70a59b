/** Tiny datasets in the formats that are read, and a folder to put them in. */

import { dirname, join } from "node:path";
import { gzipSync } from "npm:fflate@0.8.3";
import { encode } from "npm:fast-png@8.0.0";
import { packTar } from "npm:modern-tar@0.8.6";
import { hasBytes, type ImageSet, type ImageSource } from "../../data/mod.ts";
import { assert } from "../assert.ts";

/** Images that must be in memory, as bytes. */
export function inMemory(source: ImageSource): ImageSet {
  assert(hasBytes(source), "images are not in memory");
  return source;
}

/** An idx file of bytes. */
export function idxFile(
  shape: readonly number[],
  values: ArrayLike<number>,
  dtype = 0x08,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  bytes.set([0, 0, dtype, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  bytes.set(Array.from(values), 4 + 4 * shape.length);
  return bytes;
}

/** The four files of a dataset of 28×28 images, every pixel of image i having the value i. */
export function idxDataset(trainCount: number, testCount: number): Record<string, Uint8Array> {
  const pair = (count: number) => ({
    images: idxFile([count, 28, 28], Array.from({ length: count * 784 }, (_, i) => Math.floor(i / 784))),
    labels: idxFile([count], Array.from({ length: count }, (_, i) => i % 10)),
  });
  const [train, test] = [pair(trainCount), pair(testCount)];
  return {
    "train-images-idx3-ubyte": train.images,
    "train-labels-idx1-ubyte": train.labels,
    "t10k-images-idx3-ubyte": test.images,
    "t10k-labels-idx1-ubyte": test.labels,
  };
}

/** A made-up CIFAR pixel, different for every image, channel, row and column near each other. */
export function cifarPixel(image: number, channel: number, y: number, x: number): number {
  return (image * 101 + channel * 67 + y * 7 + x * 3) % 256;
}

const CIFAR_FILES = [
  "data_batch_1",
  "data_batch_2",
  "data_batch_3",
  "data_batch_4",
  "data_batch_5",
  "test_batch",
];

/** The six files of CIFAR-10's binary form, two images each: image i of all twelve has the class i % 10. */
export function cifarBinary(): Record<string, Uint8Array> {
  return Object.fromEntries(CIFAR_FILES.map((name, file) => {
    const bytes: number[] = [];
    for (const image of [2 * file, 2 * file + 1]) {
      bytes.push(image % 10);
      for (let i = 0; i < 3072; i++) bytes.push(cifarPixel(image, i >> 10, (i >> 5) & 31, i & 31));
    }
    return [`${name}.bin`, Uint8Array.from(bytes)];
  }));
}

/** The same images in the PNG form, with the two label files. */
export function cifarPngs(): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = Object.fromEntries(CIFAR_FILES.map((name, file) => {
    const data = new Uint8Array(2 * 3072);
    for (let row = 0; row < 2; row++) {
      for (let i = 0; i < 3072; i++) {
        const pixel = Math.floor(i / 3);
        data[row * 3072 + i] = cifarPixel(2 * file + row, i % 3, pixel >> 5, pixel & 31);
      }
    }
    return [`${name}.png`, encode({ width: 1024, height: 2, channels: 3, depth: 8, data })];
  }));
  files["train_lables.json"] = json([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  files["test_lables.json"] = json([0, 1]);
  return files;
}

/** An RGB PNG of these pixels. */
export function png(
  width: number,
  height: number,
  pixel: (x: number, y: number, c: number) => number,
): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return pixel(at % width, Math.floor(at / width), i % 3);
  });
  return encode({ width, height, channels: 3, depth: 8, data });
}

/** Pixels with a number in the corner, so that 256 pictures differ. */
export function numbered(
  number: number,
  pixel: (x: number, y: number, c: number) => number,
): (x: number, y: number, c: number) => number {
  return (x, y, c) => x === 0 && y === 0 ? number % 256 : pixel(x, y, c);
}

/** A PNG that claims these sides, and has but a pixel. */
export function pngHead(width: number, height: number): Uint8Array {
  const head = png(1, 1, () => 0).slice();
  const view = new DataView(head.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  // The header's checksum.
  let crc = 0xffffffff;
  for (const byte of head.subarray(12, 29)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  view.setUint32(29, ~crc >>> 0);
  return head;
}

/** A PNG whose beginning and end are right, but not what lies between. */
export function damagedPng(image: Uint8Array): Uint8Array {
  return image.map((byte, i) => i > image.length / 2 && i < image.length - 16 ? byte ^ 0x55 : byte);
}

/** A value as a JSON file. */
export function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** A gzipped tar archive of these files, in a folder. */
export async function tarball(files: Record<string, Uint8Array>, folder: string): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name: `${folder}/${name}`, size: body.length, type: "file" as const },
    body,
  }));
  return gzipSync(
    await packTar([{ header: { name: `${folder}/`, size: 0, type: "directory" } }, ...entries]),
  );
}

/** Runs a test in a folder of its own that holds these files, and removes it. */
export async function withFiles(
  files: Record<string, Uint8Array>,
  test: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "mean-teacher-test-" });
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(directory, name)), { recursive: true });
      await Deno.writeFile(join(directory, name), bytes);
    }
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Runs a test with an environment variable set, and puts it back. */
export async function withEnvironment(name: string, value: string, test: () => Promise<void>): Promise<void> {
  const former = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    await test();
  } finally {
    if (former === undefined) Deno.env.delete(name);
    else Deno.env.set(name, former);
  }
}
