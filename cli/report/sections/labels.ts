/**
 * The sections on labels: probable label errors and near-duplicates.
 * @module
 */
import { shownName } from "../../../data/internal.ts";
import type { LabelledPicture, LabelReview, PicturePair, Suspect } from "../../pictures/label_review.ts";
import { wholePercent } from "../../terminal/figures.ts";
import { type Html, html, nameHtml, pathHtml } from "../html.ts";
import { shellCommand } from "../../hints/shell_command.ts";

/** Returns the pictures whose labels are probably wrong. @param run Folder of the run. */
export function suspectsHtml(review: LabelReview, classes: readonly string[], run: string): Html {
  const { labelled, examined, confident, contradicted, suspects } = review;
  const of = examined === labelled
    ? html`${labelled} labelled pictures`
    : html`${examined} of ${labelled} labelled pictures, which were examined`;
  if (suspects.length === 0) {
    return html`<p>The teacher's features contradict no label of ${of}.</p>`;
  }
  return html`<p>Of ${of}, the teacher's features contradict ${contradicted} ${
    contradicted === 1 ? "label" : "labels"
  }, ${confident} confidently. ${
    suspects.length === contradicted
      ? ""
      : suspects.length === 1
      ? "The surest contradiction is shown. "
      : html`
        The ${suspects.length} surest contradictions are shown.
      `
  }${
    contradictsMost(review)
      ? "So many say that the network has not learnt these classes yet, and little about the labels. "
      : "Some are wrong labels, others unusual pictures. "
  }Probabilities come from the other pictures with similar features, because the network itself has learnt the labels of its training pictures. To get a list to correct: <code class="command">${
    shellCommand("suggest", run, "--review")
  }</code></p>
<ol class="pictures">
${suspects.map((suspect) => suspectHtml(suspect, classes))}</ol>`;
}

/** Returns whether features contradict most labels, so that they are a poor judge of them. */
export function contradictsMost({ contradicted, examined }: LabelReview): boolean {
  return 2 * contradicted > examined;
}

function suspectHtml(suspect: Suspect, classes: readonly string[]): Html {
  const rows = [
    ["label", "label", suspect.label, suspect.labelProbability],
    ["prediction", "others", suspect.suggested, suspect.suggestedProbability],
  ] as const;
  return html`
    <li>${imageHtml(suspect, classes)}
    <dl>
    ${rows.map(([kind, title, index, probability]) =>
      html`
        <div class="${kind}">
          <dt>${title}</dt>
          <dd>${nameHtml(classes[index] ?? "")} <span>${wholePercent(probability)}</span></dd>
        </div>
      `
    )}</dl>
    ${fileHtml(suspect)}</li>
  `;
}

function imageHtml(
  { thumbnail: { url, width, height }, label }: LabelledPicture,
  classes: readonly string[],
): Html {
  return html`<img src="${url}" width="${width}" height="${height}" alt="labelled ${
    shownName(classes[label] ?? "")
  }">`;
}

function fileHtml({ name, isHeldOut }: LabelledPicture): Html {
  return html`<p class="file" title="${name}">${pathHtml(name)}</p>${
    isHeldOut && html`<p class="file">held out</p>`
  }`;
}

/** Returns the pairs of pictures that are near-duplicates. */
export function pairsHtml({ pairs, pairCount, examined }: LabelReview, classes: readonly string[]): Html {
  if (pairs.length === 0) {
    return html`<p>There are no near-duplicates among ${examined} labelled pictures.</p>`;
  }
  const different = pairs.filter(({ pictures: [one, other] }) => one.label !== other.label).length;
  const across = pairs.filter(({ pictures: [one, other] }) => one.isHeldOut !== other.isHeldOut).length;
  return html`<p>${pairCount} ${
    pairCount === 1 ? "pair of pictures is" : "pairs of pictures are"
  } almost equal to the network${
    pairs.length < pairCount && html`; ${pairs.length} are shown`
  }. The distance is that of their features, relative to the distance to other pictures around.${
    different > 0 && html`
      ${different} of the shown pairs ${different === 1 ? "has" : "have"} different labels.
    `
  }${
    across > 0 &&
    html`
      ${across} ${across === 1
        ? "has"
        : "have"} one picture in training and one held out, which makes the test error too low.
    `
  }</p>
<ul class="pictures pairs">
${pairs.map((pair) => pairHtml(pair, classes))}</ul>`;
}

function pairHtml({ pictures, relativeDistance }: PicturePair, classes: readonly string[]): Html {
  const labels = [...new Set(pictures.map(({ label }) => label))];
  const kind = labels.length === 1 ? "label" : "prediction";
  return html`
    <li><div class="pair">${pictures.map((picture) => imageHtml(picture, classes))}</div>
    <dl>${labels.map((label) =>
      html`
        <div class="${kind}">
          <dt>label</dt>
          <dd>${nameHtml(classes[label] ?? "")}</dd>
        </div>
      `
    )}<div><dt>distance</dt><dd><span>${relativeDistance.toFixed(2)}</span></dd></div></dl>
    ${pictures.map(fileHtml)}</li>
  `;
}
