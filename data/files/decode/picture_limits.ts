/** Limits of pictures, compared with what their headers claim before pixels are decoded. */

/** Maximum number of pixels of an image. */
export const MOST_PIXELS = 100_000_000;
/** Maximum height and width of an image, those of JPEG; the decoder needs memory for several whole rows. */
const LONGEST_SIDE = 65_535;

/**
 * Maximum numbers of pixels of images that are decoded as a whole, and not row by row: with these, a file of a few
 * kilobytes takes less than a second and less than 300 MB.
 */
const MOST_WHOLE_PIXELS: Readonly<Record<string, number>> = {
  AVIF: 16_000_000,
  GIF: 20_000_000,
  BMP: 60_000_000,
  Netpbm: 60_000_000,
  HEIC: 50_000_000,
  "interlaced PNG": 20_000_000,
  "progressive JPEG": 75_000_000,
};

/** Bytes of pixels that are plausible for any file, and for each byte of a file: real pictures hardly reach a tenth. */
const FEW_BYTES = 2 ** 27, PLAUSIBLE_RATIO = 200;

/** Pixels times scans of a progressive JPEG; real ones have about ten scans. */
const MOST_SCANNED_PIXELS = 1e9;
/** Packed bytes of the texts of a PNG, which may unpack to a thousand times as many. */
const MOST_TEXT_BYTES = 2 ** 18;

/** Claims of a picture's header. */
export interface PictureClaims {
  readonly width: number;
  readonly height: number;
  /** Format as in {@linkcode imageFormat}. */
  readonly format: string;
  /** True for interlaced PNG and progressive JPEG. */
  readonly isProgressive?: boolean | undefined;
  /** Bytes of a decoded pixel. */
  readonly pixelBytes: number;
  /** Bytes of the file. */
  readonly fileBytes: number;
}

/**
 * Checks what a picture's header claims.
 *
 * @param mostPixels Limit of the caller.
 * @throws {SyntaxError} with a message that follows the file's name when the picture is too large to be decoded.
 */
export function checkClaims(claims: PictureClaims, mostPixels: number): void {
  const { width, height, format, isProgressive = false, pixelBytes, fileBytes } = claims;
  const pixels = width * height, sides = `it has ${width}×${height} pixels`;
  if (pixels > mostPixels) {
    throw new SyntaxError(`${sides}, but at most ${mostPixels / 1e6} million are allowed`);
  }
  if (Math.max(height, width) > LONGEST_SIDE) {
    throw new SyntaxError(`${sides}, but a side may have at most ${LONGEST_SIDE}`);
  }
  const kind = kindOf(format, isProgressive), most = MOST_WHOLE_PIXELS[kind];
  if (most !== undefined && pixels > most) {
    throw new SyntaxError(
      `${sides}, but as ${kind} at most ${
        most / 1e6
      } million are allowed: save it as JPEG or PNG without interlacing`,
    );
  }
  const bytes = pixels * pixelBytes;
  if (bytes > Math.max(FEW_BYTES, PLAUSIBLE_RATIO * fileBytes)) {
    throw new SyntaxError(
      `its ${fileBytes} bytes claim to unpack to ${bytes}, as in damaged files and those made to fill the memory`,
    );
  }
}

function kindOf(format: string, isProgressive: boolean): string {
  if (isProgressive && format === "png") return "interlaced PNG";
  if (isProgressive && format === "jpeg") return "progressive JPEG";
  return format === "netpbm" ? "Netpbm" : format.toUpperCase();
}

/** Checks the number of scans of a progressive JPEG. @throws {SyntaxError} as {@linkcode checkClaims} */
export function checkScans(bytes: Uint8Array, pixels: number): void {
  let scans = 0;
  for (let at = bytes.length - 1; at > 0; at--) {
    if (bytes[at] === 0xda && bytes[at - 1] === 0xff) scans++;
  }
  if (scans * pixels <= MOST_SCANNED_PIXELS) return;
  throw new SyntaxError(
    `it has ${scans} scans of ${pixels} pixels, as in files made to take long: save it again`,
  );
}

/** Checks the packed texts of a PNG. @throws {SyntaxError} as {@linkcode checkClaims} */
export function checkTexts(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    // zTXt and iTXt.
    if (type === 0x7a545874 || type === 0x69545874) sum += isPacked(bytes, at, type) ? view.getUint32(at) : 0;
  }
  if (sum <= MOST_TEXT_BYTES) return;
  throw new SyntaxError(
    `it has ${sum} bytes of packed texts, but at most ${MOST_TEXT_BYTES} are allowed: save it again`,
  );
}

/** Returns whether a text is packed: an international one has a flag for that behind the zero that ends its name. */
function isPacked(bytes: Uint8Array, at: number, type: number): boolean {
  return type === 0x7a545874 || bytes[bytes.indexOf(0, at + 8) + 1] === 1;
}
