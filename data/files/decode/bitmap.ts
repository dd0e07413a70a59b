/** Windows bitmaps: uncompressed BMP files with 1 to 32 bits per pixel. */

/** A decoded bitmap. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** RGBA bytes, row by row from the top left. */
  readonly pixels: Uint8Array;
}

/** Layout of a bitmap file. */
export interface BitmapLayout {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** True if rows are stored from top to bottom. */
  readonly isTopDown: boolean;
  /** Bytes of a row, padded to whole words. */
  readonly stride: number;
  /** Offset of the pixels. */
  readonly start: number;
  /** Offset of the palette, bytes per colour, and number of colours. */
  readonly palette: { readonly start: number; readonly step: number; readonly count: number };
  /** Bit masks of red, green, blue and alpha for 16 and 32 bits per pixel; null for other depths. */
  readonly masks: readonly number[] | null;
}

const compressions = ["none", "RLE8", "RLE4", "masks", "JPEG", "PNG", "masks"];

/**
 * Reads the headers of a bitmap.
 *
 * @throws {SyntaxError} with a message that follows the file's name when they are damaged or of an
 * unsupported kind.
 */
export function bitmapLayout(bytes: Uint8Array): BitmapLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 26) throw new SyntaxError("its end is missing");
  const headerSize = view.getUint32(14, true);
  const isOld = headerSize === 12;
  if (bytes.length < 14 + headerSize) throw new SyntaxError("its end is missing");
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = headerSize >= 40 ? compressions[view.getUint32(30, true)] : "none";
  if (compression !== "none" && compression !== "masks") {
    throw new SyntaxError(
      `it is a bitmap with ${compression ?? "unknown"} compression, which is not supported: save it as PNG`,
    );
  }
  if (![1, 4, 8, 16, 24, 32].includes(bits)) {
    throw new SyntaxError(`it is a bitmap of ${bits} bits per pixel, which is not supported: save it as PNG`);
  }
  const height = Math.abs(signed);
  if (width < 1 || height < 1) throw new SyntaxError(`it has ${width}×${height} pixels`);
  const used = headerSize >= 40 ? view.getUint32(46, true) : 0;
  return {
    width,
    height,
    bits,
    isTopDown: signed < 0,
    stride: 4 * Math.ceil(width * bits / 32),
    start: view.getUint32(10, true),
    palette: {
      start: 14 + headerSize,
      step: isOld ? 3 : 4,
      count: bits > 8 ? 0 : Math.min(2 ** bits, used || 2 ** bits),
    },
    masks: masksOf(view, bits, compression === "masks", headerSize),
  };
}

function masksOf(view: DataView, bits: number, areGiven: boolean, headerSize: number): number[] | null {
  if (bits !== 16 && bits !== 32) return null;
  if (!areGiven) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  if (view.byteLength < 66) throw new SyntaxError("its end is missing");
  const alpha = headerSize >= 56 && view.byteLength >= 70 ? view.getUint32(66, true) : 0;
  return [54, 58, 62].map((at) => view.getUint32(at, true)).concat(alpha);
}

/** Returns the number of bytes that a bitmap's file must have. */
export function bitmapLength({ start, stride, height }: BitmapLayout): number {
  return start + stride * height;
}

/**
 * Decodes a bitmap.
 *
 * @throws {SyntaxError} with a message that follows the file's name, if damaged or unsupported.
 */
export function readBitmap(bytes: Uint8Array): Bitmap {
  const layout = bitmapLayout(bytes);
  const { width, height, bits, isTopDown, stride, start } = layout;
  if (bytes.length < bitmapLength(layout)) throw new SyntaxError("its end is missing");
  const pixels = new Uint8Array(4 * width * height);
  const put = bits <= 8
    ? indexed(bytes, layout)
    : layout.masks
    ? masked(bytes, bits, layout.masks)
    : trueColor(bytes);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) put(row, x, pixels, 4 * (y * width + x));
  }
  return { width, height, pixels };
}

/** Writes the colour of pixel `x` in the row at offset `row` to `pixels[at…]`. */
type PutPixel = (row: number, x: number, pixels: Uint8Array, at: number) => void;

function trueColor(bytes: Uint8Array): PutPixel {
  return (row, x, pixels, at) => {
    for (let c = 0; c < 3; c++) pixels[at + c] = bytes[row + 3 * x + 2 - c] ?? 0;
    pixels[at + 3] = 255;
  };
}

function indexed(bytes: Uint8Array, { bits, palette: { start, step, count } }: BitmapLayout): PutPixel {
  const perByte = 8 / bits, mask = 2 ** bits - 1;
  return (row, x, pixels, at) => {
    const shift = 8 - bits * (x % perByte + 1);
    const index = ((bytes[row + Math.floor(x / perByte)] ?? 0) >> shift) & mask;
    for (let c = 0; c < 3; c++) {
      pixels[at + c] = index < count ? bytes[start + step * index + 2 - c] ?? 0 : 0;
    }
    pixels[at + 3] = 255;
  };
}

function masked(bytes: Uint8Array, bits: number, masks: readonly number[]): PutPixel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const channels = masks.map((mask) => {
    const low = mask & -mask;
    return { mask, low: low >>> 0, most: mask === 0 ? 0 : (mask >>> 0) / (low >>> 0) };
  });
  return (row, x, pixels, at) => {
    const value = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
    for (const [c, { mask, low, most }] of channels.entries()) {
      pixels[at + c] = most === 0 ? c === 3 ? 255 : 0 : Math.round(255 * ((value & mask) >>> 0) / low / most);
    }
  };
}
