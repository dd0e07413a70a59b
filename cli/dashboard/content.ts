/**
 * The content of the page for one or more runs: sections of the report.
 * @module
 */
import { type Html, html, nameHtml } from "../report/html.ts";
import { overviewHtml } from "../report/overview.ts";
import { type ReportedRun, runSubtitle, type Section, sectionsOf } from "../report/reported_run.ts";
import { selfCheckWarnings } from "../report/sections/self_check.ts";
import { tilesHtml } from "../report/sections/tiles.ts";
import { verdictText } from "../report/sections/verdict.ts";
import type { Content } from "./board.ts";

/** Maximum number of runs whose sections are open from the start. */
const maxOpen = 2;

/** Options of the content. */
export interface ContentOptions {
  /** True to begin with tables and charts that compare the runs. */
  readonly isCompared: boolean;
  /** Returns whether a page may ask to examine the pictures of a run (default: never). */
  readonly canExamine?: (run: ReportedRun) => boolean;
  /** Returns a note on a run (default: none). */
  readonly noteOf?: (run: ReportedRun) => string | undefined;
}

/** Returns the content for runs. */
export function contentOf(
  runs: readonly ReportedRun[],
  { isCompared, canExamine = () => false, noteOf = () => undefined }: ContentOptions,
): Content {
  const parts = new Map<string, Html>();
  const part = (id: string, content: Html): Html => {
    parts.set(id, content);
    return html`<div data-part="${id}"></div>`;
  };
  const bodies = runs.map((run) => bodyHtml(run, part, canExamine(run), noteOf(run)));
  const [only] = runs.length === 1 ? runs : [];
  const layout = only
    ? html`<header><p class="kind">Mean Teacher</p>${headingHtml(only)}</header>${bodies}`
    : html`
      <header>
        <p class="kind">Mean Teacher</p>
        <h1>${runs.length} runs</h1>
      </header>
      ${isCompared && part("overview", overviewHtml(runs))} ${runs.map((run, i) =>
        html`
          <details class="run" id="${run.id}" ${i < maxOpen && html`
            open
          `}>
          <summary><h2>${nameHtml(run.record.name)}</h2> <span class="subtitle">${runSubtitle(
            run.record,
          )}</span></summary>
          ${bodies[i]}
          </details>
        `
      )}
    `;
  return { layout, parts };
}

function headingHtml({ record }: ReportedRun): Html {
  return html`
    <h1>${nameHtml(record.name)}</h1>
    <p class="subtitle">${runSubtitle(record)}</p>
  `;
}

/** Returns the layout of a run. @param part Adds a part, and returns its place. */
function bodyHtml(
  run: ReportedRun,
  part: (id: string, content: Html) => Html,
  canExamine: boolean,
  note: string | undefined,
): Html {
  const { id, record } = run, sections = inOrder(run);
  return html`
    ${part(`${id}-verdict`, leadHtml(run, note))} ${part(`${id}-tiles`, tilesHtml(run))}
    ${canExamine && html`
      <p class="examine"><button type="button" data-examine="${id}">Classify its pictures</button></p>
    `}
    <nav aria-label="Sections of ${record.name}">${sections.map(([name, title]) =>
      html`
        <a href="#${id}-${name}">${title}</a>
      `
    )}</nav>
    ${sections.map(([name, title, content]) =>
      html`
        <section aria-labelledby="${id}-${name}">
          <h2 class="section" id="${id}-${name}">${title}</h2>
          ${part(`${id}-${name}-content`, html`${content}`)}
        </section>
      `
    )}
  `;
}

/** Returns the sections; those of a run in training begin with its curves, and no test is awaited. */
function inOrder(run: ReportedRun): readonly Section[] {
  const sections = sectionsOf(run);
  if (run.record.summary) return sections;
  const shown = sections.filter(([name]) => name !== "tests" || run.results);
  return [...shown.filter(([name]) => name === "learning"), ...shown.filter(([name]) => name !== "learning")];
}

/** Returns the verdict so far, and the warnings of the self-check with their advice. */
function leadHtml(run: ReportedRun, note: string | undefined): Html {
  return html`
    <p class="verdict">${verdictText(run, run.classes?.length ?? null)}</p>
    ${note !== undefined && html`
      <p class="missing">${note}</p>
    `} ${selfCheckWarnings(run.record)}
  `;
}
