/** The time that a run will take, from its first steps. */
import { expectationText, type ExpectedRun, tellExpectation } from "../../cli/terminal/expectation.ts";
import { assertEquals } from "../assert.ts";

const run: ExpectedRun = { totalSteps: 2000, canvas: [48, 64], canShrink: true, currentStep: () => 0 };
const text = (more: Partial<ExpectedRun>, seconds: number, stepsLeft = 2000) =>
  expectationText({ ...run, ...more }, { seconds, stepsLeft });

Deno.test("expectation: a long run has advice, a short one only its time, the shortest nothing", () => {
  assertEquals(
    text({}, 31 * 60),
    "Expected time: about 31 min for 2000 steps at 64×48 pixels. To make it shorter: --image-size 32 (a quarter of the pixels), --steps 1000 (half as many)",
  );
  assertEquals(text({}, 70), "Expected time: about 70 s for 2000 steps at 64×48 pixels");
  assertEquals(text({}, 299), "Expected time: about 5 min for 2000 steps at 64×48 pixels");
  assertEquals(text({}, 59), undefined);
  assertEquals(
    text({ canShrink: false }, 3 * 3600, 500),
    "Expected time: about 3.0 h for the remaining 500 steps at 64×48 pixels",
  );
});

Deno.test("expectation: runs that follow are counted at their full length", () => {
  const others = { count: 5, flag: "--folds" };
  assertEquals(
    text({ others }, 20),
    "Expected time: about 20 s for 2000 steps at 64×48 pixels, 2 min with the runs of --folds",
  );
  assertEquals(
    text({ others, canShrink: false }, 60, 1000),
    "Expected time: about 60 s for the remaining 1000 steps at 64×48 pixels, 11 min with the runs of --folds",
  );
});

Deno.test("expectation: it is printed once, and follows from the measured pace", async () => {
  // 16 steps are on their way at once, then every 8 take 4 s.
  const steps = [0, 0, 16, 16, 24, 24, 32, 40], state = { look: 0 };
  const printed: string[] = [];
  const stop = tellExpectation(
    { ...run, totalSteps: 1000, currentStep: () => steps[Math.min(state.look, steps.length - 1)] ?? 0 },
    (text) => printed.push(text),
    () => {
      const time = state.look < 4 ? 100 * state.look : 4000 * ((steps[state.look] ?? 40) / 8);
      state.look++;
      return time;
    },
  );
  while (state.look < steps.length - 1 && printed.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  stop();
  assertEquals(printed, [
    "Expected time: about 8 min for 1000 steps at 64×48 pixels. To make it shorter: --image-size 32 (a quarter of the pixels), --steps 500 (half as many)",
  ]);
});
