/**
 * Runs all checks and all tests, one after the other whatever fails, and ends with the sum of them:
 * `N passed, N failed, N skipped`. With arguments, which go to `deno test`, it runs only tests.
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** Numbers of checks or tests by outcome. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const ESCAPES = new RegExp(String.raw`\x1b\[[0-9;]*m`, "g");
const STEPS = String.raw`(?: \(\d+ steps?\))?`;
const SUMMARY = new RegExp(
  String.raw`^(?:ok|FAILED) \| (\d+) passed${STEPS} \| (\d+) failed${STEPS}(?: \| (\d+) ignored${STEPS})?` +
    String.raw`(?: \| \d+ measured${STEPS})?(?: \| \d+ filtered out${STEPS})? \([^()]*\)$`,
);

/** End of `deno test`. */
export interface Ending {
  code: number;
  signal?: string | null;
  /** True if anything was printed after the summary. */
  hasMore?: boolean;
  /** True if Deno, or the WebGPU library in it, reported a panic. */
  hasPanicked?: boolean;
}

/** The counts in a summary line of `deno test`, or undefined if `line` is not one. Those filtered out do not count. */
export function parseSummary(line: string): Counts | undefined {
  const match = SUMMARY.exec(line.replaceAll(ESCAPES, "").trim());
  if (!match) return undefined;
  const [passed, failed, skipped] = match.slice(1).map((digits = "0") => Number(digits));
  return { passed: passed!, failed: failed!, skipped: skipped! };
}

/**
 * Returns whether Deno called abort() after the last test and the summary, as happens now and then when it releases
 * the GPU. A panic is another fault.
 */
function isKnownAbort({ code, signal, hasMore = false, hasPanicked = false }: Ending): boolean {
  return code === 134 && signal === "SIGABRT" && !hasMore && !hasPanicked;
}

/** Returns the counts of `deno test` from its summary, if it printed one, and its end. */
export function judge(summary: Counts | undefined, ending: Ending): { counts: Counts; note?: string } {
  const { code } = ending;
  if (!summary) {
    return {
      counts: { passed: 0, failed: 1, skipped: 0 },
      note: `deno test ended with ${code} and no summary`,
    };
  }
  if (code === 0 || summary.failed > 0) return { counts: summary };
  if (isKnownAbort(ending)) {
    return {
      counts: summary,
      note: `deno test aborted (${code}) after its summary, while it released the GPU; the summary counts`,
    };
  }
  return {
    counts: { ...summary, failed: 1 },
    note: `deno test ended with ${code} though its summary has no failure`,
  };
}

/** Passes a stream on as it comes; `onLine` sees each line. */
async function passOn(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: WritableStream<Uint8Array<ArrayBufferLike>>,
  onLine: (line: string) => void,
): Promise<void> {
  const [shown, parsed] = from.tee();
  const parse = async () => {
    let rest = "";
    for await (const text of parsed.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      lines.forEach((line) => onLine(line));
    }
    onLine(rest);
  };
  await Promise.all([parse(), shown.pipeTo(to, { preventClose: true })]);
}

/** Runs Deno on the project. */
function deno(args: string[], output: "inherit" | "piped"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("..", import.meta.url),
    env: Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" },
    stdout: output,
    stderr: output,
  }).spawn();
}

async function test(args: string[]): Promise<Counts> {
  console.log("\n== deno test");
  let summary: Counts | undefined, hasMore = false, hasPanicked = false;
  const child = deno(["test", "-A", "--doc", ...args], "piped");
  await Promise.all([
    passOn(child.stdout, Deno.stdout.writable, (line) => {
      const found = parseSummary(line);
      hasMore = !found && (hasMore || line.trim() !== "");
      summary = found ?? summary;
    }),
    passOn(child.stderr, Deno.stderr.writable, (line) => hasPanicked ||= / panicked/.test(line)),
  ]);
  const { counts, note } = judge(summary, { ...await child.status, hasMore, hasPanicked });
  if (note) console.error(note);
  return counts;
}

/** Folders without non-null assertions; kernels and tests index by numbers that loops keep in range. */
const roomsWithoutAssertions = ["bench", "cli", "data", "nn", "semisup", "browser.ts", "mod.ts"];

async function main(args: string[]): Promise<void> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const checks = args.length > 0 ? [] : [
    ["fmt", "--check"],
    ["lint"],
    ["lint", "--rules-include=no-non-null-assertion", ...roomsWithoutAssertions],
    ["check", ".", "--quiet"],
    ["doc", "--lint", ...Object.values(config.exports)],
  ];
  for (const check of checks) {
    console.log(`\n== deno ${check.slice(0, 2).join(" ")}`);
    if ((await deno(check, "inherit").status).success) total.passed++;
    else {
      total.failed++;
      console.log(`deno ${check.slice(0, 2).join(" ")} failed`);
    }
  }
  const counts = await test(args);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  Deno.exitCode = total.failed > 0 ? 1 : 0;
}

if (import.meta.main) await main(Deno.args);
