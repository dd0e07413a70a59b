/**
 * The sections on confusions: confusion matrix, list of confusions, and pictures of the most confident
 * mistakes.
 * @module
 */
import { shownName } from "../../../data/internal.ts";
import { percent, wholePercent } from "../../terminal/figures.ts";
import { type Html, html, nameHtml, pathHtml, tableHtml } from "../html.ts";
import { largeMistakes, type Mistake, type TestResults } from "../test_results.ts";

/** Maximum number of classes for which the matrix is shown beside the list. */
const maxClasses = 20;

/** Maximum number of confusions in the list. */
const listedConfusions = 12;

/** Returns matrix and list of the teacher's confusions. */
export function confusionHtml({ classes, teacher: { confusion } }: TestResults): Html {
  return html`<div class="confusions">
${classes.length <= maxClasses && matrixHtml(classes, confusion)}
${confusionList(classes, confusion)}
</div>`;
}

function matrixHtml(classes: readonly string[], confusion: readonly (readonly number[])[]): Html {
  return html`
    <div class="scroll" tabindex="0">
      <table class="confusion">
        <caption>Confusion matrix of the teacher: true classes in rows, predicted classes in columns. Colour shows the share of the row.</caption>
        <thead>
          <tr><td></td>${classes.map((name) => html`<th scope="col">${nameHtml(name)}</th>`)}</tr>
        </thead>
        <tbody>${classes.map((name, label) => {
          const { [label]: row = [] } = confusion;
          const total = row.reduce((sum, count) => sum + count, 0);
          return html`
            <tr><th scope="row">${nameHtml(name)}</th>${row.map((count, prediction) =>
              cellHtml(count, total, label === prediction)
            )}</tr>
          `;
        })}</tbody>
      </table>
    </div>
  `;
}

function cellHtml(count: number, total: number, isRight: boolean): Html {
  if (count === 0) return html`<td class="none">0</td>`;
  const share = count / total;
  // The root keeps rare mistakes visible: 1 % of a class gets a tenth of the full colour.
  const strength = isRight ? share * 0.75 : Math.sqrt(share);
  return html`<td class="${isRight ? "right" : "wrong"}" style="--strength: ${
    Math.round(100 * strength)
  }%" title="${percent(share)} of the class">${count}</td>`;
}

function confusionList(classes: readonly string[], confusion: readonly (readonly number[])[]): Html {
  const all = classes.flatMap((name, label) => {
    const { [label]: row = [] } = confusion;
    const total = row.reduce((sum, count) => sum + count, 0);
    return classes.flatMap((predicted, prediction) => {
      const { [prediction]: count = 0 } = row;
      return count > 0 && prediction !== label ? [{ name, predicted, count, share: count / total }] : [];
    });
  });
  if (all.length === 0) return html`<p>The teacher confuses no classes.</p>`;
  const rows = all.sort((one, other) => other.count - one.count).slice(0, listedConfusions);
  return tableHtml({
    caption: rows.length === all.length
      ? "All confusions of the teacher."
      : html`The ${rows.length} most frequent of ${all.length} confusions.`,
    columns: [
      { title: "class", isText: true, cell: ({ name }) => nameHtml(name) },
      { title: "predicted as", isText: true, cell: ({ predicted }) => nameHtml(predicted) },
      { title: "images", cell: ({ count }) => count },
      { title: "share of the class", cell: ({ share }) => `${(100 * share).toFixed(1)} %` },
    ],
    rows,
  });
}

/** Returns pictures of the teacher's most confident mistakes. */
export function mistakesHtml({ classes, mistakes, teacher: { examples, testError } }: TestResults): Html {
  const wrong = Math.round(examples * testError);
  if (wrong === 0) return html`<p>The teacher makes no mistakes on ${examples} images.</p>`;
  if (mistakes.length === 0) return html`<p>The teacher makes ${wrong} mistakes; none are shown.</p>`;
  return html`<p>${
    mistakes.length === wrong
      ? html`${wrong === 1 ? "The only mistake" : `All ${wrong} mistakes`} of the teacher`
      : html`The ${mistakes.length} most confident of the teacher's ${wrong} mistakes`
  }, with its probabilities. Labels may be wrong, too.</p>
<ul class="pictures large">
${mistakes.slice(0, largeMistakes).map((mistake) => mistakeHtml(mistake, classes))}</ul>${
    mistakes.length > largeMistakes && html`
      <ul class="pictures">
      ${mistakes.slice(largeMistakes).map((mistake) => mistakeHtml(mistake, classes))}</ul>
    `
  }`;
}

function mistakeHtml(mistake: Mistake, classes: readonly string[]): Html {
  const { name, thumbnail: { url, width, height } } = mistake;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  const [label, prediction] = [classes[mistake.label]!, classes[mistake.prediction]!];
  return html`
    <li><img src="${url}" width="${width}" height="${height}" alt="${shownName(
      label,
    )} predicted as ${shownName(
      prediction,
    )}">
    <dl>
    <div class="prediction"><dt>teacher</dt><dd>${nameHtml(prediction)} <span>${wholePercent(
      mistake.predictionProbability,
    )}</span></dd></div>
    <div class="label"><dt>label</dt><dd>${nameHtml(label)} <span>${wholePercent(
      mistake.labelProbability,
    )}</span></dd></div>
    </dl>
    <p class="file" title="${name}">${pathHtml(name)}</p></li>
  `;
}
