/**
 * HTML from templates in which nothing can be taken for HTML that is not meant as such.
 * @module
 */
import { shownName } from "../../data/mod.ts";

/** A piece of HTML: what is in it is not escaped again. */
export class Html {
  /** @param text Well-formed HTML. */
  constructor(readonly text: string) {}
}

/** What a template takes: texts and numbers are escaped, lists follow each other, and nothing is nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as HTML, also between the quotes of an attribute; control characters, which HTML has no place for, become �. */
export function escapeHtml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- these are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function textOf(content: Content): string {
  if (content instanceof Html) return content.text;
  if (content === null || content === undefined || content === false) return "";
  if (typeof content === "object") return content.map(textOf).join("");
  return escapeHtml(`${content}`);
}

/** HTML of a template: all that is put in is escaped, unless it is {@linkcode Html} itself. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + textOf(contents[i])).join(""));
}

/** A name that a person or a file system gave: whichever way its letters run, what is around it stays in its place. */
export function nameHtml(name: string): Html {
  return html`<bdi>${shownName(name)}</bdi>`;
}

/** A column of a table. */
export interface Column<T> {
  readonly title: Content;
  readonly cell: (row: T) => Content;
  /** Whether it holds words, not numbers. */
  readonly isText?: boolean;
}

/** A table with a head; the first cell of each row is the row's head. Columns that are nothing are left out. */
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
