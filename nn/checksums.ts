/**
 * Checksums of the parts of a safetensors file: groups of tensors, and texts of the metadata. They are CRC-32 in
 * hexadecimal, as a JSON object by name in the metadata entry `checksums`. Files of older versions have none.
 * @module
 */
import type { HostTensor } from "./safetensors/safetensors.ts";

/** Parts of a file to compute checksums of. */
export interface ChecksumParts {
  /** Tensors by name, in any order. */
  readonly tensors: Iterable<readonly [name: string, tensor: HostTensor]>;
  /** Returns the name of a tensor's group. */
  readonly groupOf: (name: string) => string;
  /** Texts of the metadata by name. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Computes the metadata entry `checksums` of a file. The checksum of a group covers names, element types, shapes and
 * elements of its tensors.
 */
export function computeChecksums(parts: ChecksumParts): string {
  return JSON.stringify(Object.fromEntries(checksumsOf(parts)));
}

/**
 * Compares the parts of a file with its checksums.
 * @param checksums The metadata entry `checksums`; undefined in files of older versions, which have no damage then.
 * @returns the name of a part that is damaged; undefined if all are whole.
 */
export function findDamage(parts: ChecksumParts, checksums: string | undefined): string | undefined {
  if (checksums === undefined) return undefined;
  const known = parseChecksums(checksums);
  if (!known) return "checksums";
  const computed = checksumsOf(parts);
  const isWrong = (name: string) => computed.get(name) !== known.get(name);
  return [...new Set([...computed.keys(), ...known.keys()])].find(isWrong);
}

function parseChecksums(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function checksumsOf({ tensors, groupOf, texts }: ChecksumParts): Map<string, string> {
  const sums = new Map<string, number>();
  const add = (name: string, bytes: Uint8Array) => sums.set(name, crc32(bytes, sums.get(name)));
  const encoder = new TextEncoder();
  for (const [name, text] of Object.entries(texts)) add(name, encoder.encode(text));
  // Tensors without elements may come in any order from a file.
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, { dtype, shape, data }] of sorted) {
    add(groupOf(name), encoder.encode(JSON.stringify([name, dtype, shape])));
    add(groupOf(name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return new Map([...sums].map(([name, sum]) => [name, sum.toString(16).padStart(8, "0")]));
}

/** Tables of CRC-32 (polynomial 0xedb88320): the remainders of a byte that is followed by 0 to 3 others. */
const tables: readonly Uint32Array[] = createTables();

function createTables(): Uint32Array[] {
  const last = Uint32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ byte >>> 1 : byte >>> 1;
    return byte >>> 0;
  });
  const followed = [last];
  while (followed.length < 4) {
    const before = followed.at(-1) ?? last;
    followed.push(before.map((sum) => sum >>> 8 ^ (last[sum & 255] ?? 0)));
  }
  return followed;
}

/**
 * Computes the CRC-32 of bytes, four at a time.
 * @param before CRC-32 of the bytes before them.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [a, b, c, d] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = ~before, at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    sum ^= view.getUint32(at, true);
    sum = Number(d[sum & 255]) ^ Number(c[sum >>> 8 & 255]) ^ Number(b[sum >>> 16 & 255]) ^
      Number(a[sum >>> 24]);
  }
  for (; at < bytes.length; at++) sum = sum >>> 8 ^ Number(a[(sum ^ view.getUint8(at)) & 255]);
  return ~sum >>> 0;
}
