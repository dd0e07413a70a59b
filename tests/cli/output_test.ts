/** Output of commands: quiet, as JSON lines, in colours, and while shaders compile. */
import { join } from "node:path";
import { compileCounter } from "../../cli/command/device.ts";
import { exitCodes } from "../../cli/command/exit_codes.ts";
import {
  configureOutput,
  paint,
  printError,
  printNote,
  printNotice,
  printProgress,
  printRecord,
  printResult,
  printWarning,
} from "../../cli/terminal/output.ts";
import { transientLine } from "../../cli/terminal/transient_line.ts";
import { defineCommand } from "../../cli/command/command.ts";
import { reportingRows } from "../../cli/command/rows.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, command, commandOf, inFolder, jsonIn, namesIn, run, short } from "./command.ts";

/** Calls a function, and returns the lines that it prints. */
function printed(work: () => void): { readonly stdout: string[]; readonly stderr: string[] } {
  const { log, error } = console, lines = { stdout: [] as string[], stderr: [] as string[] };
  console.log = (text) => lines.stdout.push(text);
  console.error = (text) => lines.stderr.push(text);
  try {
    work();
  } finally {
    Object.assign(console, { log, error });
    configureOutput({});
  }
  return lines;
}

/** Prints a text of every kind. */
function printAll(): void {
  printProgress("progress");
  printNote("note");
  printNotice("notice");
  printWarning("warning");
  printError("error");
  printResult("result", { kind: "result", value: 1 });
  printRecord({ kind: "record" });
}

Deno.test("output: by default results and progress go to stdout, everything else to stderr", () => {
  assertEquals(printed(printAll), {
    stdout: ["progress", "result"],
    stderr: ["note", "notice", "warning", "error"],
  });
});

Deno.test("output: --quiet keeps results, warnings and errors", () => {
  assertEquals(
    printed(() => {
      configureOutput({ quiet: true });
      printAll();
    }),
    { stdout: ["result"], stderr: ["notice", "warning", "error"] },
  );
});

Deno.test("output: --json has one object a line on stdout, and all text on stderr", () => {
  const records = ['{"kind":"result","value":1}', '{"kind":"record"}'];
  const text = ["progress", "note", "notice", "warning", "error", "result"];
  assertEquals(
    printed(() => {
      configureOutput({ json: true });
      printAll();
    }),
    { stdout: records, stderr: text },
  );
  assertEquals(
    printed(() => {
      configureOutput({ json: true, quiet: true });
      printAll();
    }),
    { stdout: records, stderr: ["notice", "warning", "error"] },
  );
});

Deno.test("output: options of one command are not those of the next", async () => {
  const made = defineCommand({
    name: "made_up",
    description: "Prints.",
    rows: reportingRows,
    operands: [],
    stopsAtOnce: true,
    run() {
      printAll();
      return "finished";
    },
  });
  const { log, error } = console, stdout: unknown[] = [];
  console.log = (text) => stdout.push(text);
  console.error = () => {};
  try {
    assertEquals(await made.execute(["--json"]), exitCodes.finished.code);
    assertEquals(await made.execute([]), exitCodes.finished.code);
    assertEquals(await made.execute(["--jsn"]), exitCodes.failed.code);
  } finally {
    Object.assign(console, { log, error });
  }
  assertEquals(stdout, ['{"kind":"result","value":1}', '{"kind":"record"}', "progress", "result"]);
});

Deno.test("output: colours are for terminals without NO_COLOR", () => {
  const [terminal, pipe] = [true, false].map((isTerminal) => ({ isTerminal: () => isTerminal }));
  assertEquals(paint("text", "red", pipe), "text");
  assertEquals(paint("text", "red", terminal), Deno.noColor ? "text" : "\x1b[31mtext\x1b[0m");
});

Deno.test("output: NO_COLOR is heeded on a terminal", { ignore: Deno.build.os !== "linux" }, async () => {
  const line = `${[...command, "--foo"].map((word) => `'${word}'`).join(" ")}`;
  const script = (environment: string) =>
    run(["env", "-u", "NO_COLOR", ...environment.split(" "), "script", "-qec", line, "/dev/null"], ".");
  const found = await run(["sh", "-c", "command -v script"], ".");
  if (found.code !== 0) return console.warn("Skipped: there is no program `script`");
  assertStringIncludes((await script("A=1")).stdout, "\x1b[31mUnknown option --foo");
  assertStringIncludes((await script("NO_COLOR=1")).stdout.slice(0, 14), "Unknown option");
});

Deno.test("output: exit codes differ, and each has a meaning", () => {
  const all = Object.values(exitCodes);
  assertEquals(new Set(all.map(({ code }) => code)).size, all.length);
  for (const { meaning } of all) assert(/^\w.*[^.]$/.test(meaning), meaning);
});

Deno.test("compiling: a line changes on a terminal and goes when all shaders are compiled", () => {
  let time = 0, written = "";
  const surroundings = { now: () => time, write: (text: string) => written += text };
  const count = compileCounter(transientLine({ ...surroundings, isTerminal: true }));
  for (const [compiled, milliseconds] of [[0, 0], [1, 100], [2, 300], [3, 350], [4, 700]] as const) {
    time = milliseconds;
    count(compiled, 5);
  }
  count(5, 5);
  assertEquals(written, "\rcompiling shaders 2/5\x1b[K\rcompiling shaders 4/5\x1b[K\r\x1b[K");
});

gpuTest(
  "output: train, evaluate, predict and suggest write JSON lines on stdout alone, and are quiet",
  async () => {
    await inFolder(async (directory) => {
      const recordsOf = async (...words: readonly string[]) => {
        const ending = await run(words, directory);
        assertEnded(ending, 0);
        const lines = ending.stdout.trimEnd().split("\n");
        return { records: lines.map((line) => JSON.parse(line)), stderr: ending.stderr };
      };
      const args = [...short, "--output=out", "--max-steps=4", "--print-freq=2"];
      const { records, stderr } = await recordsOf(...command, ...args, "--json");
      assertEquals(records.map(({ kind }) => kind).filter((kind) => kind !== "diagnostics"), [
        "start",
        "costs",
        "costs",
        "evaluation",
        "summary",
      ]);
      assertEquals([records[0].folder, records.at(-1).folder], ["out", "out"]);
      assertEquals(records.at(-1).teacher, (await jsonIn(directory, "out", "summary.json")).teacher);
      assertMatch(stderr, /Mean Teacher on mnist.*\n(.*\n)*Test error on 60 images of mnist(.*\n)*Next:/);

      const tested = await recordsOf(...commandOf("evaluate"), "out", "--json", "--quiet");
      assertEquals([tested.records.length, tested.records[0].kind, tested.stderr], [1, "evaluation", ""]);
      const suggested = await recordsOf(...commandOf("suggest"), "out", "--count=3", "--json", "--quiet");
      assertEquals(suggested.records.map(({ kind }) => kind), [
        "suggestion",
        "suggestion",
        "suggestion",
        "suggestions",
      ]);
      const data = join("data", "t10k-images-idx3-ubyte");
      const predicted = await recordsOf(...commandOf("predict"), "out", data, "--json");
      assertEquals(predicted.records.length, 60);
      assert(predicted.records.every((record) => typeof record.class === "string"));

      const quiet = await run(
        [...command, ...short, "--output=quiet", "--max-steps=4", "--quiet"],
        directory,
      );
      assertEnded(quiet, 0);
      assertMatch(quiet.stdout, /^Test error on 60 images of mnist: .*\nModel: .*\nResults: .*\n$/);
      assert(namesIn(join(directory, "quiet")).includes("summary.json"));
    });
  },
);
