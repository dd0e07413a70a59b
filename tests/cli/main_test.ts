/** One program for all commands: its help, names in usage lines, suggestions, and completions that shells run. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { subCommands } from "../../cli/main.ts";
import { helpText } from "../../cli/command/help.ts";
import { nearest } from "../../cli/command/nearest.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { assertEnded, type Ending, run } from "./command.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const main = join(root, "cli", "main.ts");
const isWindows = Deno.build.os === "windows";

/** Runs the program with arguments, by default from the project's folder. */
function call(...args: string[]): Promise<Ending> {
  return run([Deno.execPath(), "run", "-A", main, ...args], root);
}

/** Installs the program as users do, and calls a test with what starts it. */
async function installed(test: (start: readonly string[], folder: string) => Promise<void>): Promise<void> {
  await withFiles({}, async (folder) => {
    const install = ["install", "--global", "-A", "--root", folder, "-n", "mean-teacher", main];
    assertEnded(await run([Deno.execPath(), ...install], folder), 0);
    const path = `PATH=${join(folder, "bin")}:${join(Deno.execPath(), "..")}:${Deno.env.get("PATH")}`;
    await test(["env", "-u", "INIT_CWD", path], folder);
  });
}

Deno.test("main: help lists all commands in 40 lines of 80 columns", async () => {
  for (const args of [[], ["-h"], ["--help"], ["help"]]) {
    const ending = await call(...args);
    assertEnded(ending, 0);
    const lines = ending.stdout.trimEnd().split("\n");
    assertEquals(lines[0], "Usage: deno run -A cli/main.ts COMMAND [ARGUMENTS]");
    for (const name of [...Object.keys(subCommands), "completions"]) {
      assert(lines.some((line) => line.startsWith(`  ${name} `)), name);
    }
    assert(lines.length <= 40 && lines.every(({ length }) => length <= 80), ending.stdout);
  }
});

Deno.test("main: help of each command fits 40 lines of 80 columns, with options in groups and three examples", async () => {
  for (const [name, { load }] of Object.entries(subCommands)) {
    const line = await load();
    assertEquals(line.name, name);
    const lines = helpText(line, false).split("\n");
    assert(lines.length <= 40, `${name}: ${lines.length} lines`);
    for (const text of lines) assert(text.length <= 80, text);
    assertEquals(lines.at(lines.indexOf("Examples:") + 4), "", name);
    assert(lines.includes("Output:") || name === "networks", name);
    assert(helpText(line, true).length >= lines.join("\n").length, name);
  }
});

Deno.test("main: mistyped commands are refused with a suggestion", async () => {
  for (
    const [args, message] of [
      [["trian"], "Unknown command trian; did you mean train?"],
      [["xyzzy"], "Unknown command xyzzy; known commands: train, predict, "],
      [["--foo"], "Unknown command --foo; known commands"],
      [["completions"], "completions needs the name of a shell: bash, zsh, fish"],
      [["completions", "bsh"], 'did you mean "bash"?'],
      [["train", "--dataset", "minst"], 'did you mean "mnist"?'],
    ] as const
  ) {
    const ending = await call(...args);
    assertEnded(ending, 1);
    assertStringIncludes(ending.stderr, message);
    assertEquals(ending.stderr.trimEnd().split("\n").length, 1);
  }
});

Deno.test("main: help shows each command as the user called it", async () => {
  const usageOf = async (start: readonly string[], folder = root) => {
    const ending = await run(start, folder);
    assertEnded(ending, 0);
    return ending.stdout.split("\n")[0];
  };
  const train = join(root, "cli", "train.ts"), deno = [Deno.execPath(), "run", "-A"];
  assertEquals(
    await usageOf([...deno, train, "-h"]),
    "Usage: deno run -A cli/train.ts [FOLDER] [OPTIONS]",
  );
  assertEquals(
    await usageOf([...deno, main, "train", "-h"]),
    "Usage: deno run -A cli/main.ts train [FOLDER] [OPTIONS]",
  );
  if (isWindows) return;
  const launcher = ["env", `DENO=${Deno.execPath()}`, join(root, "run")];
  assertEquals(
    await usageOf([...launcher, "predict", "-h"]),
    "Usage: ./run predict MODEL FOLDER|FILE… [OPTIONS]",
  );
  await installed(async (start, folder) => {
    assertEquals(
      await usageOf([...start, "mean-teacher", "predict", "--help"], folder),
      "Usage: mean-teacher predict MODEL FOLDER|FILE… [OPTIONS]",
    );
    assertMatch(
      (await run([...start, "mean-teacher", "--version"], folder)).stdout,
      /^mean-teacher \d.*\ndeno \d.*\nadapter /,
    );
    const networks = await run([...start, "mean-teacher", "networks"], folder);
    assertEnded(networks, 0);
    assertStringIncludes(networks.stdout, "convnet_small");
  });
});

Deno.test(
  { name: "launcher: its help names every command and task, and it starts them", ignore: isWindows },
  async () => {
    const launcher = ["env", `DENO=${Deno.execPath()}`, join(root, "run")];
    const help = (await run([...launcher, "--help"], root)).stdout;
    const { tasks } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
    const names = [...Object.keys(subCommands), "completions", ...Object.keys(tasks)];
    assertEquals(names.filter((name) => !new RegExp(`[\\s,]${name}[\\s,;]`).test(help)), []);
    const dashboard = await run([...launcher, "dashboard", "--help"], root);
    assertEquals(dashboard.stdout.split("\n")[0], "Usage: ./run dashboard RUN… [OPTIONS]");
    assertEquals(dashboard.stderr, "");
    const unknown = await run([...launcher, "tran", "photos"], root);
    assertEquals([unknown.code, unknown.stderr.trim()], [1, "Unknown command tran; did you mean train?"]);
  },
);

Deno.test("OpenGL is used only on request, and said, as its results differ", async () => {
  const call = (env: Record<string, string>, ...args: string[]) =>
    new Deno.Command(Deno.execPath(), { args: ["run", "-A", main, ...args], env }).output();
  const version = async (env: Record<string, string>) =>
    new TextDecoder().decode((await call(env, "--version")).stdout);
  assertMatch(await version({ DENO_WEBGPU_BACKEND: "gl" }), /adapter (none|.*, OpenGL$)/m);
  if (Deno.build.os !== "linux") return;
  const broken = { VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };
  assertMatch(await version(broken), /adapter none/);
  const { code, stderr } = await call(broken, "train", "--dataset", "mnist", "--steps", "1");
  assertEquals(code, 1);
  assertStringIncludes(
    new TextDecoder().decode(stderr),
    "set DENO_WEBGPU_BACKEND=gl; it is several times as slow",
  );
});

/** Returns the completions of a command line by bash, with the script sourced as users do. */
async function completions(script: string, ...words: string[]): Promise<string[]> {
  const program = `${script}
COMP_WORDS=(mean-teacher ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
_mean_teacher 2>&1; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ending = await run(["bash", "--norc", "-c", program], root);
  assertEnded(ending, 0);
  return ending.stdout.trim().split("\n");
}

Deno.test({
  name: "completions: bash completes commands, options, choices, lists and files",
  ignore: isWindows,
  async fn() {
    const { stdout: script } = await call("completions", "bash");
    assertEquals(await completions(script, "t"), ["train"]);
    assertEquals(await completions(script, "train", "--label"), [
      "--labels",
      "--label-pattern",
      "--label-column",
      "--labels-per-class",
      "--labeled-batch-size",
      "--label-smoothing",
    ]);
    assertEquals(await completions(script, "train", "--dataset", "cifar"), ["cifar10", "cifar100"]);
    assertEquals(await completions(script, "train", "--dataset", "=", "mn"), ["mnist"]);
    assertEquals(await completions(script, "train", "--dataset", "="), [
      "mnist",
      "fashion-mnist",
      "cifar10",
      "cifar100",
      "svhn",
      "svhn-extra",
      "folder",
    ]);
    assertEquals(await completions(script, "train", "--augment", "flip,tr"), ["flip,translate"]);
    assertEquals(await completions(script, "evaluate", "--arch", "convnet_s"), ["convnet_small"]);
    assertEquals(await completions(script, "train", "--data", "READ"), ["README.md"]);
    assertEquals(await completions(script, "predict", "READ"), ["README.md"]);
    assertEquals(await completions(script, "completions", "z"), ["zsh"]);
    assert(!(await completions(script, "predict", "--")).includes("--lr"));
  },
});

/** Returns whether a program is installed. */
async function isThere(program: string): Promise<boolean> {
  const ending = await run(["sh", "-c", `command -v ${program}`], root);
  return ending.code === 0;
}

Deno.test({
  name: "completions: zsh loads its script",
  ignore: isWindows || !await isThere("zsh"),
  async fn() {
    const { stdout: zsh } = await call("completions", "zsh");
    assertStringIncludes(zsh, "'--dataset=[dataset]:value:(mnist fashion-mnist");
    const loaded = await run([
      "zsh",
      "-f",
      "-c",
      `autoload -U compinit; compinit -u -D\n${zsh}\nwhence -w _mean_teacher`,
    ], root);
    assertEnded(loaded, 0);
    assertEquals(loaded.stdout.trim(), "_mean_teacher: function");
  },
});

Deno.test({
  name: "completions: fish completes with its script",
  ignore: isWindows || !await isThere("fish"),
  async fn() {
    const { stdout: fish } = await call("completions", "fish");
    assertStringIncludes(fish, "-l dataset -x -a 'mnist fashion-mnist");
    const completed = async (line: string) => {
      const ending = await run(["fish", "--no-config", "-c", `${fish}\ncomplete -C '${line}'`], root);
      assertEnded(ending, 0);
      return ending.stdout.trim().split("\n").map((each) => each.split("\t")[0]);
    };
    assertEquals(await completed("mean-teacher tr"), ["train"]);
    assertEquals(await completed("mean-teacher train --dataset cifar"), ["cifar10", "cifar100"]);
    assert((await completed("mean-teacher predict --pro")).includes("--probabilities"));
  },
});

Deno.test("nearest: swaps, omissions and beginnings are found, other words are not", () => {
  const names = ["mnist", "fashion-mnist", "cifar10", "cifar100", "svhn"];
  assertEquals(nearest("minst", names), "mnist");
  assertEquals(nearest("MNIST", names), "mnist");
  assertEquals(nearest("cifar", names), "cifar10");
  assertEquals(nearest("fashion", names), "fashion-mnist");
  assertEquals(nearest("svnh", names), "svhn");
  assertEquals(nearest("imagenet", names), undefined);
  assertEquals(nearest("x", names), undefined);
  assertEquals(nearest("", names), undefined);
});
