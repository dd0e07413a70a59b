/** Model files: a written model is read back, and a file that is not a model is refused, naming the file. */
import {
  type HostTensor,
  type ModelContents,
  readModel,
  readSafetensors,
  writeModel,
  writeSafetensors,
} from "../../nn/mod.ts";
import { readSource, toUrl } from "../../nn/model_source.ts";
import { crc32 } from "../../nn/checksums.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";

const floats = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(data),
});

const plain: ModelContents = {
  architecture: "convnet13",
  headCount: 2,
  classes: ["Zwölf", 'a "b"'],
  imageShape: [3, 12, 16],
  randomResizedCrop: 12,
  normalize: "channel",
  channelStatistics: { mean: [0.1, 0.2, 1 / 3], standardDeviation: [0.25, 1e-3, 1] },
  temperature: 1.25,
  about: { network: "teacher", note: "" },
  weights: new Map([["heads.0.weight", floats([2, 2], 1, -2, 1e-38, 4)], ["whitening", floats([], 0.1)]]),
};

const whitened: ModelContents = {
  ...plain,
  imageShape: [1, 1, 2],
  channelStatistics: { mean: [0], standardDeviation: [1] },
  normalize: "gcn-zca",
  whitening: { mean: Float32Array.of(3, 4), matrix: Float32Array.of(1, 0.5, 0.5, 2) },
};

Deno.test("a written model is read back unchanged, with and without whitening", () => {
  assertEquals(readModel(writeModel(plain)), plain);
  assertEquals(readModel(writeModel(whitened)), whitened);
  assertEquals(readModel(writeModel({ ...plain, randomResizedCrop: null })).randomResizedCrop, null);
});

Deno.test("a model file is a state dict, and its metadata say the format", () => {
  const { tensors, metadata } = readSafetensors(writeModel(plain));
  assertEquals([...tensors], [...plain.weights]);
  assertEquals(metadata["format"], "mean-teacher model 1");
  assertEquals(JSON.parse(metadata["model"]!).classes, plain.classes);
});

/** As older versions wrote it: without checksums, so that its parts can be changed. */
const { tensors, metadata: { checksums: _, ...metadata } } = readSafetensors(writeModel(plain));
const whole = { tensors, metadata };
const description = JSON.parse(whole.metadata["model"]!);

function refuses(bytes: Uint8Array, state: string): void {
  const error = assertThrows(() => readModel(bytes, "runs/model.safetensors"), SyntaxError, state);
  assertEquals(error.constructor, SyntaxError);
  assert(error.message.startsWith("Cannot read runs/model.safetensors: "), error.message);
}

Deno.test("other safetensors files are refused, naming their format and newer versions", () => {
  const as = (format: string) => writeSafetensors(whole.tensors, { ...whole.metadata, format });
  refuses(writeSafetensors(whole.tensors), "it is a safetensors file, but not a model");
  refuses(as("pt"), 'it must be a model, but its format is "pt"');
  refuses(as("mean-teacher checkpoint 1"), 'its format is "mean-teacher checkpoint 1"');
  refuses(
    as("mean-teacher model 2"),
    'its format is "mean-teacher model 2", but this version reads only "mean-teacher model 1". Use a newer version',
  );
});

Deno.test("a model's description must be a JSON object", () => {
  const as = (model: string) => writeSafetensors(whole.tensors, { ...whole.metadata, model });
  refuses(
    writeSafetensors(whole.tensors, { format: whole.metadata["format"]! }),
    "`model` must be a JSON object, but it is not JSON",
  );
  for (const text of ["", "{", whole.metadata["model"]!.slice(0, -1)]) refuses(as(text), "is not JSON");
  for (const text of ["null", "3", '"a"']) refuses(as(text), "is not an object");
});

const damages: Readonly<Record<string, readonly [changes: Record<string, unknown>, fault: string]>> = {
  ...Object.fromEntries(
    Object.keys(description).flatMap((name) => [
      [`no ${name}`, [{ [name]: undefined }, "must"]],
      ...(name === "randomResizedCrop" ? [] : [[`null for ${name}`, [{ [name]: null }, "must"]]]),
    ]),
  ),
  "a custom network with a number of heads": [{ architecture: null }, "headCount must be null, but it is 2"],
  "three heads": [{ headCount: 3 }, "headCount must be 1 or 2, but it is 3"],
  "one class": [{ classes: ["a"] }, 'at least two names, but it is ["a"]'],
  "classes without names": [{ classes: [1, 2] }, "classes must be"],
  "an image shape of two axes": [{ imageShape: [12, 16] }, "imageShape must be"],
  "images without pixels": [{ imageShape: [3, 0, 16] }, "imageShape must be"],
  "images of 400 million pixels": [
    { imageShape: [3, 20_000, 20_000] },
    "of at most 16777216 values, but it is",
  ],
  "images of more bytes than numbers hold": [{ imageShape: [3, 2 ** 50, 2 ** 50] }, "imageShape must be"],
  "a crop of 400 million pixels": [{ randomResizedCrop: 20_000 }, "randomResizedCrop must be"],
  "half a crop": [{ randomResizedCrop: 0.5 }, "randomResizedCrop must be"],
  "another normalisation": [{ normalize: "none" }, "normalize must be"],
  "statistics of one channel": [
    { channelStatistics: { mean: [0], standardDeviation: [1] } },
    "channelStatistics must have",
  ],
  "a deviation of 0": [
    { channelStatistics: { mean: [0, 0, 0], standardDeviation: [1, 1, 0] } },
    "channelStatistics must have",
  ],
  "a temperature of 0": [{ temperature: 0 }, "temperature must be above 0, but it is 0"],
  "a number in about": [{ about: { step: 3 } }, "about must map names to texts"],
  "whitened images without a whitening": [
    { normalize: "gcn-zca" },
    'normalize is "gcn-zca", but the whitening is missing',
  ],
};
for (const [what, [changes, fault]] of Object.entries(damages)) {
  Deno.test(`a model whose description has ${what} is refused, and not written`, () => {
    const model = JSON.stringify({ ...description, ...changes });
    refuses(writeSafetensors(whole.tensors, { ...whole.metadata, model }), fault);
    assertThrows(() => writeModel({ ...plain, ...changes } as ModelContents), RangeError, fault);
  });
}

Deno.test("a description of a million levels, or with very long texts, is refused in few words", () => {
  const nested = `${"[".repeat(1e6)}${"]".repeat(1e6)}`, long = JSON.stringify("x".repeat(1e6));
  for (const value of [nested, long, `{"a":${nested}}`]) {
    for (const name of ["classes", "imageShape", "about"]) {
      const text = JSON.stringify({ ...description, [name]: "VALUE" }).replace('"VALUE"', value);
      const bytes = writeSafetensors(whole.tensors, { ...whole.metadata, model: text });
      const error = assertThrows(() => readModel(bytes, "m"), SyntaxError, `${name} must`);
      assert(error.message.length < 400, `${error.message.length} characters`);
    }
  }
});

Deno.test("a whitening of other images, or without need, is refused", () => {
  const whitening = { mean: Float32Array.of(3), matrix: Float32Array.of(1) };
  assertThrows(
    () => writeModel({ ...whitened, whitening }),
    RangeError,
    "the whitening must fit images of [1, 1, 2], but its mean has 1 values and its matrix 1",
  );
  assertThrows(
    () => writeModel({ ...plain, whitening }),
    RangeError,
    'normalize is "channel", but there is a whitening',
  );
});

Deno.test("a truncated model is refused, at any length", () => {
  const bytes = writeModel(plain);
  for (let length = 0; length < bytes.length; length += length < 20 ? 1 : 37) {
    refuses(bytes.subarray(0, length), "");
  }
  refuses(new TextEncoder().encode("<html>not found</html>"), "");
});

Deno.test("a path is a file below the working directory, with its letters escaped; in browsers it is unchanged", () => {
  assertEquals(toUrl("runs/a b#1?/100%.x", "/home/me"), "file:///home/me/runs/a%20b%231%3F/100%25.x");
  assertEquals(toUrl("/tmp/ü.x", "/home"), "file:///tmp/%C3%BC.x");
  assertEquals(toUrl("a:b.x", "/home"), "file:///home/a%3Ab.x");
  assertEquals(toUrl("C:\\runs\\m.x", "C:\\me"), "file:///C:/runs/m.x");
  assertEquals(toUrl("m.x", "C:\\me"), "file:///C:/me/m.x");
  assertEquals(toUrl("https://example.org/m.x?a", "/home"), "https://example.org/m.x?a");
  assertEquals(toUrl("file:///m.x", "/home"), "file:///m.x");
  assertEquals(toUrl("models/m.x", undefined), "models/m.x");
});

Deno.test("a model is read from bytes of any kind, a path or a URL", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  await withFiles({ "a b#.x": bytes }, async (directory) => {
    const url = new URL(toUrl(`${directory}/a b#.x`, "/"));
    for (const source of [bytes, bytes.buffer, new Blob([bytes]), `${directory}/a b#.x`, url, url.href]) {
      assertEquals((await readSource(source)).bytes, bytes);
    }
    const none = `${directory}/none.x`;
    const error = await assertRejects(() => readSource(none), TypeError, `Cannot read ${none}: `);
    assert(error.message.endsWith(". Check the path or URL."), error.message);
  });
});

Deno.test("checksums are CRC-32, of bytes at once or one part after the other", () => {
  const bytes = new TextEncoder().encode("123456789");
  assertEquals(crc32(bytes), 0xcbf43926); // the check value of the CRC catalogue
  for (let at = 0; at <= bytes.length; at++) {
    assertEquals(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), 0xcbf43926);
  }
});

Deno.test("a model file with damaged bytes is refused, and one without checksums is read", () => {
  const bytes = writeModel(plain), damaged = bytes.slice();
  damaged[bytes.length - 1]! ^= 1;
  assertThrows(
    () => readModel(damaged, "a"),
    SyntaxError,
    "Cannot read a: the file is damaged: the checksum of its weights is wrong",
  );
  const text = new TextDecoder("latin1").decode(bytes), place = text.indexOf("temperature");
  const other = bytes.slice();
  other[place + 'temperature\\":'.length]! ^= 3;
  assertThrows(() => readModel(other, "a"), SyntaxError, "the checksum of its model is wrong");
  assertEquals(readModel(writeSafetensors(whole.tensors, whole.metadata)), readModel(bytes));
});
