import { Buffer } from "node:buffer";
import { Pcg32 } from "../../data/pcg32.ts";
import { type HostTensor, readSafetensors, writeSafetensors } from "../../nn/safetensors/safetensors.ts";
import { assert, assertEquals, assertGreater, assertStringIncludes, assertThrows } from "../assert.ts";

/** Builds a file with any header, valid or not, and any data. */
function fileOf(header: unknown, data: ArrayLike<number> = []): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** Builds a file with one tensor, named `tensor`. */
function fileWith(dtype: string, shape: readonly number[], stored: ArrayBufferView<ArrayBuffer>) {
  const { buffer, byteOffset, byteLength } = stored;
  const header = { tensor: { dtype, shape, data_offsets: [0, byteLength] } };
  return fileOf(header, new Uint8Array(buffer, byteOffset, byteLength));
}

function readOne(bytes: Uint8Array): HostTensor {
  const { tensors } = readSafetensors(bytes);
  assertEquals(tensors.size, 1);
  return tensors.values().next().value!;
}

function bitsOf({ data }: HostTensor): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

const floats = (shape: readonly number[], ...values: number[]): HostTensor => {
  return { shape, dtype: "float32", data: Float32Array.from(values) };
};

Deno.test("safetensors: the bytes of a written file equal those of a file built by hand", () => {
  const json = '{"__metadata__":{"format":"pt"},' +
    '"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
    '"0":{"dtype":"I32","shape":[],"data_offsets":[8,12]},' +
    '"u":{"dtype":"U32","shape":[1],"data_offsets":[12,16]}}';
  const expected = [
    ...[0xc8, 0, 0, 0, 0, 0, 0, 0],
    ...new TextEncoder().encode(json + "     "),
    ...[0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xc0],
    ...[0xfe, 0xff, 0xff, 0xff],
    ...[0xef, 0xbe, 0xad, 0xde],
  ];
  const tensors: [string, HostTensor][] = [
    ["w", floats([2, 1], 1, -2.5)],
    ["0", { shape: [], dtype: "int32", data: Int32Array.of(-2) }],
    ["u", { shape: [1], dtype: "uint32", data: Uint32Array.of(0xdeadbeef) }],
  ];
  assertEquals([...writeSafetensors(tensors, { format: "pt" })], expected);
  const read = readSafetensors(Uint8Array.from(expected));
  assertEquals([...read.tensors], tensors);
  assertEquals(read.metadata, { format: "pt" });
});

Deno.test("safetensors: the header is padded with spaces until the data are at a multiple of 8", () => {
  for (let length = 0; length < 9; length++) {
    const file = writeSafetensors([["n".repeat(length), floats([1], 7)]]);
    const end = file.length - 4;
    assertEquals(end % 8, 0);
    assertEquals(new DataView(file.buffer).getBigUint64(0, true), BigInt(end - 8));
    const header = new TextDecoder().decode(file.subarray(8, end));
    assert(/^\{.*\} {0,7}$/.test(header), header);
  }
});

Deno.test("safetensors: written tensors are read back bit for bit and in order", () => {
  const nan = new Float32Array(Uint32Array.of(0x7fc12345, 0xff800001, 0x80000000, 1, 0xff800000).buffer);
  const state = new Map<string, HostTensor>([
    ["features.0.weight", { shape: [5, 1], dtype: "float32", data: nan }],
    ["12", { shape: [2, 2], dtype: "int32", data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, -1) }],
    ["3", { shape: [3], dtype: "uint32", data: Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1) }],
    ["scalar", floats([], 0.1)],
    ["empty", floats([0])],
    ["no rows", { shape: [0, 3, 2 ** 40], dtype: "int32", data: new Int32Array() }],
    ["", floats([1, 1, 1], 1)],
    ['"quoted"\\\n\0', floats([1], 2)],
    ["ünïcödé/重み/🧠", floats([1], 3)],
    ["__proto__", floats([1], 4)],
    ["constructor", floats([1], 5)],
  ]);
  const file = writeSafetensors(state);
  const { tensors, metadata } = readSafetensors(file);
  assertEquals([...tensors.keys()], [...state.keys()]);
  assertEquals(tensors, state);
  for (const [name, tensor] of state) assertEquals(bitsOf(tensors.get(name)!), bitsOf(tensor), name);
  assertEquals(metadata, {});
  assertEquals(metadata["constructor"], undefined);
  assertEquals(writeSafetensors(tensors), file);
});

Deno.test("safetensors: a file may hold no tensors and no metadata", () => {
  const file = writeSafetensors([]);
  assertEquals(new TextDecoder().decode(file.subarray(8)), "{}      ");
  assertEquals(readSafetensors(file).tensors.size, 0);
  assertEquals(readSafetensors(fileOf({ __metadata__: {} })).metadata, {});
});

Deno.test("safetensors: metadata of any names and texts are read back", () => {
  const metadata = {
    format: "pt",
    "": "",
    "ключ 🔑": "line\nline",
    ["__proto__"]: "own",
    toJSON: "no function",
  };
  const read = readSafetensors(writeSafetensors([["w", floats([1], 1)]], metadata)).metadata;
  assertEquals(Object.entries(read), Object.entries(metadata));
});

Deno.test("safetensors: tensors need no alignment, and share no memory with the file", () => {
  const file = fileOf(
    {
      b: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
      f: { dtype: "F32", shape: [1], data_offsets: [1, 5] },
    },
    [9, 0, 0, 0x80, 0x3f],
  );
  for (const padding of [0, 1, 2, 3]) {
    const larger = new Uint8Array(file.length + padding + 5);
    larger.set(file, padding);
    for (const bytes of [larger, Buffer.from(larger.buffer), new Uint8Array(sharedCopy(larger))]) {
      const { tensors } = readSafetensors(bytes.subarray(padding, padding + file.length));
      bytes.fill(0xff);
      larger.set(file, padding);
      assertEquals(tensors.get("b"), { shape: [1], dtype: "int32", data: Int32Array.of(9) });
      assertEquals(tensors.get("f"), floats([1], 1));
      assertEquals(tensors.get("f")!.data.buffer.byteLength, 4);
    }
  }
});

function sharedCopy(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

Deno.test("safetensors: only the elements of a view are written", () => {
  const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  assertEquals(readOne(writeSafetensors([["w", { shape: [2], dtype: "float32", data }]])), floats([2], 2, 3));
});

Deno.test("safetensors: tensors may come in any order in the header, and spaces anywhere", () => {
  const header = ` {
    "z": {"data_offsets": [4, 8], "shape": [1], "dtype": "F32", "extra": 1},
    "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} }   `;
  const { tensors } = readSafetensors(fileOf(header.trimStart(), [0, 0, 0, 0, 0, 0, 0x80, 0x3f]));
  assertEquals([...tensors], [["a", floats([1], 0)], ["z", floats([1], 1)]]);
});

Deno.test("safetensors: F16 becomes the same values in float32", () => {
  const cases: [number, number][] = [
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 1365 * 2 ** -12],
    [0x3c00, 1],
    [0xc100, -2.5],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ];
  const { shape, dtype, data } = readOne(
    fileWith("F16", [12], Uint16Array.from(cases, ([bits]) => bits)),
  );
  assertEquals([shape, dtype], [[12], "float32"]);
  for (const [i, [bits, value]] of cases.entries()) assert(Object.is(data[i], value), `${bits}: ${data[i]}`);
});

Deno.test("safetensors: BF16 becomes the same values in float32", () => {
  const bits = [0x0000, 0x8000, 0x0001, 0x807f, 0x0080, 0x3f80, 0xc020, 0x7f7f, 0x7f80, 0xff80, 0x7fc1];
  const tensor = readOne(fileWith("BF16", [11], Uint16Array.from(bits)));
  assertEquals(tensor.dtype, "float32");
  assertEquals([...bitsOf(tensor)], bits.map((upper) => upper * 2 ** 16));
  const values = [
    0,
    -0,
    2 ** -133,
    -127 * 2 ** -133,
    2 ** -126,
    1,
    -2.5,
    255 * 2 ** 120,
    Infinity,
    -Infinity,
    NaN,
  ];
  for (const [i, value] of values.entries()) {
    assert(Object.is(tensor.data[i], value), `${i}: ${tensor.data[i]}`);
  }
});

Deno.test("safetensors: F64 becomes the nearest float32, and values beyond float32 are refused", () => {
  const values = [0, -0, 0.1, 1 + 2 ** -30, 2 ** -149, 2 ** -1074, -1e38, Infinity, -Infinity, NaN];
  const { dtype, data } = readOne(fileWith("F64", [2, 5], Float64Array.from(values)));
  assertEquals(dtype, "float32");
  for (const [i, value] of values.entries()) {
    assert(Object.is(data[i], Math.fround(value)), `${i}: ${data[i]}`);
  }
  const error = assertThrows(
    () => readSafetensors(fileWith("F64", [2], Float64Array.of(1, -1e39)), { source: "some-file" }),
    RangeError,
  );
  assertEquals(
    error.message,
    'Cannot read some-file: tensor "tensor" must fit float32, but element 1 is -1e+39',
  );
});

Deno.test("safetensors: I64 becomes int32, and values beyond int32 are refused", () => {
  const values = [0n, -1n, 2n ** 31n - 1n, -(2n ** 31n), 1234n];
  const read = readOne(fileWith("I64", [5], BigInt64Array.from(values)));
  assertEquals(read, { shape: [5], dtype: "int32", data: Int32Array.from(values, Number) });
  assertEquals(readOne(fileWith("I64", [], BigInt64Array.of(7n))).shape, []);
  for (
    const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 32n - 1n, 2n ** 63n - 1n, -(2n ** 63n)]
  ) {
    const error = assertThrows(
      () => readSafetensors(fileWith("I64", [3], BigInt64Array.of(0n, 1n, value)), { source: "some-file" }),
      RangeError,
    );
    assertEquals(
      error.message,
      `Cannot read some-file: tensor "tensor" must fit int32, but element 2 is ${value}`,
    );
  }
});

Deno.test("safetensors: small integers and truth values become int32", () => {
  const cases: [string, ArrayBufferView<ArrayBuffer>, number[]][] = [
    ["I8", Int8Array.of(-128, 127, -1), [-128, 127, -1]],
    ["U8", Uint8Array.of(0, 128, 255), [0, 128, 255]],
    ["I16", Int16Array.of(-32768, 32767, -1), [-32768, 32767, -1]],
    ["U16", Uint16Array.of(0, 32768, 65535), [0, 32768, 65535]],
    ["BOOL", Uint8Array.of(0, 1, 2), [0, 1, 1]],
  ];
  for (const [dtype, stored, values] of cases) {
    const expected = { shape: [3], dtype: "int32", data: Int32Array.from(values) } as const;
    assertEquals(readOne(fileWith(dtype, [3], stored)), expected, dtype);
  }
});

Deno.test("safetensors: a file written from PyTorch is read", async () => {
  const bytes = await Deno.readFile(new URL("../vectors/costs.safetensors", import.meta.url));
  const { tensors } = readSafetensors(bytes, { source: "costs.safetensors" });
  const student = tensors.get("student1")!;
  assertEquals([student.shape, student.dtype, student.data.length], [[9, 6], "float32", 54]);
  assert(student.data.every((logit) => Number.isFinite(logit)) && student.data.some((logit) => logit !== 0));
  const labels = tensors.get("labels")!;
  assertEquals([labels.shape, labels.dtype], [[9], "int32"]);
  assert(labels.data.every((label) => label >= -1 && label < 6) && labels.data.includes(-1));
  assertEquals(tensors.get("softmax_mse.grad0")!.shape, [9, 6]);
  assertEquals(readSafetensors(writeSafetensors(tensors)).tensors, tensors);
});

Deno.test("safetensors: headers padded with NUL or spaces, and metadata of null, are read", () => {
  const tensor = '"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  for (const end of ["}\0", "}\0\0\0\0\0\0\0", "}  \0\0", "}       ", "}\n\n"]) {
    for (const metadata of ["", '"__metadata__":null,', '"__metadata__":{},']) {
      const { tensors, metadata: texts } = readSafetensors(
        fileOf(`{${metadata}${tensor}${end}`, [0, 0, 0x80, 0x3f]),
      );
      assertEquals([...tensors], [["w", floats([1], 1)]]);
      assertEquals(Object.keys(texts), []);
    }
  }
});

/** First bytes of files of other formats, as Latin-1, and parts of the expected message. */
const others: readonly (readonly [start: string, ...words: string[]])[] = [
  [
    "PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x11\0\x05\0resnet18/data.pklFB",
    "a ZIP archive written by torch.save",
    '`safetensors.torch.save_file(torch.load("net.pth", map_location="cpu"), "net.safetensors")`',
  ],
  [
    `PK\x03\x04${"\0".repeat(26)}archive/.format_version`,
    "written by torch.save",
    "import torch, safetensors.torch",
  ],
  [
    `PK\x03\x04${"\0".repeat(26)}fc.weight.npy`,
    "of NumPy arrays (.npz)",
    "safetensors.numpy.save_file(dict(",
  ],
  [`PK\x03\x04${"\0".repeat(26)}metadata.json`, "a ZIP archive, such as torch.save and Keras write"],
  ["\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "a pickle", "torch.load("],
  ["\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94", "a pickle"],
  ["(dp0\nVa\np1\nI1", "a pickle"],
  ["version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "a Git LFS pointer", "`git lfs pull`"],
  ["\x89HDF\r\n\x1a\n\0\0\0\0\0", "an HDF5 file, such as Keras writes"],
  ["GGUF\x03\0\0\0\x23\x01", "a GGUF file of a language model"],
  ["\x93NUMPY\x01\0v\0{'descr'", "a NumPy array"],
  ["\x08\x07\x12\x07pytorch", "an ONNX file"],
  ["\x1f\x8b\x08\0\0\0\0\0\x02\xff", "a compressed file", "Decompress the file"],
  ["\x89PNG\r\n\x1a\n\0", "a picture", "Pass the model first"],
  ["<!DOCTYPE html>\n<html>", "a web page"],
  ['\xef\xbb\xbf\r\n<?xml version="1.0"?>', "a web page"],
  ['{"error": "Repository not found"}', "JSON, such as an index"],
  ['{\n  "metadata": {}, "weight_map"', "JSON, such as an index"],
  ["Entry not found", 'a text that begins with "Entry not found"'],
  ["Invalid username or password.\r\n", 'a text that begins with "Invalid username or password."'],
];

Deno.test("safetensors: a file of another format is refused, naming the format and a remedy", () => {
  for (const [start, ...words] of others) {
    const file = Uint8Array.from(start, (letter) => letter.charCodeAt(0));
    const error = assertThrows(() => readSafetensors(file, { source: "some/net.pth" }), SyntaxError);
    const begin = "Cannot read some/net.pth: the file must be safetensors, but it is ";
    for (const word of [begin, ...words]) assertStringIncludes(error.message, word);
    assert(!error.message.includes("\n") && error.message.length < 400, error.message);
  }
});

Deno.test("safetensors: a header whose length looks like another format is read", () => {
  // Lengths whose bytes are those of a pickle, gzip and a protocol buffer.
  for (const length of [0x0280, 0x088b1f, 0x0708]) {
    const start = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const file = fileOf(`${start}${" ".repeat(length - start.length - 1)}}`, FOUR);
    assertEquals([...readSafetensors(file).tensors], [["w", floats([1], 0)]]);
    if (length === 0x0280) {
      assertThrows(
        () => readSafetensors(file.subarray(0, 100)),
        SyntaxError,
        "the header must end at byte 648",
      );
    }
  }
});

const w = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
const FOUR = [0, 0, 0, 0];
const EIGHT = [...FOUR, ...FOUR];

/** Builds a file that states a header length of `length`. */
function withLength(length: bigint): Uint8Array {
  const file = fileOf({ w }, FOUR);
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
}

const malformed: readonly (readonly [file: Uint8Array, ...words: string[]])[] = [
  [new Uint8Array(), "must start with 8 bytes of header length, but it has 0 bytes"],
  [new Uint8Array(7), "it has 7 bytes"],
  [new Uint8Array(8), "header must start with {"],
  [withLength(2n ** 64n - 1n), "at most 25000000 bytes, but its length is 18446744073709551615"],
  [withLength(25_000_001n), "at most 25000000 bytes, but its length is 25000001"],
  [withLength(25_000_000n), "header must end at byte 25000008, but the file has 66 bytes"],
  [withLength(59n), "header must end at byte 67"],
  [withLength(58n), 'tensor "w" must lie in the 0 bytes of data'],
  [withLength(53n), "must be JSON"],
  [fileOf(""), "must start with {"],
  [fileOf("[]"), "must start with {"],
  [fileOf("null"), "must start with {"],
  [fileOf(" {}"), "must start with {"],
  [fileOf("\ufeff{}"), "must start with {"],
  [fileOf("{} {}"), "must be JSON in UTF-8"],
  [fileOf("{'w': 1}"), "must be JSON in UTF-8"],
  [fileOf('{"w":'.repeat(100_000)), "must be JSON in UTF-8"],
  [new Uint8Array([5, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22, 0x7d]), "must be JSON in UTF-8"],
  [fileOf({ __metadata__: [] }), "__metadata__ must be an object, but it is []"],
  [fileOf({ __metadata__: { epoch: 3 } }), 'metadata must be strings, but "epoch" is 3'],
  [fileOf({ __metadata__: { a: { b: "c" } } }), '"a" is an object'],
  [fileOf({ w: 1 }), 'tensor "w" must be described by an object, but its description is 1'],
  [fileOf({ w: null }), "its description is null"],
  [fileOf({ w: [0, 4] }), "its description is [0, 4]"],
  [fileOf('{"__proto__": 1}'), 'tensor "__proto__" must be described by an object'],
  [fileOf(`{"w": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`), "its description is [an array]"],
  [fileOf({ w: {} }), 'tensor "w" must have one of the dtypes F32, I32, U32', "its dtype is absent"],
  [fileOf({ w: { ...w, dtype: "F8_E4M3" } }, FOUR), 'its dtype is "F8_E4M3"'],
  [fileOf({ w: { ...w, dtype: "f32" } }, FOUR), 'its dtype is "f32"'],
  [fileOf({ w: { ...w, dtype: "constructor" } }, FOUR), 'its dtype is "constructor"'],
  [fileOf({ w: { ...w, dtype: ["F32"] } }, FOUR), 'its dtype is ["F32"]'],
  [
    fileOf({ w: { ...w, shape: undefined } }, FOUR),
    'tensor "w" must have a shape of whole numbers ≥ 0',
    "its shape is absent",
  ],
  [fileOf({ w: { ...w, shape: 1 } }, FOUR), "its shape is 1"],
  [fileOf({ w: { ...w, shape: [1.5] } }, FOUR), "its shape is [1.5]"],
  [fileOf({ w: { ...w, shape: [-1] } }, FOUR), "its shape is [-1]"],
  [fileOf({ w: { ...w, shape: [-1, -1] } }, FOUR), "its shape is [-1, -1]"],
  [fileOf({ w: { ...w, shape: ["1"] } }, FOUR), 'its shape is ["1"]'],
  [fileOf({ w: { ...w, shape: [null] } }, FOUR), "its shape is [null]"],
  [fileOf({ w: { ...w, shape: [2 ** 53] } }, FOUR), "its shape is [9007199254740992]"],
  [fileOf('{"w":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', FOUR), "its shape is [Infinity]"],
  [fileOf({ w: { ...w, shape: [2 ** 50, 2 ** 50] } }, FOUR), 'tensor "w" must take', "[1125899906842624, "],
  [fileOf({ w: { ...w, shape: [2 ** 32, 2 ** 32] } }, FOUR), "it takes 4"],
  [fileOf({ w: { ...w, shape: new Array(50).fill(2 ** 52) } }, FOUR), "must take Infinity bytes", ", …]"],
  [
    fileOf({ w: { ...w, data_offsets: undefined } }, FOUR),
    "data_offsets of two whole numbers ≥ 0",
    "its data_offsets are absent",
  ],
  [fileOf({ w: { ...w, data_offsets: [0] } }, FOUR), "its data_offsets are [0]"],
  [fileOf({ w: { ...w, data_offsets: [0, 4, 4] } }, FOUR), "its data_offsets are [0, 4, 4]"],
  [fileOf({ w: { ...w, data_offsets: ["0", "4"] } }, FOUR), 'its data_offsets are ["0", "4"]'],
  [fileOf({ w: { ...w, data_offsets: [0.5, 4.5] } }, EIGHT), "its data_offsets are [0.5, 4.5]"],
  [fileOf({ w: { ...w, data_offsets: [-4, 0] } }, FOUR), "its data_offsets are [-4, 0]"],
  [
    fileOf({ w: { ...w, data_offsets: [4, 0] } }, FOUR),
    "lie in the 4 bytes of data",
    "data_offsets are [4, 0]",
  ],
  [fileOf({ w }, [0, 0, 0]), 'tensor "w" must lie in the 3 bytes of data, but its data_offsets are [0, 4]'],
  [fileOf({ w: { ...w, data_offsets: [4, 8] } }, FOUR), "lie in the 4 bytes of data"],
  [fileOf({ w: { ...w, data_offsets: [0, 8] } }, EIGHT), "take 4 bytes as F32 of shape [1], but it takes 8"],
  [fileOf({ w: { ...w, shape: [3] } }, FOUR), "take 12 bytes as F32 of shape [3], but it takes 4"],
  [fileOf({ w: { ...w, dtype: "I64" } }, FOUR), "take 8 bytes as I64"],
  [fileOf({ w: { ...w, shape: [0] } }, FOUR), "take 0 bytes"],
  [fileOf({ w }, EIGHT), "without gaps and overlaps, but the tensors end at byte 4 and the data at 8"],
  [fileOf({}, FOUR), "the tensors end at byte 0 and the data at 4"],
  [
    fileOf({ w: { ...w, data_offsets: [4, 8] } }, EIGHT),
    '"w" begins at byte 4 and the data before it end at 0',
  ],
  [fileOf({ w, v: w }, FOUR), '"v" begins at byte 0 and the data before it end at 4'],
  [
    fileOf({ w: { ...w, shape: [2], data_offsets: [0, 8] }, v: { ...w, data_offsets: [4, 8] } }, EIGHT),
    '"v" begins at byte 4 and the data before it end at 8',
  ],
  [
    fileOf(
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
        '"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      EIGHT,
    ),
    '"w" begins at byte 4',
  ],
  [fileOf({ ["n".repeat(1000)]: 1 }), `tensor "${"n".repeat(100)}…" must`],
];

Deno.test("safetensors: a malformed file is refused, naming the file and the fault", () => {
  for (const [file, ...words] of malformed) {
    const error = assertThrows(() => readSafetensors(file, { source: "some-file" }), SyntaxError, words[0]);
    for (const word of words) assertStringIncludes(error.message, word);
    assert(error.message.startsWith("Cannot read some-file: "), error.message);
    assert(!error.message.includes("\n") && error.message.length < 400, error.message);
  }
  assertThrows(() => readSafetensors(new Uint8Array()), SyntaxError, "Cannot read safetensors data: ");
});

Deno.test("safetensors: a truncated file is refused, at any length", () => {
  const file = writeSafetensors([["w", floats([3], 1, 2, 3)], ["empty", floats([0])]], { a: "b" });
  for (let length = 0; length < file.length; length++) {
    assertThrows(() => readSafetensors(file.subarray(0, length)), SyntaxError);
  }
});

Deno.test("safetensors: a randomly damaged file is read or refused with a documented error (seed 20)", () => {
  const rng = new Pcg32(20, 0);
  const original = fileOf({
    __metadata__: { format: "pt" },
    a: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] },
    b: { dtype: "I64", shape: [], data_offsets: [8, 16] },
    c: { dtype: "BF16", shape: [3], data_offsets: [16, 22] },
    d: { dtype: "F64", shape: [1], data_offsets: [22, 30] },
    e: { dtype: "F16", shape: [0], data_offsets: [30, 30] },
  }, new Uint8Array(30));
  const outcomes = { read: 0, SyntaxError: 0, RangeError: 0 };
  for (let round = 0; round < 20_000; round++) {
    const damaged = original.slice(0, rng.below(4) === 0 ? rng.below(original.length + 1) : original.length);
    for (let flips = rng.below(4); flips >= 0 && damaged.length > 0; flips--) {
      damaged[rng.below(damaged.length)] = flips % 2 === 0 ? rng.below(256) : 0x30 + rng.below(10);
    }
    try {
      for (const { shape, data } of readSafetensors(damaged).tensors.values()) {
        assertEquals(data.length, shape.reduce((product, size) => product * size, 1));
      }
      outcomes.read++;
    } catch (error) {
      const kind = error instanceof Error ? error.constructor.name : String(error);
      assert(kind === "SyntaxError" || kind === "RangeError", `round ${round}: ${error}`);
      outcomes[kind]++;
    }
  }
  for (const count of Object.values(outcomes)) assertGreater(count, 50, JSON.stringify(outcomes));
});

Deno.test("safetensors: tensors that cannot be written are refused, naming them", () => {
  const one = floats([1], 1);
  const cases: [[string, HostTensor][], typeof RangeError | typeof TypeError, string][] = [
    [[["w", one], ["w", one]], RangeError, 'tensor "w": names must be unique, but this name occurs twice'],
    [[["__metadata__", one]], RangeError, "the name is reserved for metadata"],
    [[["\ud800", one]], RangeError, "the name must be Unicode"],
    [
      [["w", floats([2], 1)]],
      RangeError,
      'tensor "w": shape [2] must match the elements, but there are 1 elements',
    ],
    [[["w", floats([], 1, 2)]], RangeError, "shape [] must match"],
    [[["w", floats([0], 1)]], RangeError, "shape [0] must match"],
    [[["w", floats([-1, -1], 1)]], RangeError, "shape [-1, -1] must match"],
    [[["w", floats([0.5, 2], 1)]], RangeError, "shape [0.5, 2] must match"],
    [[["w", { ...one, dtype: "int32" }]], TypeError, "its dtype is int32, but its data are a Float32Array"],
    [[["w", { ...one, dtype: "constructor" as "int32" }]], TypeError, "its dtype is constructor, but"],
    [
      [["w", { ...one, data: Float64Array.of(1) as unknown as HostTensor["data"] }]],
      TypeError,
      "its data are a Float64Array",
    ],
  ];
  for (const [tensors, kind, message] of cases) {
    const error = assertThrows(() => writeSafetensors(tensors), kind, message);
    assert(error.message.startsWith("Cannot write tensor "), error.message);
  }
});

Deno.test("safetensors: metadata that cannot be written are refused, naming them", () => {
  const write = (metadata: Record<string, unknown>) => () =>
    writeSafetensors([], metadata as Record<string, string>);
  assertThrows(
    write({ epoch: 3 }),
    TypeError,
    'Cannot write metadata "epoch": the value must be a string, but it is 3',
  );
  assertThrows(write({ epoch: undefined }), TypeError, "but it is absent");
  assertThrows(write({ epoch: "\udc00" }), RangeError, 'metadata "epoch": texts must be Unicode');
  assertThrows(write({ "\udc00": "" }), RangeError, "half a surrogate pair");
});
