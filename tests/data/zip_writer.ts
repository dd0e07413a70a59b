/** ZIP archives, made by hand: what they claim can be anything. */
import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive, with what its headers say. */
export interface Packed {
  readonly name: string | Uint8Array;
  readonly data: Uint8Array;
  /** Compression method: 0 = stored, 8 = deflate (default). */
  readonly method?: number;
  /** Flags of the headers; 0x800 = the name is UTF-8 (default), 1 = encrypted. */
  readonly flags?: number;
  /** Bytes that it claims to have (default: the truth). */
  readonly size?: number;
  /** Bytes that it claims to take (default: the truth). */
  readonly storedSize?: number;
  /** The byte at which it claims to begin (default: the truth). */
  readonly offset?: number;
  /** Its checksum (default: the right one). */
  readonly checksum?: number;
  /** Type and rights as Unix has them. */
  readonly mode?: number;
}

const little = (bytes: number, value: number) =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);
const concatenated = (parts: readonly ArrayLike<number>[]) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};

/** Options for writing an archive. */
export interface ZipFileOptions {
  /** True to store all numbers in ZIP64 fields, as in archives of more than 4 GiB (default: false). */
  readonly isLong?: boolean;
  /** Bytes after the directory. */
  readonly comment?: string;
  /** Bytes before the archive. */
  readonly before?: Uint8Array;
}

/** A ZIP archive of these files. */
export function zipFile(
  files: readonly Packed[],
  { isLong = false, comment = "", before = new Uint8Array() }: ZipFileOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts: ArrayLike<number>[] = [], directory: ArrayLike<number>[] = [];
  let at = 0;
  for (const file of files) {
    const { data, method = 8, flags = 0x800, mode = 0x81a4, checksum = crc32(data) } = file;
    const name = typeof file.name === "string" ? new TextEncoder().encode(file.name) : file.name;
    const packed = method === 8 ? deflateRawSync(data) : data;
    const { size = data.length, storedSize = packed.length, offset = at } = file;
    const sizes = isLong ? [0xffffffff, 0xffffffff] : [storedSize, size];
    const extra = isLong
      ? [1, 0, 24, 0, ...little(8, size), ...little(8, storedSize), ...little(8, offset)]
      : [];
    const about = [
      ...[20, flags, method, 0, 0].flatMap((value) => little(2, value)),
      ...[checksum, ...sizes].flatMap((value) => little(4, value)),
      ...[name.length].flatMap((value) => little(2, value)),
    ];
    const local = [0x50, 0x4b, 3, 4, ...about, 0, 0, ...name];
    directory.push([0x50, 0x4b, 1, 2, 20, 3, ...about, ...little(2, extra.length), ...new Uint8Array(6)]);
    directory.push([0, 0, ...little(2, mode), ...little(4, isLong ? 0xffffffff : offset), ...name, ...extra]);
    parts.push(local, packed);
    at += local.length + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end64 = [
    ...[0x50, 0x4b, 6, 6, ...little(8, 44), 45, 0, 45, 0, ...new Uint8Array(8)],
    ...[files.length, files.length, size, at].flatMap((value) => little(8, value)),
    ...[0x50, 0x4b, 6, 7, 0, 0, 0, 0, ...little(8, at + size), 1, 0, 0, 0],
  ];
  const end = [
    ...[0x50, 0x4b, 5, 6, 0, 0, 0, 0],
    ...(isLong ? [0xffff, 0xffff] : [files.length, files.length]).flatMap((value) => little(2, value)),
    ...(isLong ? [0xffffffff, 0xffffffff] : [size, at]).flatMap((value) => little(4, value)),
    ...little(2, comment.length),
    ...new TextEncoder().encode(comment),
  ];
  return concatenated([before, ...parts, ...directory, ...(isLong ? [end64] : []), end]);
}
