/** Netpbm pictures: PBM, PGM, PPM and PAM, in bytes or as text, with values of up to 16 bits. */

/** A decoded Netpbm picture. */
export interface NetpbmPicture {
  readonly width: number;
  readonly height: number;
  /** Grey, grey and opacity, RGB, or RGB and opacity. */
  readonly channels: 1 | 2 | 3 | 4;
  /** `[height, width, channels]`: words if 65535 is white, otherwise bytes of which 255 is white. */
  readonly pixels: Uint8Array | Uint16Array;
}

/** Layout of a Netpbm file. */
export interface NetpbmLayout extends Omit<NetpbmPicture, "pixels"> {
  /** Value of white. */
  readonly most: number;
  /** Storage of the values; bits are packed row by row, and both in bits and in digits 1 is black. */
  readonly form: "bits" | "bytes" | "digits" | "numbers";
  /** Offset of the values. */
  readonly start: number;
}

/** Largest number of bytes of a header, comments included. */
const LONGEST_HEADER = 4096;
/** Blanks and comments between the fields of a header. */
const gap = String.raw`(?:\s|#[^\r\n]*[\r\n])+`;
const bitHeader = new RegExp(String.raw`^P[14]${gap}(\d+)${gap}(\d+)\s`);
const header = new RegExp(String.raw`^P[2356]${gap}(\d+)${gap}(\d+)${gap}(\d+)\s`);
const lines = /^P7\n((?:[^\n]*\n)*?)ENDHDR\n/;

const forms = ["digits", "numbers", "numbers", "bits", "bytes", "bytes", "bytes"] as const;

/**
 * Reads the header of a Netpbm file.
 *
 * @throws {SyntaxError} with a message that follows the file's name when it is damaged.
 */
export function netpbmLayout(bytes: Uint8Array): NetpbmLayout {
  const text = String.fromCharCode(...bytes.subarray(0, LONGEST_HEADER)), kind = Number(text[1]);
  const [found = "", ...fields] = (kind === 7 ? lines : kind % 3 === 1 ? bitHeader : header).exec(text) ?? [];
  const [width = 0, height = 0, most = 1, channels = kind % 3 === 0 ? 3 : 1] = kind === 7
    ? ["WIDTH", "HEIGHT", "MAXVAL", "DEPTH"].map((name) => valueOf(fields[0] ?? "", name))
    : fields.map(Number);
  const form = forms[kind - 1];
  if (found === "" || !form) throw new SyntaxError("its header is damaged");
  if (width < 1 || height < 1) throw new SyntaxError(`it has ${width}×${height} pixels`);
  if (most < 1 || most > 65535) throw new SyntaxError(`its largest value is ${most}, not 1 to 65535`);
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) {
    throw new SyntaxError(`it has ${channels} channels, not 1 to 4`);
  }
  return { width, height, channels, most, form, start: found.length };
}

/** Returns the number after a name in a header of lines; 0 if there is none. */
function valueOf(header: string, name: string): number {
  return Number(new RegExp(String.raw`^${name}[ \t]+(\d+)\s*$`, "m").exec(header)?.[1] ?? 0);
}

/** Returns the least number of bytes that a file has. */
export function netpbmLength({ width, height, channels, most, form, start }: NetpbmLayout): number {
  if (form === "bits") return start + height * Math.ceil(width / 8);
  const values = width * height * channels;
  if (form === "bytes") return start + values * (most > 255 ? 2 : 1);
  return start + values + (form === "numbers" ? values - 1 : 0);
}

/**
 * Decodes a Netpbm file; of several pictures in it, the first.
 *
 * @throws {SyntaxError} with a message that follows the file's name when it is damaged.
 */
export function readNetpbm(bytes: Uint8Array): NetpbmPicture {
  const layout = netpbmLayout(bytes), { width, height, channels, most, form } = layout;
  if (bytes.length < netpbmLength(layout)) throw new SyntaxError("its end is missing");
  const values = readers[form](bytes, layout);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value > most) throw new SyntaxError(tooLarge(value, most));
  }
  return { width, height, channels, pixels: most === 65535 ? values : scaleToBytes(values, most) };
}

/** Returns bytes in which 255 stands for the largest value. */
function scaleToBytes(values: Uint8Array | Uint16Array, most: number): Uint8Array {
  if (values instanceof Uint8Array && most === 255) return values;
  const bytes = new Uint8Array(values.length), scale = 255 / most;
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round((values[i] ?? 0) * scale);
  return bytes;
}

/** Returns the values of a file, `[height, width, channels]`: words if the largest needs them, otherwise bytes. */
type ReadValues = (bytes: Uint8Array, layout: NetpbmLayout) => Uint8Array | Uint16Array;

const readers: Readonly<Record<NetpbmLayout["form"], ReadValues>> = {
  bits: readBits,
  bytes: readBytes,
  digits: readDigits,
  numbers: readNumbers,
};

function reserve({ width, height, channels, most }: NetpbmLayout): Uint8Array | Uint16Array {
  const count = width * height * channels;
  return most > 255 ? new Uint16Array(count) : new Uint8Array(count);
}

function readBits(bytes: Uint8Array, layout: NetpbmLayout) {
  const { width, height, start } = layout, values = reserve(layout), stride = Math.ceil(width / 8);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      values[i] = 1 - ((bytes[start + stride * y + (x >> 3)] ?? 0) >> (7 - x % 8) & 1);
    }
  }
  return values;
}

function readBytes(bytes: Uint8Array, layout: NetpbmLayout) {
  const { most, start } = layout, values = reserve(layout);
  if (most <= 255) values.set(bytes.subarray(start, start + values.length));
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start);
    for (let i = 0; i < values.length; i++) values[i] = view.getUint16(2 * i);
  }
  return values;
}

/** Digits 0 and 1, with or without blanks between them. */
function readDigits(bytes: Uint8Array, layout: NetpbmLayout) {
  const values = reserve(layout);
  for (let i = 0, at = layout.start; i < values.length; i++) {
    at = skipBlanks(bytes, at);
    values[i] = 1 - digitAt(bytes, at++, 1);
  }
  return values;
}

function readNumbers(bytes: Uint8Array, layout: NetpbmLayout) {
  const values = reserve(layout), { most } = layout;
  for (let i = 0, at = layout.start; i < values.length; i++) {
    at = skipBlanks(bytes, at);
    let value = digitAt(bytes, at++, 9);
    while (at < bytes.length && !isBlank(bytes[at]) && value <= most) {
      value = 10 * value + digitAt(bytes, at++, 9);
    }
    if (value > most) throw new SyntaxError(tooLarge(value, most));
    values[i] = value;
  }
  return values;
}

function tooLarge(value: number, most: number): string {
  return `it has the value ${value}, but its header says ${most} at most`;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte !== undefined && byte >= 9 && byte <= 13;
}

/** Returns the first offset from `at` on that is neither in a blank nor in a comment. */
function skipBlanks(bytes: Uint8Array, at: number): number {
  while (isBlank(bytes[at]) || bytes[at] === 35) {
    if (bytes[at++] === 35) { while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++; }
  }
  return at;
}

function digitAt(bytes: Uint8Array, at: number, most: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new SyntaxError("its end is missing");
  if (byte < 48 || byte > 48 + most) throw new SyntaxError(`it has a sign that is no number at byte ${at}`);
  return byte - 48;
}
