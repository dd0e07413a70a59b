/** Pictures made by hand. */
import { constants, crc32, deflateRawSync, deflateSync } from "node:zlib";
import { bitmapFile } from "../../data/bitmap_writer.ts";
import { type Bytes, readers } from "../readers.ts";
import { type Bomb, extremes, joined, numberBytes, text } from "./bomb.ts";
import { gifFile, jpegOfScans, tiffFile } from "./picture_writers.ts";

/** Returns the bombs. */
export function pictureBombs(): Bomb[] {
  const reader = readers["picture"]!;
  return Object.entries({ ...pngCases(), ...jpegCases(), ...tiffCases(), ...otherCases() }).map((
    [name, make],
  ) => ({
    name: `picture: ${name}`,
    reader,
    make,
  }));
}

type Cases = Record<string, () => Bytes>;

function chunk(type: string, data: ArrayLike<number>, { length = data.length, sum = 0 } = {}): Bytes {
  const body = joined(text(type), data);
  return joined(numberBytes(length, 4, false), body, numberBytes(crc32(body) + sum, 4, false));
}

/** Properties of a black PNG. */
interface Png {
  readonly width: number;
  readonly height: number;
  readonly bits?: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly color?: number;
  readonly isInterlaced?: boolean;
  /** Chunks before the pixels. */
  readonly before?: readonly ArrayLike<number>[];
}

const zeroBlock = new Uint8Array(
  deflateRawSync(new Uint8Array(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH }),
);

/** Returns so many zeros as zlib packs them. */
export function zlibZeros(count: number): Bytes {
  const rest = count % 2 ** 20, blocks = Math.floor(count / 2 ** 20);
  const adler = ((count % 65_521) * 65_536 + 1) % 2 ** 32;
  return joined(
    [0x78, 0x9c],
    ...Array.from({ length: blocks }, () => zeroBlock),
    deflateRawSync(new Uint8Array(rest)),
    numberBytes(adler, 4, false),
  );
}

/** Returns the bytes of a PNG's rows before they are packed. */
function rawLength({ width, height, bits = 8, color = 2, isInterlaced = false }: Png): number {
  const pixelBits = bits * [1, 0, 3, 1, 2, 0, 4][color]!;
  const lengthOf = (columns: number, rows: number) =>
    columns === 0 ? 0 : rows * (1 + Math.ceil(columns * pixelBits / 8));
  if (!isInterlaced) return lengthOf(width, height);
  const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
    0,
    1,
    1,
    2,
  ]];
  return passes.reduce(
    (sum, [x = 0, y = 0, dx = 1, dy = 1]) =>
      sum + lengthOf(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

/** Returns a black PNG. */
export function pngFile(about: Png): Bytes {
  const { width, height, bits = 8, color = 2, isInterlaced = false, before = [] } = about;
  const head = joined(numberBytes(width, 4, false), numberBytes(height, 4, false), [
    bits,
    color,
    0,
    0,
    isInterlaced ? 1 : 0,
  ]);
  return joined(
    [0x89, ...text("PNG\r\n\x1a\n")],
    chunk("IHDR", head),
    ...(color === 3 ? [chunk("PLTE", [1, 2, 3])] : []),
    ...before,
    chunk("IDAT", zlibZeros(rawLength(about))),
    chunk("IEND", []),
  );
}

function pngCases(): Cases {
  const tiny = { width: 2, height: 2 }, large = { width: 9990, height: 9990 };
  const kinds = [[0, 1], [0, 8], [0, 16], [2, 8], [2, 16], [3, 1], [3, 8], [4, 8], [4, 16], [6, 8], [
    6,
    16,
  ]] as const;
  const whole = kinds.flatMap(([color, bits]) =>
    [false, true].flatMap((isInterlaced) =>
      [large, { width: 4990, height: 4990 }, { width: 65_535, height: 1500 }, { width: 1500, height: 65_535 }]
        .map((sides): [string, () => Bytes] => [
          `PNG of ${sides.width}×${sides.height}, colour ${color}, ${bits} bits${
            isInterlaced ? ", interlaced" : ""
          }`,
          () => pngFile({ ...sides, color, bits, isInterlaced }),
        ])
    )
  );
  const packed = zlibZeros(64 * 2 ** 20),
    withBefore = (...before: ArrayLike<number>[]) => () => pngFile({ ...tiny, before });
  const head = (width: number, height: number, ...rest: number[]) =>
    joined(
      [0x89, ...text("PNG\r\n\x1a\n")],
      chunk("IHDR", joined(numberBytes(width, 4, false), numberBytes(height, 4, false), rest)),
    );
  return {
    ...Object.fromEntries(whole),
    "PNG with a text of 64 MB": withBefore(chunk("zTXt", joined(text("a\0\0"), packed))),
    "PNG with an international text of 64 MB": withBefore(
      chunk("iTXt", joined(text("a\0\x01\0\0\0"), packed)),
    ),
    "PNG with a profile of 64 MB": withBefore(chunk("iCCP", joined(text("a\0\0"), packed))),
    "PNG with 20 texts of 64 MB": withBefore(
      ...Array.from({ length: 20 }, () => chunk("zTXt", joined(text("a\0\0"), packed))),
    ),
    "PNG with EXIF of a megabyte": withBefore(chunk("eXIf", new Uint8Array(1e6).fill(255))),
    "PNG with 100 000 chunks": withBefore(
      ...Array.from({ length: 100_000 }, () => chunk("tEXt", text("a\0b"))),
    ),
    "PNG with 1000 palettes": withBefore(...Array.from({ length: 1000 }, () => chunk("PLTE", [1, 2, 3]))),
    "PNG with a wrong checksum": withBefore(chunk("tEXt", text("a\0b"), { sum: 1 })),
    "PNG with a gigabyte of pixels too many": () =>
      joined(head(2, 2, 8, 2, 0, 0, 0), chunk("IDAT", zlibZeros(2 ** 28)), chunk("IEND", [])),
    "PNG with 100 000 empty pieces": () =>
      joined(
        head(2, 2, 8, 2, 0, 0, 0),
        ...Array.from({ length: 100_000 }, () => chunk("IDAT", [])),
        chunk("IDAT", deflateSync(new Uint8Array(14))),
        chunk("IEND", []),
      ),
    "PNG without pixels": () => joined(head(2, 2, 8, 2, 0, 0, 0), chunk("IEND", [])),
    ...Object.fromEntries(
      extremes.filter((value) => value < 2n ** 32n).flatMap((value): [string, () => Bytes][] => [
        [
          `PNG of width ${value}`,
          () => joined(head(Number(value), 2, 8, 2, 0, 0, 0), chunk("IDAT", zlibZeros(1000))),
        ],
        [
          `PNG of height ${value}`,
          () => joined(head(2, Number(value), 8, 2, 0, 0, 0), chunk("IDAT", zlibZeros(1000))),
        ],
        [
          `PNG with a chunk of ${value} bytes`,
          withBefore(chunk("tEXt", text("a\0b"), { length: Number(value) })),
        ],
        [
          `PNG of ${value} bits`,
          () => joined(head(2, 2, Number(value) % 256, 2, 0, 0, 0), chunk("IDAT", zlibZeros(1000))),
        ],
        [
          `PNG of colour ${value}`,
          () => joined(head(2, 2, 8, Number(value) % 256, 0, 0, 0), chunk("IDAT", zlibZeros(1000))),
        ],
      ]),
    ),
  };
}

function jpegCases(): Cases {
  const marker = (type: number, data: ArrayLike<number>) =>
    joined([0xff, type], numberBytes(data.length + 2, 2, false), data);
  const jpeg = (...before: ArrayLike<number>[]) => jpegOfScans({ side: 16, scans: 1, before });
  const exif = (body: ArrayLike<number>) => marker(0xe1, joined(text("Exif\0\0"), body));
  const scans = [1, 10, 90, 400, 800].flatMap((count) =>
    [1000, 5000, 9990].map((side): [string, () => Bytes] => [
      `JPEG of ${side}×${side} in ${count} scans`,
      () => jpegOfScans({ side, scans: count }),
    ])
  );
  return {
    ...Object.fromEntries(scans),
    "JPEG with 10 000 comments": () => jpeg(...Array.from({ length: 10_000 }, () => marker(0xfe, [0x78]))),
    "JPEG with 255 pieces of a profile": () =>
      jpeg(
        ...Array.from({ length: 255 }, (_, i) =>
          marker(0xe2, joined(text("ICC_PROFILE\0"), [i + 1, 255], new Uint8Array(65_000)))),
      ),
    "JPEG whose EXIF points to itself": () => jpeg(exif([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0])),
    "JPEG with EXIF of 65 535 entries": () =>
      jpeg(
        exif(
          joined(
            [0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255],
            ...Array.from({ length: 5000 }, () => [0x12, 1, 3, 0, 255, 255, 255, 255, 8, 0, 0, 0]),
          ),
        ),
      ),
    "JPEG with an orientation of 65 535": () =>
      jpeg(
        exif([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0]),
      ),
    "JPEG with XMP of a megabyte": () =>
      jpeg(
        ...Array.from({ length: 16 }, () =>
          marker(0xe1, joined(text("http://ns.adobe.com/xap/1.0/\0"), new Uint8Array(65_000).fill(60)))),
      ),
    "JPEG with padding of 16 MB": () =>
      joined([0xff, 0xd8], new Uint8Array(16e6).fill(255), jpegOfScans({ side: 16, scans: 1 }).slice(2)),
    "JPEG after whose end 16 MB follow": () =>
      joined(jpegOfScans({ side: 16, scans: 1 }), new Uint8Array(16e6).fill(0xd8)),
    "JPEG of beginnings": () => joined(...Array.from({ length: 50_000 }, () => [0xff, 0xd8])),
    "JPEG with a marker of no length": () => jpeg([0xff, 0xe0, 0, 0]),
    "JPEG with a marker of a byte": () => jpeg([0xff, 0xe0, 0, 1]),
    "JPEG with a marker beyond its end": () =>
      joined([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff], new Uint8Array(100)),
  };
}

function tiffCases(): Cases {
  const side = 9990, values = extremes.filter((value) => value < 2n ** 32n).map(Number);
  const tags = [
    254,
    256,
    257,
    258,
    259,
    262,
    266,
    273,
    274,
    277,
    278,
    279,
    284,
    317,
    322,
    323,
    324,
    325,
    338,
    339,
  ];
  return {
    ...Object.fromEntries(
      tags.flatMap((tag) =>
        values.map((
          value,
        ): [string, () => Bytes] => [`TIFF with ${value} as tag ${tag}`, () => tiffFile({ [tag]: value })])
      ),
    ),
    "TIFF of one packed strip": () =>
      tiffFile({ 256: side, 257: side, 278: side, 259: 8 }, zlibZeros(side * side)),
    "TIFF of one packed tile": () =>
      tiffFile(
        { 256: side, 257: side, 259: 8, 322: 10_000, 323: 10_000, 324: 8, 325: 1e5 },
        zlibZeros(10_000 * 10_000),
      ),
    "TIFF of one packed strip of colours of 16 bits": () =>
      tiffFile(
        { 256: 4990, 257: 4990, 258: 16, 262: 2, 277: 3, 278: 4990, 259: 8 },
        zlibZeros(4990 * 4990 * 6),
      ),
    "TIFF of planes": () =>
      tiffFile({ 256: side, 257: side, 262: 2, 277: 3, 278: side, 259: 8, 284: 2 }, zlibZeros(side * side)),
    "TIFF that points to itself": () => tiffFile({}, [], { next: 8 }),
    "TIFF of 5000 pages": () => tiffFile({}, [], { pages: 5000 }),
    "TIFF of a page beyond its end": () => tiffFile({}, [], { next: 0xffff_fff0 }),
    "BigTIFF": () => joined([0x49, 0x49, 43, 0, 8, 0, 0, 0], numberBytes(-1, 8, true), new Uint8Array(100)),
  };
}

function otherCases(): Cases {
  return {
    ...Object.fromEntries([1, 4, 8, 16, 24, 32].flatMap((bits): [string, () => Bytes][] => [
      [`BMP of 9990×9990 and ${bits} bits without pixels`, () => bitmapOf(9990, 9990, bits).slice(0, 2000)],
      ...(bits <= 8
        ? [[`BMP of 9990×9990 and ${bits} bits`, () => bitmapOf(9990, 9990, bits)] as [string, () => Bytes]]
        : []),
    ])),
    "Netpbm of 7700×7700 bits": () => joined(text("P4 7700 7700\n"), new Uint8Array(7700 * 963)),
    "Netpbm of 9990×9990 words without pixels": () =>
      joined(text("P6 9990 9990 65535\n"), new Uint8Array(2000)),
    "Netpbm of 7700×7700 digits": () => joined(text("P1 7700 7700\n"), new Uint8Array(7700 * 7700).fill(48)),
    "Netpbm of comments": () => joined(text("P2"), text("#\n".repeat(1e6))),
    "Netpbm of comments between numbers": () => joined(text("P2 9 9 9\n"), text("#\n".repeat(1e6))),
    "GIF of 9990×9990": () => gifFile({ width: 9990, height: 9990, frames: 1 }),
    "GIF of 4990×4990": () => gifFile({ width: 4990, height: 4990, frames: 1 }),
    "GIF of 100 000 frames": () => gifFile({ width: 1, height: 1, frames: 100_000 }),
    "GIF of 1000 large frames": () => gifFile({ width: 2000, height: 2000, frames: 1000 }),
    "GIF of 100 000 extensions": () =>
      joined(
        text("GIF89a"),
        [1, 0, 1, 0, 0, 0, 0],
        ...Array.from({ length: 100_000 }, () => [0x21, 0xfe, 1, 65, 0]),
      ),
    "AVIF boxes within boxes": () =>
      joined(
        [0, 0, 0, 24, ...text("ftypavif\0\0\0\0avifmif1")],
        ...Array.from(
          { length: 50_000 },
          (_, i) => [...numberBytes(8 * (50_000 - i), 4, false), ...text("meta")],
        ),
      ),
    "AVIF with a box of all bytes": () =>
      joined(
        [0, 0, 0, 24, ...text("ftypavif\0\0\0\0avifmif1")],
        [255, 255, 255, 255, ...text("meta")],
        new Uint8Array(1000),
      ),
    "WebP of unknown chunks": () =>
      joined(
        text("RIFF"),
        [255, 255, 255, 255],
        text("WEBP"),
        ...Array.from({ length: 50_000 }, () => [...text("ABCD"), 0, 0, 0, 0]),
      ),
    "WebP with 100 000 frames": () =>
      joined(
        text("RIFF"),
        [0, 0, 255, 0],
        text("WEBPVP8X"),
        [10, 0, 0, 0, 2, 0, 0, 0, 255, 255, 0, 255, 255, 0],
        text("ANIM"),
        [6, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ...Array.from({ length: 20_000 }, () => [...text("ANMF"), 16, 0, 0, 0, ...new Uint8Array(16)]),
      ),
  };
}

/** Returns a black BMP, with a header that the writer of tests makes. */
function bitmapOf(width: number, height: number, bits: number): Bytes {
  const head = bitmapFile({ width, height: 1, bits, headerSize: 40, pixel: () => [0, 0, 0] });
  const stride = Math.ceil(width * bits / 32) * 4, start = head.length - stride;
  const file = new Uint8Array(start + stride * height), view = new DataView(file.buffer);
  file.set(head.subarray(0, start));
  view.setInt32(22, height, true);
  return file;
}
