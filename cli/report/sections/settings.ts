/**
 * The sections on the options and the environment of a run.
 * @module
 */
import { methodTitle } from "../names.ts";
import { flagOf, trainRows } from "../../command/options.ts";
import type { Rows } from "../../command/rows.ts";
import { duration } from "../../terminal/figures.ts";
import { type Content, type Html, html, nameHtml, tableHtml } from "../html.ts";
import { labelCountOf, type RunRecord, stepsOf } from "../run_record.ts";

/** Formats the value of an option. */
export function valueText(value: unknown): string {
  return value === null || value === undefined
    ? "–"
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}

/** Returns the flag of an option; its name if it has none, as options of a plugin that is not loaded. */
export function optionHtml(name: string): Html {
  return html`<code>${name in trainRows() ? flagOf(name) : name}</code>`;
}

/** Facts about a run that other parts of the report show. */
const shownElsewhere: ReadonlySet<string> = new Set(["version", "classes", "kernels"]);

/** Returns a table of all options of a run, with values other than the defaults marked. */
export function optionsHtml({ options }: RunRecord): Html {
  const known: Rows = trainRows();
  const rows = Object.entries(options).filter(([name]) => !shownElsewhere.has(name))
    .map(([name, value]) => ({ name, value, row: known[name] }));
  const markedValue = ({ value, row }: (typeof rows)[number]): Html => {
    const text = nameHtml(valueText(value));
    return row && JSON.stringify(value) !== JSON.stringify(row.default) ? html`<mark>${text}</mark>` : text;
  };
  return tableHtml({
    caption: "Marked values differ from the defaults.",
    columns: [
      {
        title: "option",
        isText: true,
        cell: ({ name }) => optionHtml(name),
      },
      { title: "value", isText: true, cell: markedValue },
      { title: "default", isText: true, cell: ({ row }) => row && valueText(row.default) },
      { title: "description", isText: true, cell: ({ row }) => row?.help },
    ],
    rows,
  });
}

/** Describes the lines of a log that were left out. */
export function describeIncomplete(count: number): string {
  return count === 1
    ? "one line is incomplete and was ignored, because the process ended or the disk was full while writing it"
    : `${count} lines are incomplete and were ignored, because the process ended or the disk was full while writing them`;
}

/** Returns the facts about a run's device, duration and files. */
export function environmentHtml(run: RunRecord): Html {
  const { log: { starts, seconds, incompleteLines }, config, summary } = run;
  const devices = [...new Set(starts.map(({ device }) => device))];
  const kernels = Object.keys(summary?.kernels ?? {}).length;
  const facts: readonly (readonly [string, Content])[] = [
    ["folder", nameHtml(run.path)],
    ["program", `Mean Teacher for Deno ${valueText(config["version"])}`],
    ["method", methodTitle(run.method)],
    ["labels", labelCountOf(run) ?? "unknown"],
    ["steps", stepsOf(run)],
    ["device", nameHtml(devices.join(", "))],
    ["training time", duration(seconds)],
    ["images per second", summary && summary.imagesPerSecond.toFixed(0)],
    [
      "resumed from a checkpoint",
      starts.length > 1 && `at step ${starts.slice(1).map(({ step }) => step).join(", ")}`,
    ],
    ["measured kernels", kernels > 0 && kernels],
    [
      "log",
      incompleteLines > 0 && describeIncomplete(incompleteLines),
    ],
  ];
  return html`<dl class="facts">${
    facts.map(([name, value]) =>
      value !== false && value !== null && html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>`;
}
