/**
 * Rows of options: default, range and meaning. Parser, help and the options page of the docs are generated from rows.
 * @module
 */
import { type ClassWeights, isClassWeights } from "./class_weights.ts";
import { isLength, type Length } from "./length.ts";

/** Subject of an option; help pages list options by subject. */
export type OptionGroup =
  | "data"
  | "labels"
  | "network"
  | "costs"
  | "optimiser"
  | "augmentation"
  | "running"
  | "output";

/** Properties of every option. */
export interface OptionBase<T> {
  /** Default value. */
  readonly default: T;
  /** Meaning, in one line. */
  readonly help: string;
  /** Publication that the option or its default is taken from. */
  readonly source?: string;
  /** Subject under which help lists the option. */
  readonly group?: OptionGroup;
  /** True if the short help lists the option. */
  readonly common?: boolean;
}

/** A number in a range. */
export interface NumberOption extends OptionBase<number | null> {
  /** Discriminant; integers have no fractions. */
  readonly kind: "number" | "integer";
  /** Smallest value. */
  readonly minimum: number;
  /** Largest value; no limit if absent. */
  readonly maximum?: number;
  /** The end of the range that is excluded; none if absent. */
  readonly isOpen?: "above" | "below";
  /** Unit of the number, such as `pixels`. */
  readonly unit?: string;
  /** Value of an option that is set without one; absent if it needs one. */
  readonly bare?: number;
}

/** A number of epochs, or of steps. */
export interface LengthOption extends OptionBase<Length | null> {
  /** Discriminant. */
  readonly kind: "length";
}

/** One of several words. */
export interface ChoiceOption extends OptionBase<string | null> {
  /** Discriminant. */
  readonly kind: "choice";
  /** Accepted words. */
  readonly choices: readonly string[];
}

/** Name of something that callers can register more of; any name is valid until it is looked up. */
export interface NameOption extends OptionBase<string | null> {
  /** Discriminant. */
  readonly kind: "name";
  /** Known names; the list grows as more are registered. */
  readonly names: readonly string[];
}

/** On or off. */
export interface SwitchOption extends OptionBase<boolean> {
  /** Discriminant. */
  readonly kind: "switch";
  /** Meaning of the option when it is off; derived from `help` if absent. */
  readonly off?: string;
}

/** A text of a form that the option checks itself. */
export interface TextOption extends OptionBase<string | null> {
  /** Discriminant. */
  readonly kind: "text";
  /** Form of the text, such as `NAME|N`. */
  readonly placeholder: string;
  /** True if the text is a path or a URL, whose relative paths start at the folder of a file of options. */
  readonly isLocation?: boolean;
}

/** A fixed number of numbers from 0. */
export interface NumbersOption extends OptionBase<readonly number[] | null> {
  /** Discriminant. */
  readonly kind: "numbers";
  /** Number of numbers. */
  readonly count: number;
}

/** Weights of classes. */
export interface WeightsOption extends OptionBase<ClassWeights | null> {
  /** Discriminant. */
  readonly kind: "weights";
}

/** An option of any kind. */
export type OptionRow =
  | NumberOption
  | LengthOption
  | ChoiceOption
  | NameOption
  | SwitchOption
  | TextOption
  | NumbersOption
  | WeightsOption;

/** Value of an option. */
export type OptionValue = string | number | boolean | readonly number[] | ClassWeights | null;

/** Type of the value of a row's option. */
export type ValueOf<R extends OptionRow> =
  | (R extends SwitchOption ? boolean
    : R extends NumbersOption ? readonly number[]
    : R extends WeightsOption ? ClassWeights
    : R extends LengthOption ? Length
    : R extends { readonly kind: "choice"; readonly choices: readonly (infer Word)[] } ? Word
    : R extends NameOption | TextOption ? string | null
    : number)
  | (R extends { readonly default: null } ? null : never);

/** Returns rows with their group. */
export function inGroup<const G extends OptionGroup, const R extends Readonly<Record<string, object>>>(
  group: G,
  rows: R,
): { readonly [K in keyof R]: R[K] & { readonly group: G } } {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, group }])) as never;
}

/** Properties that any row may add. */
export type RowExtras = Pick<OptionBase<unknown>, "source" | "common">;

/** Returns the row of a number of at least 0, or of the range in `more`. */
export function number<T extends number | null>(
  value: T,
  help: string,
  more: Partial<Omit<NumberOption, "kind" | "default">> = {},
): NumberOption & { readonly default: T } {
  return { kind: "number", default: value, minimum: 0, help, ...more };
}

/** Returns the row of a whole number of at least 0, or of the range in `more`. */
export function integer<T extends number | null>(
  ...row: Parameters<typeof number<T>>
): NumberOption & { readonly default: T } {
  return { ...number<T>(...row), kind: "integer" };
}

/** Returns the row of a name, one of a list that grows. */
export function name<T extends string | null>(
  value: T,
  names: readonly string[],
  help: string,
  more: RowExtras = {},
): NameOption & { readonly default: T } {
  return { kind: "name", default: value, names, help, ...more };
}

/** Returns the row of a text. @param placeholder Form of the text. */
export function text<T extends string | null>(
  value: T,
  placeholder: string,
  help: string,
): TextOption & { readonly default: T } {
  return { kind: "text", default: value, placeholder, help };
}

/** Returns the row of a length in epochs or steps. */
export function length<T extends Length | null>(
  value: T,
  help: string,
  more: RowExtras = {},
): LengthOption & { readonly default: T } {
  return { kind: "length", default: value, help, ...more };
}

/** Returns the row of one of several words. */
export function choice<T extends string>(
  value: NoInfer<T>,
  choices: readonly T[],
  help: string,
  more: RowExtras = {},
): ChoiceOption & { readonly default: T } {
  return { kind: "choice", default: value, choices, help, ...more };
}

/** Returns the row of a switch. */
export function onOff(value: boolean, help: string): SwitchOption {
  return { kind: "switch", default: value, help };
}

/** Returns the default value of every option of a table. */
export function defaultsOf<T>(
  rows:
    & { readonly [K in keyof T]: { readonly default: T[K] } }
    & Readonly<Record<string, OptionBase<unknown>>>,
): T {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as T;
}

/** Returns the fault of a value of an option, as "must be …"; `undefined` if the value is valid. */
export function faultOf(row: OptionRow, value: unknown): string | undefined {
  if (value === null && row.default === null) return undefined;
  switch (row.kind) {
    case "switch":
      return typeof value === "boolean" ? undefined : "must be true or false";
    case "choice":
      return row.choices.some((each) => each === value)
        ? undefined
        : `must be one of ${row.choices.join(", ")}`;
    case "name":
      return typeof value === "string" || value === null ? undefined : "must be a name";
    case "text":
      return typeof value === "string" ? undefined : `must be a text, ${row.placeholder}`;
    case "length":
      return isLength(value) ? undefined : "must be a number of epochs from 0, or of steps as in 4000steps";
    case "numbers":
      return Array.isArray(value) && value.length === row.count &&
          value.every((each) => Number.isFinite(each) && each >= 0)
        ? undefined
        : `must be ${row.count} numbers from 0`;
    case "weights":
      return isClassWeights(value)
        ? undefined
        : "must be balanced, a number from 0 for each class, or name=number for some, not all 0";
    default:
      return numberFault(row, value);
  }
}

function numberFault(
  { kind, minimum, maximum = Infinity, isOpen }: NumberOption,
  value: unknown,
): string | undefined {
  const isInside = typeof value === "number" && Number.isFinite(value) &&
    (isOpen === "below" ? value > minimum : value >= minimum) &&
    (isOpen === "above" ? value < maximum : value <= maximum) &&
    (kind === "number" || Number.isInteger(value));
  if (isInside) return undefined;
  const lower = minimum === -Infinity ? "" : isOpen === "below" ? ` above ${minimum}` : ` from ${minimum}`;
  const upper = maximum === Infinity ? "" : isOpen === "above" ? ` to below ${maximum}` : ` to ${maximum}`;
  return `must be a ${kind === "integer" ? "whole " : ""}number${lower}${upper}`;
}
