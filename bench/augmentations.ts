/**
 * `deno run -A bench/augmentations.ts [SHEET.png]`: measures augmentations of a batch of 100 images, and draws
 * 16 images of Fashion-MNIST under each operation of RandAugment, one operation per row, to look at.
 * @module
 */
import { crc32 } from "node:zlib";
import { findDataset } from "../data/files/mod.ts";
import { hasBytes } from "../data/mod.ts";
import {
  applyRandAugment,
  type Augmentation,
  compile,
  composeAugmentations,
  cutOutRandomly,
  Device,
  flipRandomly,
  randAugmentOperations,
  shiftRandomly,
  sizeOf,
  type Tensor,
  variable,
} from "../kernels/mod.ts";
import { measureMilliseconds } from "./timing.ts";

const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
const batchSize = 100, columns = 16, fill = 0.286;

/** Applies an augmentation with the random numbers of step 0. */
function augment(images: Tensor, augmentation: Augmentation): Tensor {
  let stream = 0;
  return augmentation(images, { key: { seed: scalar(1), step: scalar(0) }, nextStream: () => stream++ });
}

/** Measures the milliseconds of augmentations of images of a shape. */
async function measure(device: Device, shape: readonly [number, number, number]): Promise<void> {
  const images = variable(
    [batchSize, ...shape],
    Float32Array.from({ length: batchSize * sizeOf(shape) }, (_, i) => i * 7919 % 256 / 255),
  );
  const augmentations: Record<string, Augmentation> = {
    "flip and shift": composeAugmentations(flipRandomly(), shiftRandomly(4)),
    "RandAugment, 2 operations": applyRandAugment({ count: 2 }),
    "cutout": cutOutRandomly(14),
    "RandAugment and cutout": composeAugmentations(applyRandAugment({ count: 2 }), cutOutRandomly(14)),
  };
  for (const [name, augmentation] of Object.entries(augmentations)) {
    // A variable for the result, so that nothing is optimised away or read back.
    const result = variable(images.shape, new Float32Array(sizeOf(images.shape)));
    const program = await compile(
      device,
      {},
      () => ({ updates: [[result, augment(images, augmentation)]] }),
    );
    const milliseconds = await measureMilliseconds(device, (times) => {
      for (let i = 0; i < times; i++) program.run({});
    }, { samples: 5, sampleMilliseconds: 300 });
    console.log(`${name}, ${batchSize}×${shape.join("×")}: ${milliseconds.toFixed(2)} ms`);
    program[Symbol.dispose]();
    device.release(result);
  }
  device.release(images);
}

/** Encodes grey or RGB bytes as PNG. */
async function encodePng(pixels: Uint8Array, width: number, channels: 1 | 3): Promise<Uint8Array> {
  const rowBytes = width * channels, height = pixels.length / rowBytes;
  const rows = new Uint8Array(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  const deflated = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const header = new Uint8Array(13), headerView = new DataView(header.buffer);
  headerView.setUint32(0, width);
  headerView.setUint32(4, height);
  header.set([8, channels === 1 ? 0 : 2], 8);
  const chunk = (type: string, data: Uint8Array) => {
    const bytes = new Uint8Array(data.length + 12), view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode(type), 4);
    bytes.set(data, 8);
    view.setUint32(0, data.length);
    view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
    return bytes;
  };
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
  const data = new Uint8Array(await new Response(deflated).arrayBuffer());
  const chunks = [signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array())];
  return new Uint8Array(await new Blob(chunks.map((each) => Uint8Array.from(each))).arrayBuffer());
}

/** Draws images under each operation, then under RandAugment and cutout, grey ones beside tinted ones. */
async function drawSheet(device: Device): Promise<Uint8Array> {
  const { train } = await findDataset("fashion-mnist").load();
  if (!hasBytes(train)) throw new TypeError("Cannot draw Fashion-MNIST: its images must be bytes");
  const { images: bytes, imageShape: [, height, width] } = train;
  const plane = height * width, scale = 2, tints = [1, 0.75, 0.4];
  const values = Float32Array.from({ length: columns * 3 * plane }, (_, i) => {
    const image = Math.floor(i / (3 * plane)), channel = Math.floor(i / plane) % 3;
    const value = (bytes[image * plane + i % plane] ?? 0) / 255;
    return image % 2 === 0 ? value : 0.15 * channel + value * (tints[channel] ?? 1) * 0.7;
  });
  const images = variable([columns, 3, height, width], values);
  const full = { magnitude: 10, randomMagnitude: false, fill };
  const rows: Augmentation[] = [
    ...randAugmentOperations.map((operation) =>
      applyRandAugment({ ...full, count: 1, operations: [operation] })
    ),
    composeAugmentations(applyRandAugment({ fill }), cutOutRandomly(14, fill)),
  ];
  const sheetWidth = columns * width * scale;
  const sheet = new Uint8Array(rows.length * height * scale * sheetWidth * 3);
  for (const [row, augmentation] of rows.entries()) {
    const program = await compile(device, {}, () => ({ outputs: { result: augment(images, augmentation) } }));
    const { result } = await program.runAndRead({});
    program[Symbol.dispose]();
    for (let i = 0; i < sheetWidth * height * scale * 3; i++) {
      const channel = i % 3, x = Math.floor(i / 3) % sheetWidth, y = Math.floor(i / 3 / sheetWidth);
      const image = Math.floor(x / (width * scale)), column = Math.floor(x / scale) % width;
      const value = result[(image * 3 + channel) * plane + Math.floor(y / scale) * width + column] ?? 0;
      sheet[row * sheetWidth * height * scale * 3 + i] = Math.round(255 * value);
    }
  }
  return await encodePng(sheet, sheetWidth, 3);
}

using device = await Device.request();
console.log(device.name);
const [file] = Deno.args;
if (file) await Deno.writeFile(file, await drawSheet(device));
await measure(device, [1, 28, 28]);
await measure(device, [3, 32, 32]);
