/**
 * Events of TensorBoard as bytes: messages of `tensorflow/core/util/event.proto` and `framework/summary.proto`,
 * in records of TFRecord with masked CRC-32C.
 * @module
 */
import { BinaryWriter } from "npm:@bufbuild/protobuf@2.17.0/wire";
import crc32c from "npm:crc-32@1.2.2/crc32c.js";

/** Types of values of `framework/types.proto`. */
const DT_DOUBLE = 2, DT_STRING = 7;

/** Wire types of protocol buffers. */
const VARINT = 0, FIXED64 = 1, BYTES = 2;

/** Classes of data in `SummaryMetadata.data_class`. */
const DATA_CLASS_SCALAR = 1, DATA_CLASS_TENSOR = 2;

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

/** Returns the event of scalars, as float64, so that none is rounded. */
export function scalarsEvent(
  time: number,
  step: number,
  values: ReadonlyMap<string, number | boolean>,
): Uint8Array {
  return summaryEvent(time, step, (summary) => {
    for (const [tag, value] of values) {
      field(summary, 1, (entry) => {
        text(entry, 1, tag);
        field(entry, 8, (tensor) => {
          integer(tensor, 1, DT_DOUBLE);
          field(tensor, 2, () => {}); // The shape of a scalar.
          tensor.tag(6, BYTES).fork().double(Number(value)).join();
        });
        metadata(entry, { plugin: "scalars", dataClass: DATA_CLASS_SCALAR });
      });
    }
  });
}

/** Returns the event of an image. */
export function imageEvent(time: number, step: number, tag: string, image: PngImage): Uint8Array {
  return summaryEvent(time, step, (summary) =>
    field(summary, 1, (entry) => {
      text(entry, 1, tag);
      field(entry, 4, (message) => {
        integer(message, 1, image.height);
        integer(message, 2, image.width);
        integer(message, 3, 3); // Red, green and blue.
        message.tag(4, BYTES).bytes(image.bytes);
      });
      field(entry, 9, (data) => text(data, 3, image.description));
    }));
}

/** Returns the event of a text in Markdown. */
export function textEvent(time: number, step: number, tag: string, value: string): Uint8Array {
  return summaryEvent(time, step, (summary) =>
    field(summary, 1, (entry) => {
      text(entry, 1, tag);
      field(entry, 8, (tensor) => {
        integer(tensor, 1, DT_STRING);
        field(tensor, 2, () => {});
        text(tensor, 8, value);
      });
      metadata(entry, { plugin: "text", dataClass: DATA_CLASS_TENSOR });
    }));
}

function summaryEvent(time: number, step: number, message: Message): Uint8Array {
  return eventOf(time, step, (event) => field(event, 5, message));
}

function metadata(
  entry: BinaryWriter,
  { plugin, dataClass }: { readonly plugin: string; readonly dataClass: number },
): void {
  field(entry, 9, (data) => {
    field(data, 1, (pluginData) => text(pluginData, 1, plugin));
    integer(data, 4, dataClass);
  });
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
