/**
 * HTML from templates in which nothing can be taken for HTML that is not meant as such.
 * @module
 */

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
    .replace(/[&<>"']/g, (character) => entities[character]!);
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
  return html`<bdi>${name}</bdi>`;
}

/** A table with a head; the first cell of each row is the row's head. */
export function tableHtml(
  { caption, head, rows, numeric = true }: {
    readonly caption: Content;
    readonly head: readonly Content[];
    readonly rows: readonly (readonly Content[])[];
    /** Whether all columns but the first are numbers. */
    readonly numeric?: boolean;
  },
): Html {
  return html`
    <div class="scroll" tabindex="0">
      <table class="${numeric ? "numbers" : "texts"}">
        <caption>${caption}</caption>
        <thead>
          <tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr>
        </thead>
        <tbody>${rows.map(([first, ...rest]) =>
          html`
            <tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}
