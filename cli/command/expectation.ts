/**
 * The expected length of a run, printed as soon as its first steps show it.
 * @module
 */

/** Facts of a run that are known before it starts. */
export interface ExpectedRun {
  readonly totalSteps: number;
  /** Height and width of the images. */
  readonly canvas: readonly [number, number];
  /** Whether `--image-size` can make the images smaller. */
  readonly canShrink: boolean;
  /** Runs of the same length that come after it, and what asks for them. */
  readonly others?: { readonly count: number; readonly flag: string };
  /** Steps completed by now, or under way: a few are computed at once. */
  currentStep(): number;
}

/** Seconds that are not worth a word. */
const short = 60;
/** Seconds from which on it is said what would take less. */
const long = 300;
/** Milliseconds between looks, and from the first to the last that count. */
const lookInterval = 50, leastTime = 1000;

/** A time as it can be expected, such as `31 min`. */
function about(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 90 * 60 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** The text; nothing of a run that is over soon. @param seconds What the steps that are left will take. */
export function expectationText(
  { totalSteps, canvas: [height, width], canShrink, others }: ExpectedRun,
  { seconds, stepsLeft }: { readonly seconds: number; readonly stepsLeft: number },
): string | undefined {
  const isWhole = stepsLeft === totalSteps;
  const all = seconds + (others ? others.count * seconds * totalSteps / stepsLeft : 0);
  if (all < short) return undefined;
  const rest = isWhole ? `${totalSteps} steps` : `the ${stepsLeft} steps left`;
  const more = others ? `, ${about(all)} with what ${others.flag} asks for` : "";
  const text = `This will take about ${about(seconds)} for ${rest} at ${width}×${height} pixels${more}`;
  // A run that goes on keeps its images, and has been through half of its steps or will soon be.
  if (all < long || !isWhole) return text;
  const half = Math.round(Math.max(height, width) / 2);
  const ways = [
    ...(canShrink && half >= 8 ? [`--image-size ${half} (a quarter of the pixels)`] : []),
    ...(totalSteps > 1 ? [`--steps ${Math.round(totalSteps / 2)} (half as many)`] : []),
  ];
  return `${text}. What would make it shorter: ${ways.join(", ")}`;
}

/**
 * Looks at the steps of a run, and tells once what it will take. Steps come in bursts, as several are on their way to the
 * device: time is taken from one burst to another, and not before the second.
 * @returns what stops looking.
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
