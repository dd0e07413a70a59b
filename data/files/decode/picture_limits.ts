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
  "interlaced PNG": 20_000_000,
  "progressive JPEG": 75_000_000,
};

/** Bytes of pixels that are plausible for any file, and for each byte of a file: real pictures hardly reach a tenth. */
const FEW_BYTES = 2 ** 27, PLAUSIBLE_RATIO = 200;

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
  return format.toUpperCase();
}
