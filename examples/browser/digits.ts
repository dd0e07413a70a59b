/**
 * The digits that lie beside the page.
 * @module
 */
import { drawImage, NO_LABEL, type RgbaImage, type TrainingData } from "../../browser.ts";

/** Numbers of digits, in the order in which the file has them. */
export interface DigitCounts {
  /** Digits that may get their label: image i is of class i mod 10. */
  readonly labeled: number;
  /** Digits without a label. */
  readonly unlabeled: number;
  /** Digits to test on. */
  readonly test: number;
}

/** Names of the classes. */
export const digitClasses: readonly string[] = Array.from({ length: 10 }, (_, i) => `${i}`);

/** A digit that the visitor drew. */
export interface DrawnDigit {
  readonly image: RgbaImage;
  readonly label: number;
}

/** Side of a digit in pixels. */
export const digitSide = 28;

/** Digits of each kind: bytes `[N, 28, 28]`, and labels. */
export interface Digits {
  readonly counts: DigitCounts;
  readonly images: Uint8Array<ArrayBuffer>;
  readonly labels: Uint8Array<ArrayBuffer>;
}

const countBytes = 12;

/** Encodes digits as a file: three counts, the labels and the images, compressed. */
export async function writeDigits({ counts, images, labels }: Digits): Promise<Uint8Array<ArrayBuffer>> {
  const head = new DataView(new ArrayBuffer(countBytes));
  [counts.labeled, counts.unlabeled, counts.test].forEach((count, i) => head.setUint32(4 * i, count, true));
  const stream = new Blob([head, labels, images]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads the file of {@linkcode writeDigits}. */
export async function readDigits(file: Blob): Promise<Digits> {
  const bytes = await new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const head = new DataView(bytes, 0, countBytes);
  const [labeled = 0, unlabeled = 0, test = 0] = [0, 4, 8].map((at) => head.getUint32(at, true));
  const count = labeled + unlabeled + test;
  return {
    counts: { labeled, unlabeled, test },
    labels: new Uint8Array(bytes, countBytes, count),
    images: new Uint8Array(bytes, countBytes + count, count * digitSide ** 2),
  };
}

/** Returns the image of a digit. */
export function digitAt({ images }: Digits, index: number): Uint8Array<ArrayBuffer> {
  return images.subarray(index * digitSide ** 2, (index + 1) * digitSide ** 2);
}

/** Returns the digits as training data, resampled to a side. */
export async function digitsData(
  { counts, images, labels }: Digits,
  { perClass, drawn, side, test }: {
    readonly perClass: number;
    readonly drawn: readonly DrawnDigit[];
    readonly side: number;
    readonly test: number;
  },
): Promise<TrainingData> {
  const firstTest = counts.labeled + counts.unlabeled, imageShape = [1, side, side] as const;
  const range = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + i);
  const read = async (indices: readonly number[], more: readonly RgbaImage[] = []) => {
    const size = digitSide ** 2,
      plane = side * side,
      result = new Uint8Array((indices.length + more.length) * plane);
    const sources = [
      ...indices.map((index) => ({
        planes: images.subarray(index * size, (index + 1) * size),
        width: digitSide,
        height: digitSide,
      })),
      ...more,
    ];
    for (const [i, source] of sources.entries()) {
      await drawImage(source, imageShape, result.subarray(i * plane, (i + 1) * plane));
    }
    return result;
  };
  const known = range(0, 10 * perClass), unknown = range(counts.labeled, counts.unlabeled);
  const tested = range(firstTest, Math.min(test, counts.test));
  return {
    classes: digitClasses,
    train: {
      imageShape,
      images: await read([...known, ...unknown], drawn.map(({ image }) => image)),
      labels: Int32Array.from([
        ...known.map((index) => labels[index] ?? NO_LABEL),
        ...unknown.map(() => NO_LABEL),
        ...drawn.map(({ label }) => label),
      ]),
    },
    test: {
      imageShape,
      images: await read(tested),
      labels: Int32Array.from(tested, (index) => labels[index] ?? 0),
    },
  };
}
