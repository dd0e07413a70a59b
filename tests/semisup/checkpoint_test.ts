/** Checkpoints: round trips, and errors that name the file if it is not a checkpoint. */
import { type HostTensor, readSafetensors, type SafetensorsFile, writeSafetensors } from "../../nn/mod.ts";
import { type Checkpoint, defaultOptions, readCheckpoint, writeCheckpoint } from "../../semisup/mod.ts";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const floats = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(data),
});

/** A made-up run of two classes. */
const checkpoint: Checkpoint = {
  step: 1234,
  options: { ...defaultOptions, seed: 2 ** 32 - 1, epochs: 0.1, logitDistanceCost: 0.01, maxSteps: 7 },
  classes: ["Zwölf", 'a "b"'],
  imageShape: [3, 32, 16],
  canvas: [40, 20],
  channelStatistics: { mean: [0.1, 0.2, 0.3], standardDeviation: [0.25, 1e-3, 1 / 3] },
  labels: Int32Array.of(-1, 0, 1, 9, -1),
  about: { dataset: "made-up", note: "" },
  custom: ["schedule"],
  loaded: ["features.1.weight"],
  kernels: { "matmul {} [2, 3] [3, 4]": "texels" },
  student: new Map([["heads.0.weight", floats([2, 2], 1, -2, 1e-38, 4)], ["labels", floats([], 0.1)]]),
  teacher: new Map([["heads.0.weight", floats([2, 2], 5, 6, 7, -0)]]),
  optimizer: new Map([["first_moment.heads.0.weight", floats([2, 2], 0, 0, 0, 1)], [
    "student.a",
    floats([1], 3),
  ]]),
};

Deno.test("a written checkpoint is read back unchanged", () => {
  assertEquals(readCheckpoint(writeCheckpoint(checkpoint)), checkpoint);
});

Deno.test("the best weights are read back, and stored once if they are the current ones", () => {
  const figures = { examples: 61, testError: 0.1, top5Error: null, testCost: 1 / 3 };
  const state = { ...checkpoint, student: new Map([["a", floats([1], 7)]]) };
  const { student, teacher, optimizer } = state;
  const bestOf = (step: number) => ({
    evaluation: { step, epoch: 0.25, student: figures, teacher: figures },
    waited: 2,
    comparedStep: 1234,
    state: step === 1234
      ? { student: checkpoint.student, teacher, optimizer }
      : { student, teacher, optimizer },
  });
  const [older, current] = [1000, 1234].map((step) => ({ ...checkpoint, best: bestOf(step) }));
  for (const each of [older!, current!]) assertEquals(readCheckpoint(writeCheckpoint(each)), each);
  const namesOf = (each: Checkpoint) => [...readSafetensors(writeCheckpoint(each)).tensors.keys()];
  assertEquals(namesOf(current!), namesOf(checkpoint));
  assertEquals(namesOf(older!).filter((name) => name.startsWith("best.student.")), ["best.student.a"]);
});

Deno.test("a checkpoint may lack optimiser state, labels and texts", () => {
  const bare = {
    ...checkpoint,
    step: 0,
    labels: new Int32Array(),
    about: {},
    custom: [],
    loaded: [],
    kernels: {},
    optimizer: new Map(),
  };
  assertEquals(readCheckpoint(writeCheckpoint(bare)), bare);
});

Deno.test("written and read checkpoints share no memory with the original", () => {
  const labels = Int32Array.of(1, 2, 3);
  const bytes = writeCheckpoint({ ...checkpoint, labels });
  labels[0] = 99;
  const read = readCheckpoint(bytes);
  bytes.fill(0);
  assertEquals(read.labels, Int32Array.of(1, 2, 3));
  assertEquals(read.student, checkpoint.student);
});

Deno.test("a checkpoint is a safetensors file whose weights are student.NAME and teacher.NAME", () => {
  const { tensors, metadata } = readSafetensors(writeCheckpoint(checkpoint));
  assertEquals([...tensors.keys()].sort(), [
    "labels",
    "optimizer.first_moment.heads.0.weight",
    "optimizer.student.a",
    "student.heads.0.weight",
    "student.labels",
    "teacher.heads.0.weight",
  ]);
  assertEquals(tensors.get("teacher.heads.0.weight"), checkpoint.teacher.get("heads.0.weight"));
  assertEquals(metadata["format"], "mean-teacher checkpoint 1");
  assertEquals(JSON.parse(metadata["run"]!).step, 1234);
});

/** As older versions wrote it: without checksums, so that its parts can be changed. */
const whole = withoutChecksums(readSafetensors(writeCheckpoint(checkpoint)));
const run = JSON.parse(whole.metadata["run"]!);

function withoutChecksums(
  { tensors, metadata: { checksums: _, ...metadata } }: SafetensorsFile,
): SafetensorsFile {
  return { tensors, metadata };
}

function refuses(bytes: Uint8Array, state: string): void {
  const error = assertThrows(() => readCheckpoint(bytes, "runs/some.safetensors"), SyntaxError, state);
  assertEquals(error.constructor, SyntaxError);
  assert(/^Cannot read runs\/some\.safetensors: /.test(error.message), error.message);
}

Deno.test("other safetensors files are refused, and the error says why", () => {
  const notCheckpoint = "it is a safetensors file, but not a checkpoint";
  refuses(writeSafetensors(whole.tensors), notCheckpoint);
  refuses(writeSafetensors(whole.tensors, { run: whole.metadata["run"]! }), notCheckpoint);
  for (const format of ["pt", "mean-teacher checkpoint 2"]) {
    const bytes = writeSafetensors(whole.tensors, { ...whole.metadata, format });
    refuses(bytes, `its format is "${format}", not "mean-teacher checkpoint 1"`);
  }
});

Deno.test("a checkpoint's description of its run must be JSON", () => {
  const { format } = whole.metadata;
  refuses(
    writeSafetensors(whole.tensors, { format: format! }),
    "the checkpoint's description of its run is not valid JSON",
  );
  for (const damaged of ["", "{", whole.metadata["run"]!.slice(0, -1)]) {
    const bytes = writeSafetensors(whole.tensors, { format: format!, run: damaged });
    refuses(bytes, "the checkpoint's description of its run is not valid JSON");
  }
});

const damages: Readonly<Record<string, unknown>> = {
  "the value null": null,
  "a number for an object": 3,
  "an array for an object": [],
  ...Object.fromEntries(
    // Checkpoints of older versions have no `loaded`.
    Object.keys(run).filter((name) => name !== "loaded").flatMap((name) => [
      [`no ${name}`, { ...run, [name]: undefined }],
      [`null for ${name}`, { ...run, [name]: null }],
    ]),
  ),
  "loaded parameters without names": { ...run, loaded: [1] },
  "half a step": { ...run, step: 0.5 },
  "a negative step": { ...run, step: -1 },
  "a step as text": { ...run, step: "3" },
  "classes without names": { ...run, classes: [1, 2] },
  "an image shape of two axes": { ...run, imageShape: [28, 28] },
  "an image shape of texts": { ...run, imageShape: ["1", "28", "28"] },
  "a canvas of one axis": { ...run, canvas: [28] },
  "a canvas of 400 million pixels": { ...run, canvas: [20_000, 20_000] },
  "images of 400 million pixels": { ...run, imageShape: [1, 20_000, 20_000] },
  "a canvas without pixels": { ...run, canvas: [0, 28] },
  "statistics of other channels": {
    ...run,
    channelStatistics: { mean: [0.5, 0.5], standardDeviation: [1, 1] },
  },
  "null for the best weights": { ...run, best: null },
  "best weights without their evaluation": { ...run, best: { waited: 1, comparedStep: 3 } },
  "best weights without an error": {
    ...run,
    best: { evaluation: { step: 3, student: {}, teacher: {} }, waited: 1, comparedStep: 3 },
  },
  "statistics without deviations": { ...run, channelStatistics: { mean: [0.5] } },
};
for (const [what, value] of Object.entries(damages)) {
  Deno.test(`a checkpoint whose description of its run has ${what} is refused`, () => {
    const bytes = writeSafetensors(whole.tensors, { ...whole.metadata, run: JSON.stringify(value) });
    refuses(bytes, "the checkpoint's description of its run is incomplete");
  });
}

Deno.test("a checkpoint with invalid options is refused, and the error names them", () => {
  for (
    const [changed, name] of [[{ dropout: 1 }, "dropout"], [
      { colour: 1 },
      "Unknown training option colour",
    ]] as const
  ) {
    const text = JSON.stringify({ ...run, options: { ...run.options, ...changed } });
    const bytes = writeSafetensors(whole.tensors, { ...whole.metadata, run: text });
    const error = assertThrows(() => readCheckpoint(bytes, "some.safetensors"), RangeError, name);
    assert(error.message.startsWith("Cannot read some.safetensors: the options of its run are invalid ("));
  }
});

Deno.test("options that a checkpoint lacks get their defaults", () => {
  const text = JSON.stringify({ ...run, options: { seed: 5 } });
  const { options } = readCheckpoint(writeSafetensors(whole.tensors, { ...whole.metadata, run: text }));
  assertEquals(options, { ...defaultOptions, seed: 5 });
});

Deno.test("a checkpoint without labels, or with labels of another type, is refused", () => {
  const others = [...whole.tensors].filter(([name]) => name !== "labels");
  refuses(writeSafetensors(others, whole.metadata), "the checkpoint has no labels");
  const withFloats = [...others, ["labels", floats([2], 0, 1)] as const];
  refuses(writeSafetensors(withFloats, whole.metadata), "the checkpoint has no labels");
});

Deno.test("a truncated checkpoint is refused, wherever it is cut", () => {
  const bytes = writeCheckpoint(checkpoint);
  for (let length = 0; length < bytes.length; length += length < 20 ? 1 : 37) {
    refuses(bytes.subarray(0, length), "");
  }
  refuses(bytes.subarray(0, bytes.length - 1), "");
  refuses(new TextEncoder().encode("<html>not found</html>"), "");
});

Deno.test("a checkpoint of an older version, without checksums, is read", () => {
  assertEquals(readCheckpoint(writeSafetensors(whole.tensors, whole.metadata)), checkpoint);
});

Deno.test("a checkpoint with damaged bytes is refused, whatever they are", () => {
  const bytes = writeCheckpoint(checkpoint);
  const headerEnd = 8 + new DataView(bytes.buffer).getUint32(0, true);
  const named = (place: number) => {
    const damaged = bytes.slice();
    for (let i = 0; i < 4; i++) damaged[place + i]! ^= 1;
    return assertThrows(() => readCheckpoint(damaged, "a"), SyntaxError).message;
  };
  assertEquals(named(headerEnd), "Cannot read a: the file is damaged: the checksum of its student is wrong");
  assertEquals(
    named(bytes.length - 4),
    "Cannot read a: the file is damaged: the checksum of its labels is wrong",
  );
  // Each single byte: either the file is refused, or the change means nothing, as that of a space.
  const random = new Pcg32(7, 0);
  for (let place = 8; place < bytes.length; place++) {
    const damaged = bytes.slice();
    damaged[place]! ^= 1 << random.below(8);
    let read: Checkpoint | undefined;
    try {
      read = readCheckpoint(damaged);
    } catch (error) {
      assert(error instanceof SyntaxError || error instanceof RangeError, `byte ${place}: ${error}`);
    }
    if (read) assertEquals(read, checkpoint, `byte ${place}`);
  }
});
