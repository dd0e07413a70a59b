/**
 * What a run shows: a bar with live figures on a terminal, plain lines elsewhere.
 * @module
 */
import type { CostRecord, EvaluationRecord } from "../../semisup/mod.ts";
import { duration, errorText } from "./figures.ts";
import type { Pace } from "./pace.ts";

/** Shows how far a run is. */
export interface Progress {
  /** New mean costs. */
  costs(record: CostRecord): void;
  /** New test errors. */
  evaluation(record: EvaluationRecord): void;
  /** Something that whoever waits should know now, on lines of its own. */
  note(text: string): void;
  /** Something that is wrong, on lines of its own. */
  warning(text: string): void;
  /** Nothing more comes. */
  stop(): void;
}

/** Where a bar is drawn. */
export interface Terminal {
  /** Writes text, control characters included. */
  write(text: string): void;
  /** Its width in characters. */
  columns(): number;
}

/** A run as its progress is seen. */
export interface Progressing {
  readonly totalSteps: number;
  readonly pace: Pace;
  /** Steps completed by now. */
  currentStep(): number;
}

/**
 * Progress of a run, on a terminal where one is given.
 * @param quietInterval Milliseconds without a line after which one says how far the run is, where there is no terminal.
 */
export function createProgress(
  run: Progressing,
  terminal: Terminal | undefined,
  quietInterval = 30_000,
): Progress {
  return terminal ? new Bar(run, terminal) : new Lines(run, quietInterval);
}

/** The terminal that the program talks to, if it does. */
export function standardTerminal(): Terminal | undefined {
  if (!Deno.stdout.isTerminal() || !Deno.stderr.isTerminal()) return undefined;
  const encoder = new TextEncoder();
  return {
    write: (text) => Deno.stderr.writeSync(encoder.encode(text)),
    columns: () => Deno.consoleSize().columns || 80, // Some terminals say 0.
  };
}

/** Plain lines: one for each record, and where a step takes long some between. */
class Lines implements Progress {
  readonly #run: Progressing;
  readonly #timer: ReturnType<typeof setInterval>;
  #isQuiet = true;

  constructor(run: Progressing, quietInterval: number) {
    this.#run = run;
    this.#timer = setInterval(() => {
      if (this.#isQuiet) this.#tellPlace();
      this.#isQuiet = true;
    }, quietInterval);
  }

  costs(record: CostRecord): void {
    const { imagesPerSecond, secondsLeft } = this.#run.pace.at(record.step);
    this.#say(
      `${this.#place(record.step)}  epoch ${record.epoch.toFixed(2)}  ${costsText(record)}  ${
        imagesPerSecond.toFixed(0)
      } images/s  ${duration(secondsLeft)} left`,
    );
  }

  evaluation({ step, student, teacher }: EvaluationRecord): void {
    this.#say(
      `${this.#place(step)}  test error: student ${errorText(student)}, teacher ${errorText(teacher)}`,
    );
  }

  note(text: string): void {
    this.#say(text);
  }

  warning(text: string): void {
    console.error(text);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #say(line: string): void {
    this.#isQuiet = false;
    console.log(line);
  }

  #tellPlace(): void {
    const step = this.#run.currentStep();
    const { imagesPerSecond, secondsLeft } = this.#run.pace.at(step);
    const pace = imagesPerSecond > 0
      ? `${imagesPerSecond.toFixed(0)} images/s  ${duration(secondsLeft)} left`
      : "starting";
    console.log(`${this.#place(step)}  ${pace}`);
  }

  #place(step: number): string {
    return `step ${step}/${this.#run.totalSteps}`;
  }
}

/** What is shown of costs: those that are there. */
function costsText({ cost, classificationCost, consistencyCost, logitDistanceCost }: CostRecord): string {
  const parts = [
    `classification ${classificationCost.toFixed(4)}`,
    `consistency ${consistencyCost.toFixed(4)}`,
  ];
  if (logitDistanceCost !== 0) parts.push(`logit distance ${logitDistanceCost.toFixed(4)}`);
  return `cost ${cost.toFixed(4)} (${parts.join(", ")})`;
}

/** Milliseconds from one drawing of the bar to the next. */
const drawingInterval = 250;
const widestBar = 20;
/** What is left out where there is no room, what matters least first, and the width of the bar that it gives way to. */
const dispensable = [["speed", 10], ["cost", 10], ["student", 4], ["left", 4], ["teacher", 4]] as const;
const hideCursor = "\x1b[?25l", showCursor = "\x1b[?25h", clearToEnd = "\x1b[K";

/** A bar that stays at the foot of the terminal, and moves with the steps, not only with records. */
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
    globalThis.addEventListener("unload", this.stop); // An exit at once must not leave the cursor hidden.
  }

  costs({ cost }: CostRecord): void {
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
    this.#terminal.write(`\r${clearToEnd}${text}\n`);
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
