import { flagOf, helpOf, placeholderOf, rows } from "../../cli/command/options.ts";
import { HelpRequested, parseCommand } from "../../cli/command/parse.ts";
import config from "../../deno.json" with { type: "json" };
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { parseArguments } from "./command.ts";

/** A command with lists and something without a name. */
const line = {
  name: "cli/made_up.ts",
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
  const parse = (...args: string[]) => parseCommand(line, args, "1.2.3");
  assertEquals(parse("x", "--seeds=3,1, 2", "--presets", "b,a"), {
    options: { seeds: [3, 1, 2], presets: ["b", "a"], count: 3 },
    chosen: { seeds: [3, 1, 2], presets: ["b", "a"] },
    operands: ["x"],
  });
  for (
    const [args, message] of [
      [["x", "--seeds=1,"], 'Cannot use --seeds as it must be a whole number from 0: it is ""'],
      [["x", "--seeds=1,1.5"], 'it is "1.5"'],
      [["x", "--presets=a,c"], 'Cannot use --presets as it must be one of a, b: it is "c"'],
      [["--seeds=1"], "Cannot use the arguments: missing required argument 'FILE'"],
      [["x", "y"], "too many arguments"],
    ] as const
  ) {
    const error = assertThrows(() => parse(...args), RangeError, message);
    assert(/^Cannot use .*[^\n]$/.test(error.message), error.message);
  }
});

const parse = (...args: string[]) => parseArguments(args);

function help(...args: string[]): string {
  return assertThrows(() => parse(...args), HelpRequested).message;
}

Deno.test("arguments: what has no name is one operand, then one or more", () => {
  const more = { name: "MORE", help: "more", isMany: true } as const;
  const parse = (...args: string[]) =>
    parseCommand({ ...line, operands: [...line.operands, more] as const }, args, "1.2.3").operands;
  assertEquals(parse("a", "b c", "--seeds=1", "d"), ["a", ["b c", "d"]]);
  assertThrows(() => parse("a"), RangeError, "missing required argument 'MORE'");
});

Deno.test("arguments: nothing said is nothing", () => {
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

Deno.test("arguments: a switch can be said both ways, the last one counts", () => {
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

const refusals: [why: string, args: string[], message: string][] = [
  ["an unknown option, with one like it", ["--outputs=x"], "'--outputs' (Did you mean --output?)"],
  ["an unknown option with none like it", ["--zzzzzz"], "unknown option '--zzzzzz'"],
  ["a missing value", ["--seed"], "option '--seed <N>' argument missing"],
  [
    "a missing path before another option",
    ["--output", "--flip"],
    'a path must not begin with "-": it is "--flip"',
  ],
  ["an empty path", ["--labels="], "Cannot use --labels as it must be a path: it is empty"],
  ["what is no option", ["mnist"], "too many arguments"],
  ["a value for a switch", ["--flip=yes"], "yes"],
  [
    "a word that is no choice",
    ["--consistency-type=ce"],
    'must be one of mse, kl, trust: it is "ce"',
  ],
  ["too few numbers", ["--color-jitter=0.4,0.4"], 'must be 4 numbers from 0: it is "0.4,0.4"'],
  ["an empty number among others", ["--color-jitter=1,,1,1"], 'must be 4 numbers from 0: it is "1,,1,1"'],
  ["an unknown preset", ["--preset=mnist"], "Cannot use --preset as it must be one of cifar10-4000-resnet, "],
  ["a fraction", ["--batch-size=1.5"], 'must be a whole number from 1: it is "1.5"'],
  ["a negative number", ["--lr=-1"], 'Cannot use --lr as it must be a number from 0: it is "-1"'],
  ["a number beyond its range", ["--dropout", "1"], 'must be a number from 0 to below 1: it is "1"'],
  ["NaN", ["--lr=NaN"], 'it is "NaN"'],
  ["infinity", ["--consistency=Infinity"], 'it is "Infinity"'],
  ["a number with a tail", ["--epochs=3x"], 'it is "3x"'],
  ["a length in another unit", ["--lr-rampup=3days"], "must be a number of epochs from 0, or of steps as in"],
  ["a fraction of a step", ["--lr-rampup=1.5steps"], 'it is "1.5steps"'],
  ["an empty number", ["--epochs="], 'Cannot use --epochs as it must be a number above 0: it is ""'],
];
for (const [why, args, message] of refusals) {
  Deno.test(`arguments: ${why} is refused in one line`, () => {
    const error = assertThrows(() => parse(...args), RangeError, message);
    assert(/^Cannot use .*[^\n]$/.test(error.message), error.message);
  });
}

Deno.test("arguments: help lists every option with its values, default and meaning, within 100 columns", () => {
  const text = help("--help");
  for (const line of text.split("\n")) assert(line.length <= 100, line);
  const running = text.replace(/\s+/g, " ");
  for (const [option, row] of rows) {
    const value = placeholderOf(row);
    const isOff = row.kind === "switch" && row.default;
    assertStringIncludes(
      running,
      isOff
        ? ` ${flagOf(option).replace("--", "--no-")} ${helpOf(row)}`
        : ` ${flagOf(option)}${value ? ` <${value}>` : ""} ${row.help}`,
    );
    if (row.kind !== "switch" && row.default !== null) {
      assertStringIncludes(running, `${row.help} (default: ${row.default})`);
    }
  }
});

Deno.test("arguments: help comes before faults, and the version is the one given", () => {
  assertStringIncludes(help("--help", "--seed=1"), "Usage: ");
  assertEquals(help("--version"), config.version);
});
