import { assertEquals } from "./assert.ts";
import { judge, parseSummary } from "./run_all.ts";

const GOOD = { passed: 3, failed: 0, skipped: 1 };

Deno.test("test run: every form of Deno's summary line is read", () => {
  const forms: [string, number[]][] = [
    ["ok | 195 passed | 0 failed (72ms)", [195, 0, 0]],
    ["ok | 195 passed | 0 failed | 2 ignored (1m12s)", [195, 0, 2]],
    ["FAILED | 2 passed (1 step) | 1 failed (12 steps) | 1 ignored (1 step) (7ms)", [2, 1, 1]],
    ["ok | 1 passed | 0 failed | 3 filtered out (4ms)", [1, 0, 0]],
    ["ok | 1 passed | 0 failed | 2 ignored | 4 measured | 3 filtered out (4ms)", [1, 0, 2]],
    [
      "\x1b[0m\x1b[31mFAILED\x1b[0m | 2 passed (1 step) | 1 failed | 5 ignored \x1b[0m\x1b[38;5;245m(7ms)\x1b[0m\r",
      [2, 1, 5],
    ],
  ];
  for (const [line, [passed, failed, skipped]] of forms) {
    assertEquals(parseSummary(line), { passed, failed, skipped } as typeof GOOD, line);
  }
});

Deno.test("test run: other lines are no summary", () => {
  for (
    const line of ["", "matmul ... ok (3ms)", "ok | 3 passed", "a test said: ok | 1 passed | 0 failed (1ms)"]
  ) {
    assertEquals(parseSummary(line), undefined);
  }
});

Deno.test("test run: an unexplained exit code is a failure, but the driver's abort after the summary is only noted", () => {
  const abort = { code: 134, signal: "SIGABRT" };
  assertEquals(judge(GOOD, { code: 0 }), { counts: GOOD });
  assertEquals(judge({ ...GOOD, failed: 2 }, { code: 1 }), { counts: { ...GOOD, failed: 2 } });
  assertEquals(judge({ ...GOOD, failed: 2 }, abort), { counts: { ...GOOD, failed: 2 } });
  assertEquals(judge(GOOD, abort), {
    counts: GOOD,
    note: "deno test aborted (134) after its summary, while it released the GPU; the summary counts",
  });
  const others = [
    { code: 1 },
    { code: 134, signal: null },
    { code: 139, signal: "SIGSEGV" },
    { ...abort, hasMore: true },
    { ...abort, hasPanicked: true },
  ];
  for (const ending of others) {
    assertEquals(judge(GOOD, ending).counts, { ...GOOD, failed: 1 }, JSON.stringify(ending));
  }
  for (const ending of [{ code: 0 }, { code: 1 }, abort]) {
    assertEquals(judge(undefined, ending).counts, { passed: 0, failed: 1, skipped: 0 });
  }
});
