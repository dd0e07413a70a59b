/** Options of a run: defaults, ranges, and errors of invalid values. */
import { architectures } from "../../nn/mod.ts";
import {
  consistencyCosts,
  defaultOptions,
  faultOf,
  type OptionRow,
  resolveOptions,
  stepsIn,
  type TrainingOptions,
  trainingOptions,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const rows = Object.entries(trainingOptions);

Deno.test("every option has a valid default, and help of one line", () => {
  assertEquals(Object.keys(defaultOptions), Object.keys(trainingOptions));
  for (const [name, row] of rows) {
    assertEquals(faultOf(row, row.default), undefined, name);
    assertEquals(defaultOptions[name as keyof TrainingOptions], row.default);
    assert(row.help.length > 0 && !row.help.includes("\n") && !row.help.endsWith("."), name);
  }
});

Deno.test("defaults are compatible, and no options resolve to them", () => {
  assertEquals(resolveOptions({}), defaultOptions);
  assertEquals(resolveOptions(defaultOptions), defaultOptions);
});

Deno.test("choices of names match the implementations", () => {
  const choicesOf = (row: OptionRow) =>
    row.kind === "choice" ? [...row.choices].sort() : row.kind === "name" ? [...row.names].sort() : [];
  assertEquals(choicesOf(trainingOptions.architecture), architectures.map(({ name }) => name).sort());
  assertEquals(choicesOf(trainingOptions.consistencyType), Object.keys(consistencyCosts).sort());
});

const base = { help: "made up", default: 1 } as const;
/** Made-up rows, valid values, invalid values, and the error of these. */
const kinds: readonly (readonly [OptionRow, readonly unknown[], readonly unknown[], string])[] = [
  [{ ...base, kind: "number", minimum: 0 }, [0, 0.5, 1e300], [-1e-9], "must be a number from 0"],
  [
    { ...base, kind: "number", minimum: -1, maximum: 2 },
    [-1, 2, 0],
    [-1.1, 2.1],
    "must be a number from -1 to 2",
  ],
  [
    { ...base, kind: "number", minimum: 0, maximum: 1, isOpen: "above" },
    [0, 0.999],
    [1, -0.1],
    "must be a number from 0 to below 1",
  ],
  [{ ...base, kind: "number", minimum: 0, isOpen: "below" }, [1e-9, 7], [0, -1], "must be a number above 0"],
  [
    { ...base, kind: "number", minimum: 0, maximum: 1, isOpen: "below" },
    [0.1, 1],
    [0, 1.1],
    "must be a number above 0 to 1",
  ],
  [{ ...base, kind: "number", minimum: -Infinity }, [-1e300, 0], [], "must be a number"],
  [{ ...base, kind: "number", minimum: -Infinity, maximum: 3 }, [-9, 3], [4], "must be a number to 3"],
  [{ ...base, kind: "integer", minimum: 1 }, [1, 2 ** 40], [0, 1.5, -3], "must be a whole number from 1"],
  [
    { ...base, kind: "integer", minimum: 0, maximum: 9 },
    [0, 9],
    [9.5, 10],
    "must be a whole number from 0 to 9",
  ],
];

for (const [row, fits, misfits, fault] of kinds) {
  Deno.test(`a value that breaks "${fault}" is refused`, () => {
    for (const value of fits) assertEquals(faultOf(row, value), undefined, `${value}`);
    for (const value of [...misfits, NaN, Infinity, -Infinity, "1", true, undefined, null, [1], {}]) {
      assertEquals(faultOf(row, value), fault, `${value}`);
    }
  });
}

Deno.test("null is valid only if it is the default", () => {
  const row: OptionRow = { help: "made up", kind: "integer", minimum: 1, default: null };
  assertEquals(faultOf(row, null), undefined);
  assertEquals(faultOf(row, 4), undefined);
  assertEquals(faultOf(row, 0), "must be a whole number from 1");
  assertEquals(faultOf(row, undefined), "must be a whole number from 1");
});

Deno.test("a length is a number of epochs, or whole steps with their unit", () => {
  const row: OptionRow = { help: "made up", kind: "length", default: 1 };
  for (const value of [0, 0.25, 300, "0steps", "40steps"]) assertEquals(faultOf(row, value), undefined);
  for (const value of [-1, NaN, Infinity, "1", "steps", "-1steps", "1.5steps", "2 steps", "2epochs", null]) {
    assertEquals(faultOf(row, value), "must be a number of epochs from 0, or of steps as in 4000steps");
  }
  assertEquals(faultOf({ ...row, default: null }, null), undefined);
  assertEquals([stepsIn(0.25, 10), stepsIn("4steps", 10)], [2.5, 4]);
});

Deno.test("a choice is one of its words, a switch is true or false", () => {
  const choice: OptionRow = { help: "made up", kind: "choice", default: "mse", choices: ["mse", "kl"] };
  const onOff: OptionRow = { help: "made up", kind: "switch", default: false };
  for (const value of ["mse", "kl"]) assertEquals(faultOf(choice, value), undefined);
  for (const value of [true, false]) assertEquals(faultOf(onOff, value), undefined);
  for (const value of ["", "MSE", "toString", 0, null, undefined, ["mse"]]) {
    assertEquals(faultOf(choice, value), "must be one of mse, kl");
    assertEquals(faultOf(onOff, value), "must be true or false");
  }
});

Deno.test("several numbers must have the right count, and none is below 0", () => {
  const row: OptionRow = { help: "made up", kind: "numbers", default: null, count: 2 };
  for (const value of [null, [0, 0], [0.4, 7]]) assertEquals(faultOf(row, value), undefined);
  for (const value of [[1], [1, 2, 3], [1, -1], [1, NaN], [1, "2"], "1,2", 1, undefined, {}]) {
    assertEquals(faultOf(row, value), "must be 2 numbers from 0");
  }
});

Deno.test("options that are set are kept, the others get defaults", () => {
  const options = resolveOptions({ seed: 7, maxSteps: 3, consistencyType: "kl", flip: true });
  assertEquals(options, { ...defaultOptions, seed: 7, maxSteps: 3, consistencyType: "kl", flip: true });
});

Deno.test("an option out of range is named in the error, by its own name or by the caller's", () => {
  const wrong = (options: Record<string, unknown>) => options as Partial<TrainingOptions>;
  for (
    const [options, message] of [
      [{ dropout: 1 }, "Cannot train: dropout must be a number from 0 to below 1, but is 1"],
      [
        { seed: 2 ** 32 },
        "Cannot train: seed must be a whole number from 0 to 4294967295, but is 4294967296",
      ],
      [{ batchSize: 1.5 }, "Cannot train: batchSize must be a whole number from 1, but is 1.5"],
      [{ optimizer: "rmsprop" }, "Cannot train: optimizer must be one of adam, adamw, sgd, but is rmsprop"],
      [{ flip: "yes" }, "Cannot train: flip must be true or false, but is yes"],
      [{ epochs: 0 }, "Cannot train: epochs must be a number above 0, but is 0"],
      [{ emaDecay: null }, "Cannot train: emaDecay must be a number from 0 to 1, but is null"],
    ] as const
  ) {
    const error = assertThrows(() => resolveOptions(wrong(options)), RangeError);
    assertEquals(error.message, message);
    const [name] = Object.keys(options);
    const called = assertThrows(
      () => resolveOptions(wrong(options), (option) => `--called-${option}`),
      RangeError,
    );
    assertEquals(called.message, message.replace(name!, `--called-${name}`));
  }
});

Deno.test("every option refuses values of another kind", () => {
  for (const [name] of rows) {
    const options = { [name]: { not: "a value" } } as unknown as Partial<TrainingOptions>;
    assertThrows(() => resolveOptions(options), RangeError, `Cannot train: ${name} must be `);
  }
});

Deno.test("an unknown option is refused by name", () => {
  for (const name of ["learning_rate", "toString", "", "Seed"]) {
    const options = { [name]: 1 } as unknown as Partial<TrainingOptions>;
    assertThrows(
      () => resolveOptions(options),
      RangeError,
      `Unknown training option ${name}`,
    );
  }
});

Deno.test("a batch must have room for unlabelled examples, unless they are excluded", () => {
  for (const labeledBatchSize of [20, 21]) {
    const error = assertThrows(
      () => resolveOptions({ batchSize: 20, labeledBatchSize }, (option) => `--${option}`),
      RangeError,
    );
    assertEquals(
      error.message,
      `Cannot train: --labeledBatchSize must be below --batchSize, but they are ${labeledBatchSize} and 20`,
    );
    resolveOptions({ batchSize: 20, labeledBatchSize, excludeUnlabeled: true });
  }
  resolveOptions({ batchSize: 20, labeledBatchSize: 19 });
  // Batches of one stream have no separate labelled part.
  resolveOptions({ batchSize: 20, labeledBatchSize: 20, sampling: "vary" });
  assertThrows(
    () => resolveOptions({ batchSize: 20, labeledBatchSize: 20, sampling: "two-stream-all" }),
    RangeError,
    "they are 20 and 20",
  );
  // The conflict may be with a default.
  assertThrows(() => resolveOptions({ batchSize: 50 }), RangeError, "they are 50 and 50");
});

Deno.test("the learning rate must not reach 0 before the end", () => {
  const error = assertThrows(
    () => resolveOptions({ epochs: 3, learningRateRampdown: 2.5 }, (option) => `--${option}`),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot train: --learningRateRampdown must be 0 or at least --epochs, but they are 2.5 and 3",
  );
  for (const learningRateRampdown of [0, 3, 4, null]) {
    assertEquals(resolveOptions({ epochs: 3, learningRateRampdown }).epochs, 3);
  }
});

Deno.test("in steps: a cosine must not be shorter than the run, a sigmoid not longer", () => {
  const refusals = [
    [
      { learningRateRampdown: "9steps" },
      "learningRateRampdown must be 0 or at least steps, but they are 9 and 10",
    ],
    [
      { learningRateRampdown: "11steps", learningRateRampdownShape: "sigmoid" },
      "learningRateRampdown must be 0 or at most steps, but they are 11 and 10",
    ],
  ] as const;
  for (const [options, message] of refusals) {
    const error = assertThrows(() => resolveOptions({ steps: 10, ...options }), RangeError);
    assertEquals(error.message, `Cannot train: ${message}`);
  }
  assertThrows(
    () => resolveOptions({ epochs: 2, learningRateRampdown: 3, learningRateRampdownShape: "sigmoid" }),
    RangeError,
    "learningRateRampdown must be 0 or at most epochs, but they are 3 and 2",
  );
  resolveOptions({ steps: 10, learningRateRampdown: "10steps" });
  resolveOptions({ steps: 10, learningRateRampdown: 0 });
  resolveOptions({ steps: 10, learningRateRampdown: "0steps" });
  resolveOptions({ steps: 10, learningRateRampdown: "4steps", learningRateRampdownShape: "sigmoid" });
  // Lengths in different units cannot be compared without the length of an epoch.
  resolveOptions({ steps: 1000, learningRateRampdown: 1 });
});
