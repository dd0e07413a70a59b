/**
 * Encoding of protocol buffers (https://protobuf.dev/programming-guides/encoding/), as far as ONNX needs it.
 * This file is our own because browsers load it, and it is shorter than the declarations of a package.
 * @module
 */

/** Encoded fields: chunks in order. Large tensors stay chunks of their own, so that they are copied once. */
export type Encoded = readonly Uint8Array[];

/** Encodes a whole number; negative numbers as 64-bit two's complement. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** Returns the tag of a field. @param wireType 0 = varint, 2 = bytes with their length, 5 = 32 bits. */
function tag(field: number, wireType: 0 | 2 | 5): number[] {
  return varint(field << 3 | wireType);
}

/** Encodes a field of type int32, int64 or enum. */
export function encodeInteger(field: number, value: number): Encoded {
  return [Uint8Array.from([...tag(field, 0), ...varint(value)])];
}

/** Encodes a field of type float. */
export function encodeFloat(field: number, value: number): Encoded {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [Uint8Array.from(tag(field, 5)), bytes];
}

/** Encodes a field of type bytes or string. */
export function encodeBytes(field: number, value: Uint8Array | string): Encoded {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return [Uint8Array.from([...tag(field, 2), ...varint(bytes.length)]), bytes];
}

/** Encodes a field that is a message, from the fields of the message. */
export function encodeMessage(field: number, fields: readonly Encoded[]): Encoded {
  const chunks = fields.flat();
  return [Uint8Array.from([...tag(field, 2), ...varint(lengthOf(chunks))]), ...chunks];
}

/** Joins the fields of the outermost message to its bytes. */
export function joinFields(fields: readonly Encoded[]): Uint8Array<ArrayBuffer> {
  const chunks = fields.flat(), bytes = new Uint8Array(lengthOf(chunks));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

function lengthOf(chunks: Encoded): number {
  return chunks.reduce((length, chunk) => length + chunk.length, 0);
}
