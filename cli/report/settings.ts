/**
 * How a run was set up, and where it ran.
 * @module
 */
import { type OptionRow, ownOptionRows, trainingOptions } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import { duration } from "../command/figures.ts";
import { type Content, type Html, html, nameHtml, tableHtml } from "./html.ts";
import { methodTitle } from "./names.ts";
import { labelCountOf, type RunRecord, stepsOf } from "./run_record.ts";

/** A value of an option as a text. */
export function valueText(value: unknown): string {
  return value === null || value === undefined
    ? "–"
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}

/** All options of a run; those that are not the defaults stand out. Classes have a table of their own. */
export function optionsHtml({ config }: RunRecord): Html {
  const options: Readonly<Record<string, OptionRow>> = { ...trainingOptions, ...ownOptionRows() };
  const rows = Object.entries(config).filter(([name]) => name !== "version" && name !== "classes")
    .map(([name, value]) => ({ name, value, row: options[name] }));
  const markedValue = ({ value, row }: (typeof rows)[number]): Html => {
    const text = nameHtml(valueText(value));
    return row && JSON.stringify(value) !== JSON.stringify(row.default) ? html`<mark>${text}</mark>` : text;
  };
  return tableHtml({
    caption: "Marked values are not the defaults of the program.",
    columns: [
      {
        title: "option",
        isText: true,
        cell: ({ name, row }) => html`<code>${row ? flagOf(name) : name}</code>`,
      },
      { title: "value", isText: true, cell: markedValue },
      { title: "default", isText: true, cell: ({ row }) => row && valueText(row.default) },
      { title: "what it does", isText: true, cell: ({ row }) => row?.help },
    ],
    rows,
  });
}

/** Where a run ran, and what it took. */
export function environmentHtml(run: RunRecord): Html {
  const { log: { starts, seconds, isCut }, config, summary } = run;
  const devices = [...new Set(starts.map(({ device }) => device))];
  const kernels = Object.keys(summary?.kernels ?? {}).length;
  const facts: readonly (readonly [string, Content])[] = [
    ["folder", nameHtml(run.path)],
    ["program", `Mean Teacher for Deno ${valueText(config["version"])}`],
    ["method", methodTitle(run.method)],
    ["labels", labelCountOf(run) ?? "not known"],
    ["steps", stepsOf(run)],
    ["device", nameHtml(devices.join(", "))],
    ["training time", duration(seconds)],
    ["images a second", summary && summary.imagesPerSecond.toFixed(0)],
    [
      "went on from a checkpoint",
      starts.length > 1 && `at step ${starts.slice(1).map(({ step }) => step).join(", ")}`,
    ],
    ["measured kernels", kernels > 0 && kernels],
    [
      "log",
      isCut && "its last line is not all there and was left out: the process ended while it was written",
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
