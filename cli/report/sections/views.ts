/**
 * The section on augmented views: pictures of a batch as student and teacher see them.
 * @module
 */
import { shownName } from "../../../data/internal.ts";
import { wholePercent } from "../../terminal/figures.ts";
import { type Html, html, nameHtml, pathHtml } from "../html.ts";
import type { ViewedPicture } from "../views.ts";

/** Returns the pictures of a batch in both views, with the predictions of both networks. */
export function viewsHtml(views: readonly ViewedPicture[], classes: readonly string[]): Html {
  const agreeing =
    views.filter(({ student, teacher }) => student.guess.prediction === teacher.guess.prediction)
      .length;
  return html`
    <p>Pictures of the last batch as the networks saw them: the student's view on the left, the view of the teacher, its target, on the right. The two networks agree on ${agreeing} of ${views
      .length}. If you cannot recognise a picture, the augmentation is too strong; if its two views are equal, it is too weak.</p>
    <ul class="pictures views">
    ${views.map((view) => viewHtml(view, classes))}</ul>
  `;
}

function viewHtml({ name, label, student, teacher }: ViewedPicture, classes: readonly string[]): Html {
  const className = (index: number) => classes[index] ?? `${index}`;
  const rows = [["student", student], ["teacher", teacher]] as const;
  return html`
    <li>
      <div class="pair">${rows.map(([title, { thumbnail: { url, width, height } }]) =>
        html`<img src="${url}" width="${width}" height="${height}" alt="view of the ${title}">`
      )}</div>
      <dl>
    ${rows.map(([title, { guess: { prediction, probability } }]) =>
      html`
        <div class="${title}">
          <dt>${title}</dt>
          <dd>${nameHtml(
            className(prediction),
          )} <span>${wholePercent(probability)}</span></dd>
        </div>
      `
    )}
    ${label !== null &&
      html`
        <div class="label">
          <dt>label</dt>
          <dd>${nameHtml(className(label))}</dd>
        </div>
      `}</dl>
      <p class="file" title="${shownName(name)}">${pathHtml(name)}</p>
    </li>
  `;
}
