// deno-lint-ignore-file no-control-regex
/** Detection of file formats by first bytes: images that can be decoded, and other formats with advice. */

/** Image formats that can be decoded. */
export type ImageFormat = "jpeg" | "png" | "webp" | "gif" | "bmp" | "netpbm" | "tiff" | "avif" | "heic";

/** Number of bytes examined. */
const SHOWN = 512;

const JPEG_START = [0xff, 0xd8, 0xff];
const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** First bytes of the other formats that can be decoded, as Latin-1. */
const decoded: readonly (readonly [ImageFormat, RegExp])[] = [
  ["webp", /^RIFF.{4}WEBP/s],
  ["gif", /^GIF8[79]a/],
  // The second header begins with its length.
  ["bmp", /^BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0/s],
  ["netpbm", /^(P[1-6](\s+\d|\s*#)|P7\n)/],
  // Excludes raw files of cameras, which begin in the same way.
  ["tiff", /^(II[*+]\0(?!.{4}CR)|MM\0[*+])/s],
  ["avif", /^.{4}ftyp(.{4}){0,10}?avi[fs]/s],
  ["heic", /^.{4}ftyp(.{4}){0,10}?(hei[cmsx]|hev[cmsx]|mif1|msf1|miaf)/s],
];

/** A file format that cannot be decoded. */
interface OtherKind {
  /** First bytes, as Latin-1. */
  readonly begins: RegExp;
  /** Description that follows "it is". */
  readonly is: string;
  /** Advice, in the imperative. */
  readonly remedy: string;
}

const save = "save it as PNG or JPEG";
const unpack = "unpack it";
const again = "download it again";

/** Other formats; the first match is used. */
const others: readonly OtherKind[] = [
  { begins: /^.{4}ftypcrx /s, is: "a camera's raw file", remedy: "export it as JPEG or 16-bit TIFF" },
  {
    begins: /^(II\*\0.{4}CR|IIU\0|IIR[OS]|FUJIFILMCCD-RAW|FOVb|\0MRM)/s,
    is: "a camera's raw file",
    remedy: "export it as JPEG or 16-bit TIFF",
  },
  {
    begins:
      /^(.{4}(ftyp|moov|mdat|wide|skip)|RIFF.{4}AVI |\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]|FLV\x01|OggS|0&\xb2u)/s,
    is: "a video",
    remedy: "save single pictures of it",
  },
  { begins: /^(RIFF.{4}WAVE|ID3|fLaC|\xff[\xfb\xf3\xf2])/s, is: "a sound file", remedy: "remove it" },
  { begins: /^\s*%PDF/, is: "a PDF", remedy: "export its pictures" },
  { begins: /^(%!PS|\xc5\xd0\xd3\xc6)/, is: "PostScript", remedy: save },
  { begins: /^PK(\x03\x04|\x05\x06|\x07\x08)/, is: "a ZIP archive or an office document", remedy: unpack },
  {
    begins: /^(Rar!\x1a|7z\xbc\xaf|\x1f\x8b|BZh[1-9]|\xfd7zXZ|\x28\xb5\x2f\xfd)/,
    is: "an archive",
    remedy: unpack,
  },
  { begins: /^\xff\x0a|^\0\0\0\x0cJXL /, is: "JPEG XL", remedy: save },
  { begins: /^\0\0\0\x0cjP {2}|^\xff\x4f\xff\x51/, is: "JPEG 2000", remedy: save },
  { begins: /^8BP[SB]/, is: "a Photoshop file", remedy: save },
  { begins: /^gimp xcf/, is: "a GIMP file", remedy: save },
  { begins: /^\0\0[\x01\x02]\0.\0/s, is: "an icon", remedy: save },
  {
    begins: /^(v\/1\x01|#\?(RADIANCE|RGBE)|P[Ff]\s+-?\d)/,
    is: "a picture of high dynamic range",
    remedy: save,
  },
  { begins: /^(.{128}DICM)/s, is: "a medical DICOM file", remedy: "export it as 16-bit PNG" },
  { begins: /^SIMPLE {2}=/, is: "an astronomical FITS file", remedy: "export it as 16-bit PNG" },
  { begins: /^(DDS |BPG\xfb|farbfeld|qoif|II\xbc)/, is: "a picture of a rare format", remedy: save },
  { begins: /^\x89HDF|^\x93NUMPY/, is: "an array", remedy: "pass the folder of arrays to --data" },
  {
    begins: /^\0\x05\x16[\0\x07]/,
    is: "a metadata file of macOS, not the file itself",
    remedy: "copy the file itself",
  },
  { begins: /^L\0\0\0\x01\x14\x02\0/, is: "a Windows shortcut", remedy: "copy the file itself" },
  {
    begins: /^version https:\/\/(git-lfs|hawser)/,
    is: "a Git LFS pointer to a file that was not fetched",
    remedy: "run git lfs pull",
  },
  {
    begins: /^\S*(\/annex\/objects\/|\.git\/annex\/)/,
    is: "a git-annex pointer to a file that was not fetched",
    remedy: "run git annex get",
  },
  { begins: /^\0{32}/, is: "nothing but zeros, as after an interrupted copy", remedy: "copy it again" },
  {
    begins: /^(\xef\xbb\xbf)?\s*<(\?xml|error)/i,
    is: "XML, as sent by servers for missing files",
    remedy: again,
  },
  { begins: /^\s*data:image\//i, is: "an image written as text (base64)", remedy: "decode it" },
  { begins: /^(\xef\xbb\xbf)?[\t\n\f\r -~\x80-\xff]+$/, is: "text", remedy: again },
];

/** Formats recognised by their first element, after {@linkcode skipDeclarations}. */
const markups: readonly OtherKind[] = [
  {
    begins: /^<(!doctype html|html|head|body|script)/i,
    is: "a web page, as after a failed download",
    remedy: again,
  },
  { begins: /^<svg/i, is: "an SVG drawing", remedy: save },
];

/** Skips blanks, comments and declarations at the beginning of a markup, except that of HTML. */
function skipDeclarations(text: string): string {
  let rest = text.replace(/^\xef\xbb\xbf/, "").trimStart();
  while (/^<(\?xml|!(?!doctype html))/i.test(rest)) {
    const ending = rest.startsWith("<!--") ? "-->" : ">", at = rest.indexOf(ending);
    if (at < 0) return rest;
    rest = rest.slice(at + ending.length).trimStart();
  }
  return rest;
}

/** Maximum size of a picture file in bytes. */
const MOST_BYTES = 2 ** 30;

/** Checks the size of a file. @throws {SyntaxError} when it is too large to be a picture. */
export function checkBytes(size: number): void {
  if (size > MOST_BYTES) throw new SyntaxError(`it has ${size} bytes, but at most ${MOST_BYTES} are allowed`);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function latin1(bytes: Uint8Array, most: number): string {
  return String.fromCharCode(...bytes.subarray(0, most));
}

/**
 * Returns the format of an image.
 *
 * @param bytes The first bytes of its file.
 * @throws {SyntaxError} with a message that follows the file's name (`"it is a PDF: export its pictures"`) when the format cannot be decoded.
 */
export function imageFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new SyntaxError("it is empty");
  // Nearly all images are one of two formats, and building a text for the patterns costs as much as opening
  // the file.
  if (startsWith(bytes, JPEG_START)) return "jpeg";
  if (startsWith(bytes, PNG_START)) return "png";
  const beginning = latin1(bytes, 64);
  const [format] = decoded.find(([, begins]) => begins.test(beginning)) ?? [];
  if (format) return format;
  const text = latin1(bytes, SHOWN), root = skipDeclarations(text);
  const other = markups.find(({ begins }) => begins.test(root)) ??
    others.find(({ begins }) => begins.test(text));
  throw new SyntaxError(
    other
      ? `it is ${other.is}: ${other.remedy}`
      : "it is not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC or Netpbm file",
  );
}
