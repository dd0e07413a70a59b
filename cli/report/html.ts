/**
 * HTML from templates that escape all inserted texts.
 * @module
 */
import { shownName } from "../../data/internal.ts";

/** A piece of HTML, which is not escaped when inserted. */
export class Html {
  /** @param text Well-formed HTML. */
  constructor(readonly text: string) {}
}

/**
 * Values for templates: texts and numbers are escaped, lists are concatenated; null, undefined and false give
 * nothing.
 */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes a text for HTML, also within quoted attributes. Control characters, which HTML does not allow,
 * become �.
 */
export function escapeHtml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- control characters are searched for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function textOf(content: Content): string {
  if (content instanceof Html) return content.text;
  if (content === null || content === undefined || content === false) return "";
  if (typeof content === "object") return content.map(textOf).join("");
  return escapeHtml(`${content}`);
}

/** Returns the HTML of a template. All inserted values are escaped, except {@linkcode Html}. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + textOf(contents[i])).join(""));
}

/**
 * Returns a name from a user or file system, isolated so that right-to-left letters do not reorder the text
 * around it.
 */
export function nameHtml(name: string): Html {
  return html`<bdi>${shownName(name)}</bdi>`;
}

/** Returns a path from left to right, each of its names isolated as {@linkcode nameHtml} does. */
export function pathHtml(path: string): Html {
  return html`<span dir="ltr">${path.split("/").map((name, i) => [i > 0 && "/", nameHtml(name)])}</span>`;
}

/** A column of a table. */
export interface Column<T> {
  readonly title: Content;
  readonly cell: (row: T) => Content;
  /** True for columns of words instead of numbers. */
  readonly isText?: boolean;
}

/**
 * Returns a table with a header row; the first cell of each row is its header. Null and false columns are
 * skipped.
 */
export function tableHtml<T>(
  { caption, columns, rows }: {
    readonly caption: Content;
    readonly columns: readonly (Column<T> | false | null)[];
    readonly rows: readonly T[];
  },
): Html {
  const shown = columns.filter((column) => column !== false && column !== null);
  const kindOf = ({ isText }: Column<T>) => isText ? "text" : "number";
  const cells = (row: T) =>
    shown.map((column, i) =>
      i === 0
        ? html`<th scope="row" class="${kindOf(column)}">${column.cell(row)}</th>`
        : html`<td class="${kindOf(column)}">${column.cell(row)}</td>`
    );
  return html`
    <div class="scroll" tabindex="0">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${shown.map((column) =>
            html`<th scope="col" class="${kindOf(column)}">${column.title}</th>`
          )}</tr>
        </thead>
        <tbody>
    ${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
      </table>
    </div>
  `;
}
