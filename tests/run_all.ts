/**
 * Runs all checks and all tests, one after the other whatever fails, and ends with the sum of them:
 * `N passed, N failed, N skipped`. With arguments, which go to `deno test`, it runs only tests.
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** How many checks or tests came out which way. */
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
/** What a program ends with when it calls abort(). */
const ABORTED = 134;

/** The counts in a summary line of `deno test`, or undefined if `line` is not one. Those filtered out do not count. */
export function parseSummary(line: string): Counts | undefined {
  const match = SUMMARY.exec(line.replaceAll(ESCAPES, "").trim());
  if (!match) return undefined;
  const [passed, failed, skipped] = match.slice(1).map((digits = "0") => Number(digits));
  return { passed: passed!, failed: failed!, skipped: skipped! };
}

/** What `deno test` counts as, given its summary, if it came to one, and its exit code. */
export function judge(summary: Counts | undefined, code: number): { counts: Counts; note?: string } {
  if (!summary) {
    return {
      counts: { passed: 0, failed: 1, skipped: 0 },
      note: `deno test ended with ${code} and no summary`,
    };
  }
  if (code === 0 || summary.failed > 0) return { counts: summary };
  if (code === ABORTED) {
    // Deno with WebGPU now and then aborts while it shuts down, after its last test.
    return { counts: summary, note: `deno test aborted (${code}) after its summary, which is what counts` };
  }
  return {
    counts: { ...summary, failed: 1 },
    note: `deno test ended with ${code} though its summary has no failure`,
  };
}

/** Runs Deno on the project; `onLine` sees each line of its output, which passes through as it comes. */
async function deno(args: string[], onLine?: (line: string) => void): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("..", import.meta.url),
    env: Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" },
    stdout: onLine ? "piped" : "inherit",
  }).spawn();
  if (onLine) {
    const [shown, parsed] = child.stdout.tee();
    const parsing = (async () => {
      let rest = "";
      for await (const text of parsed.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        lines.forEach((line) => onLine(line));
      }
      onLine(rest);
    })();
    await Promise.all([parsing, shown.pipeTo(Deno.stdout.writable, { preventClose: true })]);
  }
  return (await child.status).code;
}

async function test(args: string[]): Promise<Counts> {
  console.log("\n== deno test");
  let summary: Counts | undefined;
  const code = await deno(
    ["test", "-A", "--doc", ...args],
    (line) => summary = parseSummary(line) ?? summary,
  );
  const { counts, note } = judge(summary, code);
  if (note) console.error(note);
  return counts;
}

async function main(args: string[]): Promise<void> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const checks = args.length > 0 ? [] : [
    ["fmt", "--check"],
    ["lint"],
    ["check", ".", "--quiet"],
    ["doc", "--lint", ...Object.values(config.exports)],
  ];
  for (const check of checks) {
    console.log(`\n== deno ${check.slice(0, 2).join(" ")}`);
    if (await deno(check) === 0) total.passed++;
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
