/**
 * Titles and colours of methods and costs, by their names.
 * @module
 */
import { knownMethods } from "../../semisup/mod.ts";
import { wordsOf } from "../terminal/figures.ts";
import { type Series, seriesOf } from "./chart.ts";

/** Returns title and colour of a method; a method that is not registered has its name as title. */
export function methodSeries(name: string): Series {
  const method = knownMethods().find((each) => each.name === name);
  if (!method) return { ...seriesOf.plain, title: name };
  const { title, color, dash } = method;
  return { title, color, ...(dash !== undefined && { dash }) };
}

/** Returns the title of a method. */
export function methodTitle(name: string): string {
  return methodSeries(name).title;
}

/** Lines of costs other than classification and consistency, in their order in the log. */
const further: readonly Omit<Series, "title">[] = [
  { color: "var(--logit-distance)", dash: "2 3" },
  { color: "var(--student)", dash: "8 3 2 3" },
  { color: "var(--ink-2)", dash: "1 5" },
];

/** Returns title and colour of each cost of a run, in their order. */
export function costSeries(names: readonly string[]): Readonly<Record<string, Series>> {
  const known: Readonly<Record<string, Series>> = {
    classification: seriesOf.classification,
    consistency: seriesOf.consistency,
  };
  const others = names.filter((name) => !Object.hasOwn(known, name));
  return Object.fromEntries(names.map((name) => {
    const look = further[others.indexOf(name) % further.length] ?? seriesOf.plain;
    return [name, known[name] ?? { ...look, title: wordsOf(name) }];
  }));
}
