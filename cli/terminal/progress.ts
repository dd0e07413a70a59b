/**
 * Progress of a run: a bar with live figures on a terminal, plain lines elsewhere.
 * @module
 */
import type { CostRecord, EvaluationRecord } from "../../semisup/mod.ts";
import { duration, errorText, wordsOf } from "./figures.ts";
import type { Pace } from "./pace.ts";
import { outputOptions, printProgress, printWarning, shownText, takesEscapeCodes } from "./output.ts";
import { writeToTerminal } from "./transient_line.ts";

/** Display of a running training. */
export interface Progress {
  /** Shows new mean costs. */
  costs(record: CostRecord): void;
  /** Shows new test errors. */
  evaluation(record: EvaluationRecord): void;
  /** Shows a remark on lines of its own. */
  note(text: string): void;
  /** Shows a warning on lines of its own. */
  warning(text: string): void;
  /** Ends the display. */
  stop(): void;
}

/** Terminal on which a bar is drawn. */
export interface Terminal {
  /** Writes text, control characters included. */
  write(text: string): void;
  /** Returns the width in characters. */
  columns(): number;
}

/** Progress of a run. */
export interface Progressing {
  readonly totalSteps: number;
  readonly pace: Pace;
  /** Returns the number of completed steps. */
  currentStep(): number;
}

/**
 * Returns a bar on a terminal; without a terminal, a display in lines.
 * @param quietInterval Milliseconds without a line after which a line shows the current step.
 */
export function createProgress(
  run: Progressing,
  terminal: Terminal | undefined,
  quietInterval = 30_000,
): Progress {
  return terminal ? new Bar(run, terminal) : new Lines(run, quietInterval);
}

/** Returns the terminal for a bar; `undefined` if there is none or lines are wanted. */
export function standardTerminal(): Terminal | undefined {
  const { json, quiet } = outputOptions();
  // Lines of JSON on the same terminal would break the bar.
  if (quiet || !takesEscapeCodes(Deno.stderr) || Deno.stdout.isTerminal() === json) return undefined;
  return {
    write: writeToTerminal,
    columns: terminalColumns,
  };
}

/** Returns the width of the terminal; some report 0, and one that was closed has none. */
function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/** Plain lines: one for each record, and more if steps take long. */
class Lines implements Progress {
  readonly #run: Progressing;
  readonly #timer: ReturnType<typeof setInterval>;
  #isQuiet = true;

  constructor(run: Progressing, quietInterval: number) {
    this.#run = run;
    this.#timer = setInterval(() => {
      if (this.#isQuiet) this.#printPlace();
      this.#isQuiet = true;
    }, quietInterval);
  }

  costs(record: CostRecord): void {
    const { imagesPerSecond, secondsLeft } = this.#run.pace.at(record.step);
    this.#print(
      `${this.#place(record.step)}  epoch ${record.epoch.toFixed(2)}  ${costsText(record)}  ${
        imagesPerSecond.toFixed(0)
      } images/s  ${duration(secondsLeft)} left`,
    );
  }

  evaluation({ step, student, teacher }: EvaluationRecord): void {
    this.#print(
      `${this.#place(step)}  test error: student ${errorText(student)}, teacher ${errorText(teacher)}`,
    );
  }

  note(text: string): void {
    this.#print(text);
  }

  warning(text: string): void {
    printWarning(text);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #print(line: string): void {
    this.#isQuiet = false;
    printProgress(line);
  }

  #printPlace(): void {
    const step = this.#run.currentStep();
    const { imagesPerSecond, secondsLeft } = this.#run.pace.at(step);
    const pace = imagesPerSecond > 0
      ? `${imagesPerSecond.toFixed(0)} images/s  ${duration(secondsLeft)} left`
      : "starting";
    printProgress(`${this.#place(step)}  ${pace}`);
  }

  #place(step: number): string {
    return `step ${step}/${this.#run.totalSteps}`;
  }
}

/** Returns the text of costs: the total and its parts. */
function costsText({ costs: { cost, ...parts } }: CostRecord): string {
  const texts = Object.entries(parts).map(([name, value]) => `${wordsOf(name)} ${value.toFixed(4)}`);
  return `cost ${cost.toFixed(4)} (${texts.join(", ")})`;
}

/** Milliseconds from one drawing of the bar to the next. */
const drawingInterval = 250;
const widestBar = 20;
/** Parts left out for lack of room, the least important first, each with the width that the bar then keeps. */
const dispensable = [["speed", 10], ["cost", 10], ["student", 4], ["left", 4], ["teacher", 4]] as const;
const hideCursor = "\x1b[?25l", showCursor = "\x1b[?25h", clearToEnd = "\x1b[K";

/** A bar at the foot of the terminal; it is redrawn with every step, not only with records. */
class Bar implements Progress {
  readonly #run: Progressing;
  readonly #terminal: Terminal;
  readonly #timer: ReturnType<typeof setInterval>;
  #cost = "";
  #student = "";
  #teacher = "";
  #isStopped = false;

  constructor(run: Progressing, terminal: Terminal) {
    this.#run = run;
    this.#terminal = terminal;
    terminal.write(hideCursor);
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), drawingInterval);
    globalThis.addEventListener("unload", this.stop); // An immediate exit must not leave the cursor hidden.
  }

  costs({ costs: { cost } }: CostRecord): void {
    this.#cost = `cost ${cost.toFixed(3)}`;
    this.#draw();
  }

  evaluation({ student, teacher }: EvaluationRecord): void {
    this.#teacher = `error: teacher ${errorText(teacher)}`;
    this.#student = `student ${errorText(student)}`;
    this.#draw();
  }

  note(text: string): void {
    this.warning(text);
  }

  warning(text: string): void {
    this.#terminal.write(`\r${clearToEnd}${shownText(text)}\n`);
    this.#draw();
  }

  readonly stop = (): void => {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearInterval(this.#timer);
    globalThis.removeEventListener("unload", this.stop);
    this.#draw();
    this.#terminal.write(`${showCursor}\n`);
  };

  #draw(): void {
    const { totalSteps, pace } = this.#run;
    const step = this.#run.currentStep();
    const { imagesPerSecond, secondsLeft } = pace.at(step);
    const isKnown = imagesPerSecond > 0;
    const parts = {
      place: `step ${step}/${totalSteps}`,
      left: isKnown ? `${duration(secondsLeft)} left` : "starting",
      teacher: this.#teacher,
      student: this.#student,
      cost: this.#cost,
      speed: isKnown ? `${imagesPerSecond.toFixed(0)} images/s` : "",
    };
    const room = this.#terminal.columns() - 1; // A full line would wrap.
    let text = textOf(parts);
    for (const [name, barWidth] of dispensable) {
      if (text.length + 1 + barWidth <= room) break;
      parts[name] = "";
      text = textOf(parts);
    }
    const width = Math.max(0, Math.min(widestBar, room - text.length - 1));
    const done = Math.floor(width * Math.min(1, step / totalSteps));
    this.#terminal.write(`\r${"█".repeat(done)}${"░".repeat(width - done)} ${text}${clearToEnd}`);
  }
}

function textOf(parts: Readonly<Record<string, string>>): string {
  return Object.values(parts).filter((part) => part !== "").join(" | ");
}
