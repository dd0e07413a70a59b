/**
 * The log of a run, as it is in its folder: what each line says, and what of it counts.
 * @module
 */
import { isNumber, isObject } from "./json_values.ts";

/** A training process began: a run has one for its beginning, and one for each time that it went on. */
export interface LoggedStart {
  readonly kind: "start";
  readonly step: number;
  readonly device: string;
}

/** Mean costs since the record before. */
export interface LoggedCosts {
  readonly kind: "costs";
  readonly step: number;
  /** Mean weighted costs by name. */
  readonly costs: Readonly<Record<string, number>>;
  /** Scheduled hyperparameters of the last step, by name. */
  readonly hyperparameters: Readonly<Record<string, number>>;
}

/** Errors of a network, as shares; there is no top-5 error of fewer than five classes. */
export interface NetworkErrors {
  /** How many examples they are of. */
  readonly examples: number;
  readonly testError: number;
  readonly top5Error?: number | null;
}

/** A test of both networks. */
export interface LoggedEvaluation {
  readonly kind: "evaluation";
  readonly step: number;
  readonly student: NetworkErrors;
  readonly teacher: NetworkErrors;
}

/** What the self-check measured at a step. */
export interface LoggedDiagnostics {
  readonly kind: "diagnostics";
  readonly step: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** All numbers by their names. */
  readonly figures: Readonly<Record<string, number>>;
  /** Shares of the classes among the teacher's predictions and among labels, where they were measured. */
  readonly teacherClasses: readonly number[] | null;
  readonly labelClasses: readonly number[] | null;
}

/** All that a log says, in the order of steps. */
export interface RunLog {
  readonly starts: readonly LoggedStart[];
  readonly costs: readonly LoggedCosts[];
  readonly evaluations: readonly LoggedEvaluation[];
  readonly diagnostics: readonly LoggedDiagnostics[];
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
  const isCut = lines.pop()?.trim() !== "";
  let records: LogRecord[] = [];
  let seconds = 0, secondsOfProcess = 0;
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const damaged = (state: string) =>
      new SyntaxError(`Cannot use ${source} as line ${index + 1} must be a record of training: ${state}`);
    const line = parseLine(text, damaged), record = recordOf(line, damaged);
    if (record?.kind === "start") {
      seconds += secondsOfProcess;
      secondsOfProcess = 0;
      records = records.filter(({ step }) => step <= record.step);
    }
    if (isNumber(line["seconds"])) secondsOfProcess = line["seconds"];
    if (record) records.push(record);
  }
  return {
    starts: records.filter((record) => record.kind === "start"),
    costs: records.filter((record) => record.kind === "costs"),
    evaluations: records.filter((record) => record.kind === "evaluation"),
    diagnostics: records.filter((record) => record.kind === "diagnostics"),
    seconds: seconds + secondsOfProcess,
    isCut,
  };
}

type LogRecord = LoggedStart | LoggedCosts | LoggedEvaluation | LoggedDiagnostics;

type Damage = (state: string) => SyntaxError;

function parseLine(text: string, damaged: Damage): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw damaged("it is no JSON");
  }
  if (isObject(line)) return line;
  throw damaged("it is no object");
}

/** What a line says; kinds that are not known may say what they want. */
function recordOf(line: Line, damaged: Damage): LogRecord | undefined {
  const { kind, step, student, teacher } = line;
  if (typeof kind !== "string") throw damaged("it has no kind");
  if (!isNumber(step) || !Number.isSafeInteger(step) || step < 0) throw damaged(`its step is ${step}`);
  if (kind === "start") return { kind, step, device: `${line["device"]}` };
  if (kind === "costs") return costsOf(line, step, damaged);
  if (kind === "diagnostics") return diagnosticsOf(line, step);
  if (kind !== "evaluation") return undefined;
  if (!isNetworkErrors(student)) throw damaged("it has no test error of the student");
  if (!isNetworkErrors(teacher)) throw damaged("it has no test error of the teacher");
  return { kind, step, student, teacher };
}

/** Whether a value is the errors of a network; an error that is no finite number has diverged. */
export function isNetworkErrors(value: unknown): value is NetworkErrors {
  return isObject(value) && isNumber(value["testError"]) && isNumber(value["examples"]) &&
    (value["top5Error"] === undefined || value["top5Error"] === null || isNumber(value["top5Error"]));
}

function costsOf(line: Line, step: number, damaged: Damage): LoggedCosts {
  const numbersOf = (field: "costs" | "hyperparameters") => {
    const { [field]: values } = line;
    if (!isObject(values)) throw damaged(`it has no ${field}`);
    const entries = Object.entries(values).map(([name, value]) => {
      if (!isNumber(value)) throw damaged(`its ${name} is ${value}`);
      return [name, value] as const;
    });
    return Object.fromEntries(entries);
  };
  return { kind: "costs", step, costs: numbersOf("costs"), hyperparameters: numbersOf("hyperparameters") };
}

/** Numbers of a record that say when it was made, not what was found. */
const times: ReadonlySet<string> = new Set(["step", "epoch", "seconds"]);

function diagnosticsOf(line: Line, step: number): LoggedDiagnostics {
  const { warnings, teacherClasses, labelClasses } = line;
  const figures = Object.entries(line).flatMap(([name, value]) =>
    !times.has(name) && isNumber(value) ? [[name, value] as const] : []
  );
  return {
    kind: "diagnostics",
    step,
    figures: Object.fromEntries(figures),
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
