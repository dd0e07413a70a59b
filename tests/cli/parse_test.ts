import { helpText } from "../../cli/command/help.ts";
import { helpOf, placeholderOf } from "../../cli/command/rows.ts";
import { flagOf, rows } from "../../cli/command/options.ts";
import { InfoRequest, parseCommand } from "../../cli/command/parse.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { trainCommand } from "../../cli/train.ts";
import { parseArguments } from "./command.ts";

/** A command with lists and something without a name. */
const line = {
  name: "made_up",
  description: "Does nothing",
  rows: {
    seeds: {
      kind: "list",
      group: "running",
      default: null,
      placeholder: "N,…",
      help: "seeds",
      of: { kind: "integer", default: null, minimum: 0, help: "" },
    },
    presets: {
      kind: "list",
      group: "running",
      default: null,
      placeholder: "NAME,…",
      help: "names",
      of: { kind: "name", default: null, names: ["a", "b"], help: "" },
    },
    count: { kind: "integer", group: "running", default: 3, minimum: 1, help: "how many" },
  },
  operands: [{ name: "FILE", help: "a file" }],
} as const;

Deno.test("arguments: lists are read value by value, and an operand beside them", () => {
  const parse = (...args: string[]) => parseCommand(line, args);
  assertEquals(parse("x", "--seeds=3,1, 2", "--presets", "b,a"), {
    options: { seeds: [3, 1, 2], presets: ["b", "a"], count: 3 },
    chosen: { seeds: [3, 1, 2], presets: ["b", "a"] },
    operands: ["x"],
  });
  for (
    const [args, message] of [
      [["x", "--seeds=1,"], '--seeds must be a whole number from 0, but is ""'],
      [["x", "--seeds=1,1.5"], '--seeds must be a whole number from 0, but is "1.5"'],
      [["x", "--presets=a,c"], '--presets must be one of a, b, but is "c"; did you mean "a"?'],
      [["--seeds=1"], "FILE is missing: a file"],
      [["x", "y"], 'Unexpected argument "y" after FILE; a path with spaces needs quotes'],
      [["x", "-s", "1"], "Unknown option -s; --help all lists all options"],
    ] as const
  ) assertEquals(assertThrows(() => parse(...args), RangeError).message, message);
});

Deno.test("arguments: words after -- are not options", () => {
  assertEquals(parseCommand(line, ["--count=4", "--", "--seeds"]).operands, ["--seeds"]);
  assertThrows(() => parseCommand(line, ["--", "--help", "x"]), RangeError, 'Unexpected argument "x"');
});

const parse = (...args: string[]) => parseArguments(args);

Deno.test("arguments: operands are one, then one or more", () => {
  const more = { name: "MORE", help: "more", isMany: true } as const;
  const parse = (...args: string[]) =>
    parseCommand({ ...line, operands: [...line.operands, more] as const }, args).operands;
  assertEquals(parse("a", "b c", "--seeds=1", "d"), ["a", ["b c", "d"]]);
  assertThrows(() => parse("a"), RangeError, "MORE is missing: more");
});

Deno.test("arguments: no arguments set no options", () => {
  assertEquals(parse(), { run: {}, training: {} });
});

Deno.test("arguments: each kind of option is read, and goes to the program or the training", () => {
  assertEquals(
    parse(
      "--dataset=cifar10",
      "--data-dir",
      "my data",
      "--labels-per-class=4",
      "--evaluate",
      "--arch",
      "convnet_small",
      "--lr",
      "1e-3",
      "--flip",
      "--max-steps=7",
      "--lr-rampup=0.5",
      "--consistency-rampup=12steps",
      "--logit-distance-cost",
      "-1",
      "--color-jitter=0.4, 0.3,0,0.1",
      "--preset",
      "mnist-100-pi",
    ),
    {
      run: {
        dataset: "cifar10",
        dataDir: "my data",
        labelsPerClass: 4,
        evaluate: true,
        preset: "mnist-100-pi",
      },
      training: {
        architecture: "convnet_small",
        learningRate: 0.001,
        flip: true,
        maxSteps: 7,
        learningRateRampup: 0.5,
        consistencyRampup: "12steps",
        logitDistanceCost: -1,
        colorJitter: [0.4, 0.3, 0, 0.1],
      },
    },
  );
});

Deno.test("arguments: a switch can be set both ways, and the last one counts", () => {
  for (const [option, row] of rows) {
    if (row.kind !== "switch") continue;
    const flag = flagOf(option), off = flag.replace("--", "--no-");
    const valueOf = (...args: string[]) => {
      const { run, training } = parse(...args);
      return ({ ...run, ...training } as Record<string, unknown>)[option];
    };
    assertEquals([valueOf(flag), valueOf(off), valueOf(flag, off)], [true, false, false], flag);
  }
});

Deno.test("arguments: class weights are a word, a number for each class, or numbers by name", () => {
  const weightsOf = (text: string) => parse("--class-weights", text).training.classWeights;
  assertEquals(weightsOf("balanced"), "balanced");
  assertEquals(weightsOf("1, 0,2.5"), [1, 0, 2.5]);
  assertEquals(weightsOf("guinea pig=2, a=b=0.5,7=1"), { "guinea pig": 2, "a=b": 0.5, "7": 1 });
});

const refusals: [why: string, args: string[], message: string][] = [
  [
    "an unknown option, with one like it",
    ["--outputs=x"],
    "Unknown option --outputs; did you mean --output?",
  ],
  ["an option by its name in the library", ["--learning-rate=1"], "did you mean --lr?"],
  [
    "an unknown option with none like it",
    ["--zzzzzz"],
    "Unknown option --zzzzzz; --help all lists all options",
  ],
  ["a missing value", ["--seed"], "--seed needs a value: --seed N"],
  ["a missing path before another option", ["--output", "--flip"], "--output needs a value: --output DIR"],
  [
    "a path like an option",
    ["--output=-x"],
    '--output must be a path that does not begin with "-", but is "-x"',
  ],
  ["an empty path", ["--labels="], "--labels must be a path, but is empty"],
  ["a second folder", ["photos", "mnist"], 'Unexpected argument "mnist"'],
  ["a value for a switch", ["--flip=yes"], '--flip takes no value, but has "yes"'],
  [
    "a mistyped choice",
    ["--dataset=minst"],
    '--dataset must be one of mnist, fashion-mnist, cifar10, cifar100, svhn, svhn-extra, folder, but is "minst"; did you mean "mnist"?',
  ],
  ["a mistyped network", ["--arch", "convnet_smal"], 'did you mean "convnet_small"?'],
  ["a mistyped preset", ["--preset=mnist-10"], 'but is "mnist-10"; did you mean "mnist-'],
  [
    "a word that is no choice",
    ["--consistency-type=ce"],
    '--consistency-type must be one of mse, kl, trust, but is "ce"',
  ],
  [
    "too few numbers",
    ["--color-jitter=0.4,0.4"],
    '--color-jitter must be 4 numbers from 0, but is "0.4,0.4"',
  ],
  ["an empty number among others", ["--color-jitter=1,,1,1"], 'must be 4 numbers from 0, but is "1,,1,1"'],
  ["a mistyped word", ["--class-weights=balance"], 'but is "balance"; did you mean "balanced"?'],
  [
    "a class without its name",
    ["--class-weights=cat=1,2"],
    "must be balanced, a number from 0 for each class",
  ],
  [
    "a class twice",
    ["--class-weights=cat=1,cat=2"],
    'must have one weight for each class, but has two for "cat"',
  ],
  ["an unknown preset", ["--preset=zzz"], "--preset must be one of cifar10-4000-resnet, "],
  ["a fraction", ["--batch-size=1.5"], '--batch-size must be a whole number from 1, but is "1.5"'],
  ["a negative number", ["--lr=-1"], '--lr must be a number from 0, but is "-1"'],
  [
    "a number beyond its range",
    ["--dropout", "1"],
    '--dropout must be a number from 0 to below 1, but is "1"',
  ],
  ["NaN", ["--lr=NaN"], 'but is "NaN"'],
  ["infinity", ["--consistency=Infinity"], 'but is "Infinity"'],
  ["a number with a tail", ["--epochs=3x"], 'but is "3x"'],
  ["a length in another unit", ["--lr-rampup=3days"], "must be a number of epochs from 0, or of steps as in"],
  ["a fraction of a step", ["--lr-rampup=1.5steps"], 'but is "1.5steps"'],
  ["an empty number", ["--epochs="], '--epochs must be a number above 0, but is ""'],
];
for (const [why, args, message] of refusals) {
  Deno.test(`arguments: ${why} is refused in one line`, () => {
    const error = assertThrows(() => parse(...args), RangeError, message);
    assert(/^[^\n]+$/.test(error.message), error.message);
  });
}

Deno.test("arguments: a folder without a flag means --data, and only one is accepted", () => {
  assertEquals(parse("photos", "--flip"), parse("--data=photos", "--flip"));
  assertThrows(
    () => parse("photos", "--data=images"),
    RangeError,
    "Cannot train on both photos and --data images: give one folder",
  );
});

Deno.test("arguments: help lists every option with its values, default and meaning, within 80 columns", () => {
  const text = helpText(trainCommand, true);
  for (const line of text.split("\n").slice(1)) assert(line.length <= 80, line);
  const running = text.replace(/\s+/g, " ");
  for (const [option, row] of rows) {
    const value = placeholderOf(row);
    const isOff = row.kind === "switch" && row.default;
    assertStringIncludes(
      running,
      isOff
        ? ` ${flagOf(option).replace("--", "--no-")} ${helpOf(row)}`
        : ` ${flagOf(option)}${value ? ` ${value}` : ""} ${row.help}`,
    );
    if (row.kind !== "switch" && row.default !== null) {
      assertStringIncludes(running, `${row.help} (default: ${row.default})`);
    }
  }
});

Deno.test("arguments: help and version come before faults", () => {
  const topicOf = (...args: string[]) => assertThrows(() => parse(...args), InfoRequest).topic;
  assertEquals(topicOf("--help", "--seed=x"), "help");
  assertEquals(topicOf("--nonsense", "-h"), "help");
  assertEquals(topicOf("--help", "all"), "all help");
  assertEquals(topicOf("--help=all"), "all help");
  assertEquals(topicOf("--version"), "version");
});
