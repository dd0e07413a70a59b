/** The documentation: its links lead somewhere, its commands parse, its programs run, and what is generated is up to date. */
import { dirname, join } from "node:path/posix";
import { pathToFileURL } from "node:url";
import { generatedFiles } from "../cli/command/docs.ts";
import { exitCodes } from "../cli/command/exit_codes.ts";
import { flagOf } from "../cli/command/options.ts";
import { dashboardCommand } from "../cli/dashboard.ts";
import { evaluateCommand } from "../cli/evaluate.ts";
import { experimentCommand } from "../cli/experiment.ts";
import { embedCommand } from "../cli/embed.ts";
import { exportCommand } from "../cli/export.ts";
import { labelsCommand } from "../cli/labels.ts";
import { subCommands } from "../cli/main.ts";
import { networksCommand } from "../cli/networks.ts";
import { predictCommand } from "../cli/predict.ts";
import { reportCommand } from "../cli/report.ts";
import { serveCommand } from "../cli/serve.ts";
import { labelCommand } from "../cli/label.ts";
import { suggestCommand } from "../cli/suggest.ts";
import { trainCommand } from "../cli/train.ts";
import config from "../deno.json" with { type: "json" };
import { rules } from "../semisup/self_check/rules.ts";
import { assert, assertEquals } from "./assert.ts";
import { gpuTest } from "./kernels/device.ts";

/** Programs in the pages that are type-checked but not run, by page and heading. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "README.md#Library": "trains on MNIST for minutes; readme_program_test.ts runs it on less",
  "docs/library.md#Train": "trains on MNIST for minutes",
};
/** Programs of others that shell blocks may start; nothing is known of their options. */
const OTHER_PROGRAMS = ["git", "cd", "sudo", "apt-get", "curl"];
/** Flags in the text that belong to other programs, or to all commands. */
const OTHER_FLAGS = [
  "sshlogin",
  "allow-run-as-root",
  "oversubscribe",
  "mca",
  "gpus",
  "gpus-per-task",
  "allow-read",
  "allow-write",
  "allow-env",
  "allow-ffi",
  "allow-net",
  "bombs",
  "allow-run",
  "runs",
  "reader",
  "compare",
  "filter",
  "help",
  "hours",
  "lr-rampdown-epochs",
  "model",
  "part",
  "picture",
  "quick",
  "samples",
  "stand-in",
  "timeline",
  "traffic",
  "version",
  "clients",
  "seconds",
];
/** Lines that a page has at most. */
const MOST_LINES = 200, MOST_LINES_OF_README = 150;

const commands: Readonly<
  Record<string, { readonly rows: object; parse(args: readonly string[]): unknown }>
> = {
  train: trainCommand,
  predict: predictCommand,
  serve: serveCommand,
  evaluate: evaluateCommand,
  label: labelCommand,
  suggest: suggestCommand,
  report: reportCommand,
  dashboard: dashboardCommand,
  experiment: experimentCommand,
  export: exportCommand,
  embed: embedCommand,
  labels: labelsCommand,
  networks: networksCommand,
};
const root = new URL("../", import.meta.url);

interface Block {
  readonly language: string;
  readonly heading: string;
  readonly text: string;
}

interface Page {
  readonly path: string;
  readonly lines: number;
  /** Text without blocks of code. */
  readonly prose: string;
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
}

function readPage(path: string, text: string): Page {
  const prose: string[] = [], headings: string[] = [], blocks: Block[] = [];
  let block: { language: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [, fence] = /^\s*```(.*)$/.exec(line) ?? [];
    if (block && fence !== undefined) {
      const { language, lines } = block;
      blocks.push({ language, heading: headings.at(-1) ?? "", text: lines.join("\n") });
      block = undefined;
    } else if (block) block.lines.push(line);
    else if (fence !== undefined) block = { language: fence.trim().split(" ")[0] ?? "", lines: [] };
    else {
      const [, heading] = /^#+ (.*)$/.exec(line) ?? [];
      if (heading !== undefined) headings.push(heading);
      prose.push(line);
    }
  }
  return { path, lines: text.trimEnd().split("\n").length, prose: prose.join("\n"), headings, blocks };
}

const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "kernels/README.md"];
for await (const { name } of Deno.readDir(new URL("docs", root))) {
  if (name.endsWith(".md")) paths.push(`docs/${name}`);
}
const pages = new Map<string, Page>();
for (const path of paths.sort()) {
  pages.set(path, readPage(path, await Deno.readTextFile(new URL(path, root))));
}

/** Returns the anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

/** Returns a shell text as commands of words, without redirections and the words of loops. */
function commandsIn(text: string): string[][] {
  const lines = text.replaceAll(/\\\n\s*/g, " ").split(/\n|;|\|/);
  return lines.flatMap((line) => {
    const words = line.replace(/(^|\s)#.*$/, "").replace(/\d?>+\s*\S+/g, "").replaceAll(/\$\w+/g, "100")
      .trim().replace(/^(do|for|done)\b\s*/, (_, word) => word === "for" ? "for " : "")
      .match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replaceAll(/["']/g, "")) ?? [];
    const isPrefixed = words[0] === "timeout" || words[0] === "mpirun";
    const rest = isPrefixed ? words.slice(words.indexOf("deno")) : words;
    return rest.length === 0 || rest[0] === "for" ? [] : [rest];
  });
}

function fileExists(path: string): boolean {
  try {
    return Deno.statSync(new URL(path, root)) !== undefined;
  } catch {
    return false;
  }
}

/** Returns a fault of a command, or `undefined` if it can be started as it is written. */
function faultOfCommand(words: readonly string[]): string | undefined {
  const [program = "", first = "", second = "", ...rest] = words;
  const parsed = (name: string, args: readonly string[]): string | undefined => {
    try {
      commands[name]?.parse(args);
      return undefined;
    } catch (error) {
      return `${error}`;
    }
  };
  const exists = (path: string): string | undefined =>
    fileExists(path) ? undefined : `${path} does not exist`;
  const task = (name: string, args: readonly string[]) => {
    if (!Object.hasOwn(config.tasks, name)) return `deno.json has no task ${name}`;
    return parsed(name === "demo" ? "train" : name, args);
  };
  if (program === "mean-teacher") {
    return Object.hasOwn(commands, first)
      ? parsed(first, words.slice(2))
      : ["completions", "--version", "--help"].includes(first)
      ? undefined
      : `mean-teacher has no command ${first}`;
  }
  if (program === "./run") return task(first, words.slice(2));
  if (program === "deno" && first === "task") return task(second, rest);
  if (program === "deno" && first === "run") {
    const [path = "", ...args] = rest, [, name = ""] = /^cli\/(\w+)\.ts$/.exec(path) ?? [];
    return exists(path) ?? parsed(name, args);
  }
  if (program === "deno") {
    return words.filter((word) => word.endsWith(".ts")).map(exists).find((fault) => fault !== undefined);
  }
  return OTHER_PROGRAMS.includes(program) ? undefined : `${program} is not a known program`;
}

/** Inline code of a page. */
function codeIn({ prose }: Page): string[] {
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll(/\s+/g, " "));
}

Deno.test("docs: every link leads to a file, and to a heading if it names one", () => {
  const faults: string[] = [];
  for (const { path, prose } of pages.values()) {
    for (const [, target = ""] of prose.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:)/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const full = file === "" ? path : join(dirname(path), file);
      const linked = pages.get(full);
      if (anchor !== undefined && !linked?.headings.some((heading) => anchorOf(heading) === anchor)) {
        faults.push(`${path}: ${target} has no such heading`);
      }
      if (!fileExists(full)) faults.push(`${path}: ${target} does not exist`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("docs: every file of the project that is named exists", () => {
  const faults: string[] = [];
  for (const page of pages.values()) {
    if (page.path === "CHANGELOG.md") continue; // Names files of former versions.
    for (const code of codeIn(page)) {
      const isFile = /^(bench|cli|data|kernels|nn|semisup|tests|docs)\/[\w./]*$/.test(code);
      if (isFile && !fileExists(code)) faults.push(`${page.path}: ${code} does not exist`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("docs: every command can be parsed", () => {
  const faults: string[] = [];
  for (const page of pages.values()) {
    const texts = page.blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
    // In a sentence, a command without arguments is only a name.
    const inline = codeIn(page).filter((code) =>
      /^(mean-teacher|\.\/run|deno (run -A|task)) \S+ \S/.test(code) && !/…|\b[A-Z]{3,}\b/.test(code)
    );
    for (const words of [...texts, ...inline].flatMap(commandsIn)) {
      const fault = faultOfCommand(words);
      if (fault !== undefined) faults.push(`${page.path}: ${words.join(" ")}: ${fault}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("docs: commands that cannot be parsed are found", () => {
  assertEquals(commandsIn("deno task report runs/a \\\n  --output b.html > c # why"), [
    ["deno", "task", "report", "runs/a", "--output", "b.html"],
  ]);
  for (
    const wrong of [
      "mean-teacher train --no-such-option",
      "mean-teacher trian",
      "./run demo --epochs many",
      "deno task nothing",
      "deno run -A cli/nothing.ts",
      "deno bundle nothing.ts",
      "python train.py",
    ]
  ) assert(commandsIn(wrong).every((words) => faultOfCommand(words) !== undefined), wrong);
});

Deno.test("docs: every option that is mentioned exists", () => {
  const flags = new Set(
    Object.values(commands).flatMap(({ rows }) => Object.keys(rows)).flatMap((option) => {
      const flag = flagOf(option).slice(2);
      return [flag, `no-${flag}`];
    }),
  );
  const faults: string[] = [];
  for (const page of pages.values()) {
    if (page.path === "CHANGELOG.md") continue; // Names options of former versions.
    for (const code of codeIn(page)) {
      for (const [, flag = ""] of code.matchAll(/(?:^|\s)--([a-z][a-z0-9-]*[a-z0-9])(?![a-zA-Z-])/g)) {
        if (!flags.has(flag) && !OTHER_FLAGS.includes(flag)) faults.push(`${page.path}: --${flag}`);
      }
    }
  }
  assertEquals(faults, []);
});

Deno.test("docs: generated pages and charts are up to date", async () => {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const isSame = await Deno.readTextFile(new URL(`docs/${path}`, root)) === text;
    assert(isSame, `docs/${path} is out of date: run \`deno task docs\``);
  }
});

/** Bytes of a screenshot of a page. */
const largestScreenshot = 250_000;

Deno.test("docs: each drawing is used by a page, needs no other file, and has light and dark colours; screenshots are small", async () => {
  const faults: string[] = [], all = [...pages.values()].map(({ prose }) => prose).join("\n");
  for await (const { name } of Deno.readDir(new URL("docs/images", root))) {
    if (!all.includes(`images/${name})`)) faults.push(`${name} is on no page`);
    if (name.endsWith(".png")) {
      const { size } = await Deno.stat(new URL(`docs/images/${name}`, root));
      if (size > largestScreenshot) faults.push(`${name} has ${size} bytes`);
      continue;
    }
    const text = await Deno.readTextFile(new URL(`docs/images/${name}`, root));
    if (!text.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')) faults.push(`${name} is no SVG`);
    if (!text.includes("prefers-color-scheme: dark")) faults.push(`${name} has no dark colours`);
    if (/<script|<image|(href|src)=|url\((?!#)/.test(text)) faults.push(`${name} needs another file`);
  }
  assertEquals(faults, []);
});

Deno.test("docs: every warning of the self-check has its section", () => {
  const { headings = [] } = pages.get("docs/report.md") ?? {};
  const codes = headings.slice(headings.indexOf("Self-check warnings") + 1);
  assertEquals(codes.filter((heading) => /^[a-z-]+$/.test(heading)).sort(), Object.keys(rules).sort());
});

Deno.test("docs: every command is tried here, and every exit code is listed", () => {
  assertEquals(Object.keys(commands).sort(), Object.keys(subCommands).sort());
  const { prose = "" } = pages.get("docs/runs.md") ?? {};
  const listed = [...prose.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  assertEquals(listed, Object.values(exitCodes).map(({ code }) => code));
});

Deno.test("docs: pages are short, and the README lists them all", () => {
  const { prose = "" } = pages.get("README.md") ?? {};
  const faults: string[] = [];
  for (const { path, lines } of pages.values()) {
    if (lines > (path === "README.md" ? MOST_LINES_OF_README : MOST_LINES)) {
      faults.push(`${path} has ${lines} lines`);
    }
    if (path.startsWith("docs/") && !prose.includes(`(${path})`)) faults.push(`README.md lacks ${path}`);
  }
  assertEquals(faults, []);
});

/** Writes the programs of all pages to files of their own, which import this checkout. */
async function writePrograms(folder: string): Promise<{ readonly file: string; readonly name: string }[]> {
  const programs: { file: string; name: string }[] = [];
  for (const { path, blocks } of pages.values()) {
    for (const [i, { language, heading, text }] of blocks.entries()) {
      if (language !== "ts") continue;
      const file = join(folder, `${path.replaceAll(/\W/g, "_")}_${i}.ts`);
      await Deno.writeTextFile(file, `${text.replaceAll("https://…/", root.href)}\nexport {};\n`);
      programs.push({ file, name: `${path}#${heading}` });
    }
  }
  return programs;
}

gpuTest("docs: every program passes the type check, and runs unless it is listed as too long", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const programs = await writePrograms(folder);
    const names = programs.map(({ name }) => name);
    assertEquals(Object.keys(NOT_RUN).filter((name) => !names.includes(name)), []);
    const checked = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--quiet",
        "--config",
        new URL("deno.json", root).pathname,
        ...programs.map(({ file }) => file),
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assert(checked.success, new TextDecoder().decode(checked.stderr));
    for (const { file, name } of programs) {
      if (!Object.hasOwn(NOT_RUN, name)) await import(pathToFileURL(file).href);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
