/**
 * Events of TensorBoard as bytes: messages of `tensorflow/core/util/event.proto` and `framework/summary.proto`,
 * in records of TFRecord with masked CRC-32C.
 * @module
 */
import { BinaryWriter } from "npm:@bufbuild/protobuf@2.17.0/wire";
import crc32c from "npm:crc-32@1.2.2/crc32c.js";

/** Type of texts and bytes in `framework/types.proto`. */
const DT_STRING = 7;

/** Wire types of protocol buffers. */
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

/** Classes of data in `SummaryMetadata.data_class`. */
const DATA_CLASS_TENSOR = 2, DATA_CLASS_BLOB_SEQUENCE = 3;

/** A PNG image with its size. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  /** Description under the image, in Markdown. */
  readonly description: string;
}

/** A message that is written into a field of another one. */
type Message = (writer: BinaryWriter) => void;

function field(writer: BinaryWriter, number: number, message: Message): void {
  writer.tag(number, BYTES).fork();
  message(writer);
  writer.join();
}

function text(writer: BinaryWriter, number: number, value: string): void {
  writer.tag(number, BYTES).string(value);
}

function integer(writer: BinaryWriter, number: number, value: number): void {
  writer.tag(number, VARINT).int64(value);
}

/** Returns an event. @param time Seconds since 1970. @param step The step; none in the first event of a file. */
function eventOf(time: number, step: number | undefined, message: Message): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, FIXED64).double(time);
  if (step !== undefined) integer(writer, 2, step);
  message(writer);
  return framed(writer.finish());
}

/** Returns the first event of a file, with the version of the format. */
export function versionEvent(time: number): Uint8Array {
  return eventOf(time, undefined, (event) => text(event, 3, "brain.Event:2"));
}

/**
 * Returns the event of a start. TensorBoard drops what other files have from this step on, which a resumed run
 * repeats, and nothing before.
 */
export function startEvent(time: number, firstStep: number): Uint8Array {
  return eventOf(time, firstStep, (event) => field(event, 7, (session) => integer(session, 1, 1)));
}

/**
 * Returns the event of scalars. They are float32: the field of float64 exists in the format, but TensorBoard's fast loader
 * shows no curve of it.
 */
export function scalarsEvent(
  time: number,
  step: number,
  values: ReadonlyMap<string, number | boolean>,
): Uint8Array {
  return summaryEvent(time, step, (summary) => {
    for (const [tag, value] of values) {
      field(summary, 1, (entry) => {
        text(entry, 1, tag);
        entry.tag(2, FIXED32).float(Math.fround(Number(value)));
      });
    }
  });
}

/** Returns the event of an image. */
export function imageEvent(
  time: number,
  step: number,
  tag: string,
  { width, height, bytes, description }: PngImage,
): Uint8Array {
  const encode = (value: number) => new TextEncoder().encode(`${value}`);
  return blobsEvent(time, step, tag, [encode(width), encode(height), bytes], {
    plugin: "images",
    dataClass: DATA_CLASS_BLOB_SEQUENCE,
    description,
  });
}

/** Returns the event of a text in Markdown. */
export function textEvent(time: number, step: number, tag: string, value: string): Uint8Array {
  const kind = { plugin: "text", dataClass: DATA_CLASS_TENSOR, description: "" };
  return blobsEvent(time, step, tag, [new TextEncoder().encode(value)], kind);
}

/** Plugin of TensorBoard that shows values, and their class and description. */
interface ValueKind {
  readonly plugin: string;
  readonly dataClass: number;
  readonly description: string;
}

/** Returns the event of a vector of texts or bytes. */
function blobsEvent(
  time: number,
  step: number,
  tag: string,
  blobs: readonly Uint8Array[],
  { plugin, dataClass, description }: ValueKind,
): Uint8Array {
  return summaryEvent(time, step, (summary) =>
    field(summary, 1, (entry) => {
      text(entry, 1, tag);
      field(entry, 8, (tensor) => {
        integer(tensor, 1, DT_STRING);
        field(tensor, 2, (shape) => field(shape, 2, (size) => integer(size, 1, blobs.length)));
        for (const blob of blobs) tensor.tag(8, BYTES).bytes(blob);
      });
      field(entry, 9, (metadata) => {
        field(metadata, 1, (data) => text(data, 1, plugin));
        text(metadata, 3, description);
        integer(metadata, 4, dataClass);
      });
    }));
}

function summaryEvent(time: number, step: number, message: Message): Uint8Array {
  return eventOf(time, step, (event) => field(event, 5, message));
}

/** Returns a record of TFRecord: length, its checksum, the bytes, and their checksum. */
function framed(bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + bytes.length), view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(bytes, 12);
  view.setUint32(12 + bytes.length, maskedChecksum(bytes), true);
  return record;
}

/** Returns the CRC-32C, rotated right by 15 bits plus a constant, as a checksum of checksums would be weak. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c.buf(bytes) >>> 0;
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
