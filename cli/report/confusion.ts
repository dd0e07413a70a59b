/**
 * What a network takes images for: the matrix of confusions, and pictures of the worst ones.
 * @module
 */
import { shownName } from "../../data/mod.ts";
import { percent } from "../command/figures.ts";
import { type Html, html, nameHtml, tableHtml } from "./html.ts";
import type { Mistake, TestResults } from "./test_results.ts";

/** Classes beyond which a matrix fits no screen: then there is only the list. */
const mostClasses = 20;

/** Confusions that are listed. */
const listedConfusions = 12;

/** The confusions of the teacher. */
export function confusionHtml({ classes, teacher: { confusion } }: TestResults): Html {
  return html`<div class="confusions">
${classes.length <= mostClasses && matrixHtml(classes, confusion)}
${confusionList(classes, confusion)}
</div>`;
}

function matrixHtml(classes: readonly string[], confusion: readonly (readonly number[])[]): Html {
  return html`
    <div class="scroll" tabindex="0">
      <table class="confusion">
        <caption>Images of each class (rows) by the class that the teacher takes them for (columns). Colour is the share of the row.</caption>
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
  // Mistakes are few, and should be seen: the root makes 1 % of a class a tenth of the full colour.
  const strength = isRight ? share * 0.75 : Math.sqrt(share);
  return html`<td class="${isRight ? "right" : "wrong"}" style="--strength: ${
    Math.round(100 * strength)
  }%" title="${percent(share)} of the class">${count}</td>`;
}

function confusionList(classes: readonly string[], confusion: readonly (readonly number[])[]): Html {
  const all = classes.flatMap((name, label) => {
    const { [label]: row = [] } = confusion;
    const total = row.reduce((sum, count) => sum + count, 0);
    return classes.flatMap((taken, prediction) => {
      const { [prediction]: count = 0 } = row;
      return count > 0 && prediction !== label ? [{ name, taken, count, share: count / total }] : [];
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
      { title: "taken for", isText: true, cell: ({ taken }) => nameHtml(taken) },
      { title: "images", cell: ({ count }) => count },
      { title: "of the class", cell: ({ share }) => percent(share) },
    ],
    rows,
  });
}

/** The mistakes that the teacher is surest of. */
export function mistakesHtml({ classes, mistakes, teacher: { examples, testError } }: TestResults): Html {
  const wrong = Math.round(examples * testError);
  if (wrong === 0) return html`<p>The teacher makes no mistake on ${examples} images.</p>`;
  if (mistakes.length === 0) return html`<p>The teacher makes ${wrong} mistakes; none is shown.</p>`;
  return html`<p>${
    mistakes.length === wrong
      ? html`All ${wrong} mistakes of the teacher`
      : html`Of ${wrong} mistakes of the teacher, the ${mistakes.length} that it is surest of`
  }, with its probabilities. Some may be mistakes of the labels.</p>
<ul class="mistakes">
${mistakes.map((mistake) => mistakeHtml(mistake, classes))}</ul>`;
}

function mistakeHtml(mistake: Mistake, classes: readonly string[]): Html {
  const { name, thumbnail: { url, width, height } } = mistake;
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  const [label, prediction] = [classes[mistake.label]!, classes[mistake.prediction]!];
  return html`
    <li><img src="${url}" width="${width}" height="${height}" alt="${shownName(label)} taken for ${shownName(
      prediction,
    )}">
    <dl>
    <div class="prediction"><dt>teacher</dt><dd>${nameHtml(prediction)} <span>${percent(
      mistake.predictionProbability,
    )}</span></dd></div>
    <div class="label"><dt>label</dt><dd>${nameHtml(label)} <span>${percent(
      mistake.labelProbability,
    )}</span></dd></div>
    </dl>
    <p class="file" title="${name}">${nameHtml(name)}</p></li>
  `;
}
