/** Bitmaps of every kind, to be read. */

/** Properties of a bitmap. */
export interface BitmapParts {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly headerSize: number;
  readonly isTopDown?: boolean;
  readonly palette?: readonly (readonly number[])[];
  /** Masks of 16 or 32 bits (default: there are none, and the usual ones hold). */
  readonly masks?: readonly number[];
  readonly pixel: (x: number, y: number) => readonly number[];
}

/** A BMP file. */
export function bitmapFile(parts: BitmapParts): Uint8Array<ArrayBuffer> {
  const { width, height, bits, headerSize, isTopDown = false, palette = [], masks, pixel } = parts;
  const isOld = headerSize === 12, step = isOld ? 3 : 4;
  const colors = bits <= 8 ? 2 ** bits : 0;
  const start = 14 + headerSize + step * colors, stride = Math.ceil(width * bits / 32) * 4;
  const file = new Uint8Array(start + stride * height), view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, headerSize, true);
  if (isOld) [width, height, 1, bits].forEach((value, i) => view.setUint16(18 + 2 * i, value, true));
  else {
    view.setInt32(18, width, true);
    view.setInt32(22, isTopDown ? -height : height, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, bits, true);
    view.setUint32(30, masks ? 3 : 0, true);
  }
  masks?.forEach((mask, i) => view.setUint32(54 + 4 * i, mask, true));
  palette.slice(0, colors).forEach((color, i) => file.set([...color].reverse(), 14 + headerSize + step * i));
  const [red = 0x7c00, green = 0x3e0, blue = 0x1f] = masks ?? [];
  for (let y = 0; y < height; y++) {
    const row = start + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const color = pixel(x, y);
      if (bits >= 24) file.set([...color].reverse(), row + bits / 8 * x);
      else if (bits === 16) {
        const part = (mask: number, value: number) => Math.floor(value * mask / 255) & mask;
        const [r = 0, g = 0, b = 0] = color;
        view.setUint16(row + 2 * x, part(red, r) | part(green, g) | part(blue, b), true);
      } else {
        const index = palette.findIndex((each) => each.join() === color.join());
        const at = row + Math.floor(x * bits / 8);
        file[at] = (file[at] ?? 0) | index << (8 - bits - x * bits % 8);
      }
    }
  }
  return file;
}
