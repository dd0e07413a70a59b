/**
 * The log of a run: the types of its records, and the parser.
 * @module
 */
import { isNumber, isObject } from "../command/json_values.ts";

/** Start of a training process: the first start of a run, or a resumption. */
export interface LoggedStart {
  readonly kind: "start";
  readonly step: number;
  readonly device: string;
}

/** Mean costs since the previous record, and the hyperparameters of the last step. */
export interface LoggedCosts {
  readonly kind: "costs";
  readonly step: number;
  /** Mean weighted costs by name. */
  readonly costs: Readonly<Record<string, number>>;
  /** Scheduled hyperparameters of the last step, by name. */
  readonly hyperparameters: Readonly<Record<string, number>>;
}

/** Test errors of a network, from 0 to 1. The top-5 error needs at least five classes. */
export interface NetworkErrors {
  /** Number of test images. */
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

/** Measurements of the self-check at a step. */
export interface LoggedDiagnostics {
  readonly kind: "diagnostics";
  readonly step: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** All numbers, by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** Shares of the classes among the teacher's predictions and among labels; null if not measured. */
  readonly teacherClasses: readonly number[] | null;
  readonly labelClasses: readonly number[] | null;
}

/** The records of a log, each kind in the order of steps. */
export interface RunLog {
  readonly starts: readonly LoggedStart[];
  readonly costs: readonly LoggedCosts[];
  readonly evaluations: readonly LoggedEvaluation[];
  readonly diagnostics: readonly LoggedDiagnostics[];
  /** Seconds of training, summed over all processes. */
  readonly seconds: number;
  /** Number of lines that are incomplete, because a process ended or the disk was full while writing them. */
  readonly incompleteLines: number;
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Parses the log of a run. A run resumed from a checkpoint repeats the steps after it, so the earlier records
 * of these steps are dropped. Incomplete lines are left out.
 * @param source Name of the file, for errors.
 * @throws {SyntaxError} naming the line that is JSON, but not a valid record; or if most lines are not JSON.
 */
export function parseLog(text: string, source: string): RunLog {
  const lines = text.split("\n");
  // Every complete line ends with a line break; text after the last one was cut off.
  let incompleteLines = lines.pop()?.trim() === "" ? 0 : 1;
  let records: LogRecord[] = [];
  let seconds = 0, secondsOfProcess = 0;
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const damaged = (state: string) =>
      new SyntaxError(`Cannot use ${source}: line ${index + 1} is not a valid training record (${state})`);
    const start = text.indexOf(startText), parsed = parseLine(text);
    const line = parsed ?? (start > 0 ? parseLine(text.slice(start)) : undefined);
    if (parsed === undefined) incompleteLines++;
    if (incompleteLines > mostIncomplete) {
      throw new SyntaxError(
        `Cannot use ${source}: more than ${mostIncomplete} lines are not training records. The file is not a log`,
      );
    }
    if (line === undefined) continue;
    if (!isObject(line)) throw damaged("not an object");
    const record = recordOf(line, damaged);
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
    incompleteLines,
  };
}

type LogRecord = LoggedStart | LoggedCosts | LoggedEvaluation | LoggedDiagnostics;

type Damage = (state: string) => SyntaxError;

/** Most lines that crashes and full disks may have cut off. */
const mostIncomplete = 1000;

/** First characters of the record that a process begins with; older versions wrote it after an incomplete line. */
const startText = '{"kind":"start"';

/** Returns the value of a line of JSON; undefined if the line is incomplete. */
function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Converts a line to a record; undefined for unknown kinds, which are not checked. */
function recordOf(line: Line, damaged: Damage): LogRecord | undefined {
  const { kind, step, student, teacher } = line;
  if (typeof kind !== "string") throw damaged("no kind");
  if (!isNumber(step) || !Number.isSafeInteger(step) || step < 0) throw damaged(`step is ${step}`);
  if (kind === "start") return { kind, step, device: `${line["device"]}` };
  if (kind === "costs") return costsOf(line, step, damaged);
  if (kind === "diagnostics") return diagnosticsOf(line, step);
  if (kind !== "evaluation") return undefined;
  if (!isNetworkErrors(student)) throw damaged("no test error of the student");
  if (!isNetworkErrors(teacher)) throw damaged("no test error of the teacher");
  return { kind, step, student, teacher };
}

/** Returns whether a value has the errors of a network as finite numbers. */
export function isNetworkErrors(value: unknown): value is NetworkErrors {
  return isObject(value) && isNumber(value["testError"]) && isNumber(value["examples"]) &&
    (value["top5Error"] === undefined || value["top5Error"] === null || isNumber(value["top5Error"]));
}

function costsOf(line: Line, step: number, damaged: Damage): LoggedCosts {
  const numbersOf = (field: "costs" | "hyperparameters") => {
    const { [field]: values } = line;
    if (!isObject(values)) throw damaged(`it has no ${field}`);
    const entries = Object.entries(values).map(([name, value]) => {
      if (!isNumber(value)) throw damaged(`${name} is ${value}`);
      return [name, value] as const;
    });
    return Object.fromEntries(entries);
  };
  return { kind: "costs", step, costs: numbersOf("costs"), hyperparameters: numbersOf("hyperparameters") };
}

/** Numbers that date a record; all others are measurements. */
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
