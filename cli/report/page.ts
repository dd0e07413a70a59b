/**
 * The report page: one self-contained file without scripts.
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { Html, html, nameHtml } from "./html.ts";
import { overviewHtml } from "./overview.ts";
import style from "./page.css" with { type: "text" };
import { type ReportedRun, runHtml, runSubtitle } from "./reported_run.ts";

/** Value of the page's `generator` tag; a file with this value may be overwritten. */
export const generator = "Mean Teacher for Deno, report";

/** Maximum number of runs whose sections are open from the start. */
const maxOpen = 2;

/** Returns the page of one or more runs. */
export function pageHtml(runs: readonly ReportedRun[]): string {
  const [only] = runs.length === 1 ? runs : [];
  const title = only ? only.record.name : `${runs.length} runs`;
  // The policy forbids the page to load or run anything.
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="${generator}">
        <title>${title} – Mean Teacher</title>
        <style>
    ${new Html(style)}</style>
      </head>
      <body>
        <header>
    <p class="kind">Mean Teacher report</p>
    <h1>${nameHtml(title)}</h1>
    ${only && html`<p class="subtitle">${runSubtitle(only.record)}</p>`}
        </header>
        <main>
    ${only ? runHtml(only, { isAlone: true }) : severalHtml(runs)}
        </main>
        <footer>
          <p>Made by Mean Teacher for Deno ${config.version}. Charts: Observable Plot.</p>
        </footer>
      </body>
    </html>
  `.text.trimStart();
}

function severalHtml(runs: readonly ReportedRun[]): Html {
  return html`<section aria-labelledby="overview"><h2 id="overview">Overview</h2>
${overviewHtml(runs)}
</section>
<h2>Runs</h2>
${
    runs.map((run) =>
      html`
        <details class="run" id="${run.id}" ${runs.length <= maxOpen && html`
          open
        `}>
        <summary><h2>${nameHtml(run.record.name)}</h2> <span class="subtitle">${runSubtitle(
          run.record,
        )}</span></summary>
        ${runHtml(run, { isAlone: false })}
        </details>
      `
    )
  }`;
}
