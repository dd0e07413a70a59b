/**
 * The contact sheet: a page with the images suggested for labelling.
 * @module
 */
import { counted, shownName } from "../../data/internal.ts";
import type { RankedClass } from "../pictures/prediction_text.ts";
import { Html, html, nameHtml } from "./html.ts";
import type { Thumbnail } from "./thumbnail.ts";

/** A suggested image. */
export interface Suggested {
  readonly name: string;
  readonly thumbnail: Thumbnail;
  /** The likeliest classes, the most probable first. */
  readonly likeliest: readonly RankedClass[];
}

const css = `
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
ol { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); list-style: none; margin: 1.5rem 0; padding: 0; }
li { background: color-mix(in srgb, currentColor 6%, transparent); border-radius: .5rem; overflow-wrap: anywhere; padding: .75rem; }
figure { margin: 0; }
img { background: color-mix(in srgb, currentColor 12%, transparent); display: block; height: 6rem; image-rendering: pixelated; margin: 0 auto .5rem; max-width: 100%; object-fit: contain; width: auto; }
figcaption { font-size: .8125rem; }
.name { font-weight: 600; }
.other { opacity: .75; }
code { overflow-wrap: anywhere; }
`;

/** Formats a probability as a whole percentage, at most 99 %. */
function percentOf(share: number): string {
  return `${Math.min(99, Math.round(100 * share))} %`;
}

/** Origin of the images of a contact sheet. */
interface SheetOrigin {
  /** Name of the list beside the page. */
  readonly list: string;
  readonly classes: readonly string[];
  /** Path of the run. */
  readonly run: string;
}

function namesHtml(classes: readonly string[]): Html {
  return html`${classes.map((name, i) => html`${i > 0 ? ", " : ""}${nameHtml(name)}`)}`;
}

/** Returns a self-contained page with the images suggested for labelling, in the order of the list. */
export function contactSheet(
  suggested: readonly Suggested[],
  { list, classes, run, network }: SheetOrigin & { readonly network: string },
): string {
  return sheet(
    "Images to label",
    `${counted(suggested.length, "image")} to label next`,
    html`Unlabelled images that the ${network} of <code>${run}</code> is least sure about, chosen to differ from each other. Below each image are its likeliest classes. In <code>${list}</code>, replace each <code>?</code> by the class of the image. The classes are ${
      namesHtml(classes)
    }.`,
    suggested,
  );
}

/** Returns a self-contained page with the images whose labels are probably wrong, in the order of the list. */
export function reviewSheet(
  reviewed: readonly Suggested[],
  { list, classes, run }: SheetOrigin,
): string {
  return sheet(
    "Labels to check",
    `${reviewed.length} labels to check`,
    html`Labelled images of <code>${run}</code> whose labels the network's features contradict, the surest contradiction first. Below each image is the class that fits best, then the label. In <code>${list}</code>, replace the labels that are wrong; <code>?</code> removes a label. The classes are ${
      namesHtml(classes)
    }.`,
    reviewed,
  );
}

function sheet(title: string, heading: string, text: Html, suggested: readonly Suggested[]): string {
  const card = ({ name, thumbnail, likeliest }: Suggested, i: number): Html => {
    const [first, ...others] = likeliest.map(({ className, probability }) =>
      html`${nameHtml(className)} ${percentOf(probability)}`
    );
    return html`
      <li>
        <figure>
          <img src="${thumbnail.url}" width="${thumbnail.width}" height="${thumbnail
            .height}" alt="${shownName(name)}">
          <figcaption>
            <div class="name">${i + 1}. ${nameHtml(name)}</div>
            <div>${first}</div>
            ${others.map((other) => html`<div class="other">${other}</div>`)}
          </figcaption>
        </figure>
      </li>
    `;
  };
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${new Html(css)}</style>
      </head>
      <body>
        <h1>${heading}</h1>
        <p>${text}</p>
        <ol>${suggested.map(card)}</ol>
      </body>
    </html>
  `;
  return page.text;
}
