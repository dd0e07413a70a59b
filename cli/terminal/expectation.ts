/**
 * The expected length of a run, printed as soon as its first steps show it.
 * @module
 */

/** Facts of a run that are known before it starts. */
export interface ExpectedRun {
  readonly totalSteps: number;
  /** Height and width of the images. */
  readonly canvas: readonly [number, number];
  /** True if `--image-size` can make the images smaller. */
  readonly canShrink: boolean;
  /** Number of runs of the same length that follow, and the flag that asks for them. */
  readonly others?: { readonly count: number; readonly flag: string };
  /** Returns the number of steps that are completed or under way; a few are computed at once. */
  currentStep(): number;
}

/** Longest run in seconds of which nothing is printed. */
const short = 60;
/** Shortest run in seconds for which faster settings are suggested. */
const long = 300;
/** Milliseconds between two looks at the step, and shortest time to measure. */
const lookInterval = 50, leastTime = 1000;

/** Returns a rough time, such as `31 min`. */
function roughTime(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 90 * 60 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Returns the text; `undefined` for a short run. @param seconds Expected time for the remaining steps. */
export function expectationText(
  { totalSteps, canvas: [height, width], canShrink, others }: ExpectedRun,
  { seconds, stepsLeft }: { readonly seconds: number; readonly stepsLeft: number },
): string | undefined {
  const isWhole = stepsLeft === totalSteps;
  const all = seconds + (others ? others.count * seconds * totalSteps / stepsLeft : 0);
  if (all < short) return undefined;
  const rest = isWhole ? `${totalSteps} steps` : `the remaining ${stepsLeft} steps`;
  const more = others ? `, ${roughTime(all)} with the runs of ${others.flag}` : "";
  const text = `Expected time: about ${roughTime(seconds)} for ${rest} at ${width}×${height} pixels${more}`;
  // A resumed run keeps its images, and much of it is done.
  if (all < long || !isWhole) return text;
  const half = Math.round(Math.max(height, width) / 2);
  const ways = [
    ...(canShrink && half >= 8 ? [`--image-size ${half} (a quarter of the pixels)`] : []),
    ...(totalSteps > 1 ? [`--steps ${Math.round(totalSteps / 2)} (half as many)`] : []),
  ];
  return `${text}. To make it shorter: ${ways.join(", ")}`;
}

/**
 * Measures the steps of a run, and reports its expected time once. Steps complete in bursts, as several are queued on the
 * device; the time is measured from burst to burst, beginning with the second.
 * @returns a function that stops measuring.
 */
export function tellExpectation(
  run: ExpectedRun,
  tell: (text: string) => void,
  now: () => number = () => performance.now(),
): () => void {
  const firstStep = run.currentStep();
  const looks: { readonly step: number; readonly time: number }[] = [];
  const timer = setInterval(() => {
    const step = run.currentStep(), time = now();
    if (step === (looks.at(-1)?.step ?? firstStep)) return;
    looks.push({ step, time });
    const [, start] = looks;
    if (!start || time - start.time < leastTime) return;
    clearInterval(timer);
    const perStep = (time - start.time) / 1000 / (step - start.step);
    const stepsLeft = run.totalSteps - firstStep;
    const text = expectationText(run, { seconds: perStep * stepsLeft, stepsLeft });
    if (text !== undefined) tell(text);
  }, lookInterval);
  return () => clearInterval(timer);
}
