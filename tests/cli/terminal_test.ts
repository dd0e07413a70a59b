/** Output on terminals: no control characters of file and class names, and no escape codes it does not take. */
import { join } from "node:path";
import { quoted } from "../../cli/command/caller.ts";
import { createPredictionFormatter } from "../../cli/pictures/prediction_text.ts";
import { paint, shownText, takesEscapeCodes } from "../../cli/terminal/output.ts";
import { openTextSink } from "../../cli/terminal/text_sink.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { numbered, png, withEnvironment, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { callOn } from "./in_process.ts";

/** Characters that move the cursor, change the title or the direction of text: C0, DEL, C1, bidirectional marks. */
// deno-lint-ignore no-control-regex -- they are the subject
const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

Deno.test("terminal: control characters are escaped, line breaks and tabs stay", () => {
  assertEquals(
    shownText("a\x1b[31mb\u202ec\x9bd\r\ne\tf\rg\x7f"),
    "a\\u001b[31mb\\u202ec\\u009bd\ne\tf\\rg\\u007f",
  );
  assertEquals(shownText("Grüße, 猫 👩‍👧\n"), "Grüße, 猫 👩‍👧\n");
});

Deno.test("terminal: predictions are escaped on a terminal, and complete elsewhere", async () => {
  const { stdout } = Deno, { isTerminal, write } = stdout, written: Uint8Array[] = [];
  try {
    stdout.write = (bytes) => (written.push(bytes.slice()), Promise.resolve(bytes.length));
    for (const isShown of [true, false]) {
      stdout.isTerminal = () => isShown;
      await using sink = await openTextSink(null);
      await sink.write("a\x1b[2J.png,cat,1\r\n");
    }
  } finally {
    Object.assign(stdout, { isTerminal, write });
  }
  const texts = written.map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(texts, ["a\\u001b[2J.png,cat,1\n", "a\x1b[2J.png,cat,1\r\n"]);
});

Deno.test("terminal: a full disk behind stdout is named", async () => {
  const { stdout } = Deno, { write } = stdout;
  try {
    stdout.write = () => Promise.reject(new Error("No space left on device (os error 28)"));
    await using sink = await openTextSink(null);
    await assertRejects(() => sink.write("a"), Error, "Cannot write to stdout: no space left on device");
  } finally {
    Object.assign(stdout, { write });
  }
});

Deno.test("terminal: TERM=dumb gets no escape codes", async () => {
  const terminal = { isTerminal: () => true };
  await withEnvironment("TERM", "dumb", () => {
    assertEquals([takesEscapeCodes(terminal), paint("a", "red", terminal)], [false, "a"]);
    return Promise.resolve();
  });
  await withEnvironment("TERM", "xterm", () => {
    assertEquals(takesEscapeCodes(terminal), true);
    assertEquals(takesEscapeCodes({ isTerminal: () => false }), false);
    return Promise.resolve();
  });
});

Deno.test("terminal: a printed command names files with control characters as shells read them", async () => {
  const path = "a'b\\c\x1b\u202e\n";
  assertEquals(quoted(path), "$'a\\'b\\\\c\\u001b\\u202e\\n'");
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", `printf %s ${quoted(path)}`],
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  assertEquals(new TextDecoder().decode(stdout), path);
});

Deno.test("predict: --csv-safe puts an apostrophe before names that spreadsheets would compute", () => {
  const classes = ["=cmd|' /C calc'!A0", "dog"];
  const prediction = {
    className: classes[0]!,
    classIndex: 0,
    probability: 0.7,
    probabilities: Float64Array.of(0.7, 0.3),
    logits: new Float32Array(2),
  };
  const rowOf = (isSafe: boolean) =>
    createPredictionFormatter("csv", classes, { top: 1, probabilities: false, isSafe }).row(
      "@a.png",
      prediction,
    );
  assertEquals(rowOf(false), "@a.png,=cmd|' /C calc'!A0,0.7\r\n");
  assertEquals(rowOf(true), "'@a.png,'=cmd|' /C calc'!A0,0.7\r\n");
});

gpuTest("terminal: no command prints control characters of file and class names", async (device) => {
  const call = callOn(device), pictures: Record<string, Uint8Array> = {};
  const classes = ["ca\x1b[31mt\u202e", "=cmd|'calc'!A\x9b31m"];
  for (const [c, name] of [...classes, "unlabeled"].entries()) {
    for (let i = 0; i < 10; i++) {
      pictures[`${name}/p\x1b]0;x\x07\u202e${i}.png`] = png(16, 16, numbered(i + 10 * c, () => 40 + 80 * c));
    }
  }
  pictures["unlabeled/no\x1bpicture.png"] = new Uint8Array(9);
  await withFiles(pictures, async (directory) => {
    const run = join(directory, "run\u202e"), data = join(directory, classes[0]!);
    const prints = async (code: number, ...[program, ...args]: Parameters<typeof call>) => {
      const ending = await call(program, ...args);
      assertEquals(ending.code, code, ending.stderr);
      for (const text of [ending.stdout, ending.stderr]) {
        assert(!controls.test(text), `${program} prints ${JSON.stringify(controls.exec(text))} in ${text}`);
      }
      return ending;
    };
    const short = ["--steps=2", "--batch-size=4", "--labeled-batch-size=2", "--arch=convnet_small"];
    await prints(0, "train", directory, ...short, `--output=${run}`);
    await prints(0, "suggest", run);
    await prints(1, "suggest", run, "--review");
    await prints(0, "suggest", run, "--json", `--output=${join(directory, "b.txt")}`);
    await prints(0, "report", run);
    await prints(0, "evaluate", run, directory);
    await prints(0, "predict", run, data, `--output=${join(directory, "a.csv")}`);
    await prints(2, "predict", run, join(directory, "unlabeled"), `--output=${join(directory, "c.csv")}`);
    await prints(0, "embed", run, data, `--output=${join(directory, "e")}`);
    await prints(0, "export", run, `--onnx=${join(directory, "m\x1b.onnx")}`);
    for (const debug of [[], ["--debug"]]) {
      const { stderr } = await prints(1, "predict", run, join(directory, "no\x1b\u202e.png"), ...debug);
      assertStringIncludes(stderr, "no\\u001b\\u202e.png");
      await prints(1, "evaluate", join(directory, "\x9b"), ...debug);
      await prints(1, "train", "--dataset=\x1b[2J", ...debug);
    }
  });
});
