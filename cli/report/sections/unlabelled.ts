/**
 * The section on unlabelled pictures: those that the model classifies most and least surely.
 * @module
 */
import { shownName } from "../../../data/internal.ts";
import { wholePercent } from "../../terminal/figures.ts";
import { type Html, html, nameHtml, pathHtml } from "../html.ts";
import type { ClassifiedPicture, UnlabelledReview } from "../unlabelled.ts";

/** Returns the surest and the least sure pictures. */
export function unlabelledHtml(review: UnlabelledReview, classes: readonly string[]): Html {
  const { unlabelled, examined, surest, leastSure } = review;
  const of = examined === unlabelled
    ? `All ${unlabelled} unlabelled pictures were classified`
    : `${examined} of ${unlabelled} unlabelled pictures were classified`;
  return html`
    <p>${of}. Wrong answers among the surest hint at classes that look alike to the network, or at pictures of another kind; labels for the least sure ones teach it most.</p>
    <div class="sides">
      <div>
        <p><b>Surest, of each class in turn</b></p>
        <ul class="pictures">${surest.map((picture) => pictureHtml(picture, classes))}</ul>
      </div>
      <div>
        <p><b>Least sure</b></p>
        <ul class="pictures">${leastSure.map((picture) => pictureHtml(picture, classes))}</ul>
      </div>
    </div>
  `;
}

function pictureHtml(picture: ClassifiedPicture, classes: readonly string[]): Html {
  const { name, thumbnail: { url, width, height }, prediction, probability, second } = picture;
  const className = (index: number) => classes[index] ?? `${index}`;
  return html`
    <li><img src="${url}" width="${width}" height="${height}" alt="classified as ${shownName(
      className(prediction),
    )}">
    <dl>
    <div><dd>${nameHtml(className(prediction))} <span>${wholePercent(probability)}</span></dd></div>
    ${second && html`
      <div class="second">
        <dd>${nameHtml(
          className(second.prediction),
        )} <span>${wholePercent(second.probability)}</span></dd>
      </div>
    `}</dl>
    <p class="file" title="${shownName(name)}">${pathHtml(name)}</p></li>
  `;
}
