/** Commands that are declared, run in this process. */
import { defineCommand } from "../../cli/command/command.ts";
import { inGroup } from "../../semisup/mod.ts";
import { debugRow } from "../../cli/command/rows.ts";
import type { Outcome } from "../../cli/command/process.ts";
import { assertEquals, assertMatch } from "../assert.ts";

const command = defineCommand({
  name: "made_up",
  description: "Ends as it is told.",
  rows: inGroup("running", {
    times: { kind: "integer", default: 2, minimum: 1, help: "number of repetitions" },
    debug: debugRow,
  }),
  operands: [{ name: "HOW", help: "how to end" }, { name: "MORE", help: "more", isMany: true }],
  stopsAtOnce: true,
  run({ options: { times }, chosen, operands: [how, [first, ...others]] }) {
    if (how === "failed") throw new RangeError("Cannot go on as it must work: it does not");
    console.log(how, times, Object.keys(chosen).join(), first, others.length);
    return how as Outcome;
  },
});

/** Runs a command in this process. @returns The printed lines and the exit code. */
async function execute(...args: string[]) {
  const { log, error } = console, lines: unknown[] = [];
  console.log = console.error = (...values: unknown[]) => lines.push(values.join(" "));
  try {
    return { code: await command.execute(args), lines };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("commands: exit codes follow from how they end", async () => {
  assertEquals(await execute("finished", "a"), { code: 0, lines: ["finished 2  a 0"] });
  assertEquals(await execute("incomplete", "a", "b", "--times=3"), {
    code: 2,
    lines: ["incomplete 3 times a 1"],
  });
  assertEquals(await execute("failed", "a"), {
    code: 1,
    lines: ["Cannot go on as it must work: it does not"],
  });
  assertEquals((await execute("finished")).code, 1);
});

Deno.test("commands: help and version are no failures", async () => {
  const { code, lines: [help] } = await execute("--help");
  assertEquals(code, 0);
  assertEquals(`${help}`.split("\n").slice(0, 7), [
    "Usage: deno run -A cli/made_up.ts HOW MORE… [OPTIONS]",
    "",
    "Ends as it is told.",
    "",
    "Arguments:",
    "  HOW        how to end",
    "  MORE       more",
  ]);
  const version = await execute("--version");
  assertEquals(version.code, 0);
  assertMatch(`${version.lines[0]}`, /^mean-teacher \d+\.\d+\.\d+\ndeno \d+\.\d+\.\d+ \(.+\)\nadapter .+$/);
});
