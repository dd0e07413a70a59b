/**
 * The log of a run, as it is in its folder: what each line says, and what of it counts.
 * @module
 */
import type { CostRecord, EvaluationRecord } from "../../semisup/mod.ts";

/** A training process began: a run has one for its beginning, and one for each time that it went on. */
export interface StartRecord {
  readonly kind: "start";
  readonly step: number;
  readonly device: string;
  readonly version: string;
}

/** What the self-check measured at a step. */
export interface DiagnosticsRecord {
  readonly kind: "diagnostics";
  readonly step: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** All numbers by their names. */
  readonly figures: Readonly<Record<string, number>>;
  /** Shares of the classes among the teacher's predictions and among labels, where they were measured. */
  readonly teacherClasses: readonly number[] | null;
  readonly labelClasses: readonly number[] | null;
}

/** A test of both networks; what is no finite number was not measured, or has diverged. */
export type LoggedEvaluation = Pick<EvaluationRecord, "kind" | "step" | "student" | "teacher">;

/** All that a log says, in the order of steps. */
export interface RunLog {
  readonly starts: readonly StartRecord[];
  readonly costs: readonly CostRecord[];
  readonly evaluations: readonly LoggedEvaluation[];
  readonly diagnostics: readonly DiagnosticsRecord[];
  /** Seconds of training, of all processes together. */
  readonly seconds: number;
  /** Whether the last line is not all there, as the process ended while it was written. */
  readonly isCut: boolean;
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Reads the log of a run. Where a run went on from a checkpoint, what an earlier process logged of later steps no longer
 * counts: those steps were done again.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the line that is no record.
 */
export function parseLog(text: string, source: string): RunLog {
  const lines = text.split("\n");
  // Every whole line has its line break: what comes after the last one was cut off.
  const isCut = lines.pop()!.trim() !== "";
  const records: Line[] = [];
  let seconds = 0, secondsOfProcess = 0;
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const damaged = (state: string) =>
      new SyntaxError(`Cannot use ${source} as line ${index + 1} must be a record of training: ${state}`);
    const line = parseLine(text, damaged);
    check(line, damaged);
    if (line["kind"] === "start") {
      seconds += secondsOfProcess;
      secondsOfProcess = 0;
      while (records.length > 0 && Number(records.at(-1)!["step"]) > Number(line["step"])) records.pop();
    }
    if (isNumber(line["seconds"])) secondsOfProcess = line["seconds"];
    records.push(line);
  }
  const those = <T>(kind: string) => records.filter((line) => line["kind"] === kind) as unknown as T[];
  return {
    starts: those<StartRecord>("start"),
    costs: those<CostRecord>("costs"),
    evaluations: those<LoggedEvaluation>("evaluation"),
    diagnostics: those<Line>("diagnostics").map(diagnosticsOf),
    seconds: seconds + secondsOfProcess,
    isCut,
  };
}

function parseLine(text: string, damaged: (state: string) => SyntaxError): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw damaged("it is no JSON");
  }
  if (isObject(line)) return line;
  throw damaged("it is no object");
}

/** What a report reads of each kind of record; other kinds may say what they want. */
const numbersOf: Readonly<Record<string, readonly string[]>> = {
  costs: [
    "cost",
    "classificationCost",
    "consistencyCost",
    "logitDistanceCost",
    "learningRate",
    "consistencyWeight",
    "emaDecay",
  ],
};

function check(line: Line, damaged: (state: string) => SyntaxError): void {
  const { kind, step } = line;
  if (typeof kind !== "string") throw damaged("it has no kind");
  if (!Number.isSafeInteger(step) || (step as number) < 0) throw damaged(`its step is ${step}`);
  const missing = numbersOf[kind]?.find((name) => !isNumber(line[name]));
  if (missing) throw damaged(`its ${missing} is ${line[missing]}`);
  if (kind !== "evaluation") return;
  for (const who of ["student", "teacher"]) {
    const evaluation = line[who];
    if (!isObject(evaluation) || !isNumber(evaluation["testError"])) {
      throw damaged(`it has no test error of the ${who}`);
    }
  }
}

/** Numbers of a record that say when it was made, not what was found. */
const times: ReadonlySet<string> = new Set(["step", "epoch", "seconds"]);

function diagnosticsOf(line: Line): DiagnosticsRecord {
  const { step, warnings, teacherClasses, labelClasses } = line;
  const figures = Object.entries(line).filter(([name, value]) => !times.has(name) && isNumber(value));
  return {
    kind: "diagnostics",
    step: step as number,
    figures: Object.fromEntries(figures) as Record<string, number>,
    teacherClasses: numbersIn(teacherClasses),
    labelClasses: numbersIn(labelClasses),
    warnings: (Array.isArray(warnings) ? warnings : []).filter(isObject).map(({ code, message }) => ({
      code: String(code ?? "warning"),
      message: String(message ?? ""),
    })),
  };
}

function numbersIn(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.length > 0 && value.every(isNumber) ? value : null;
}

/** Whether a value is a finite number. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Whether a value is an object with names. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
