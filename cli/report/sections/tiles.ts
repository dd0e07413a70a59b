/**
 * The key figures of a run, in tiles.
 * @module
 */
import { intervalText, percent, type TestError } from "../../terminal/figures.ts";
import { type Content, type Html, html } from "../html.ts";
import type { ReportedRun } from "../reported_run.ts";
import { betterErrorOf, labelCountOf, reportedErrorsOf, stepsOf } from "../run_record.ts";

interface Tile {
  readonly title: string;
  readonly value: Content;
  readonly note?: Content;
  /** Network whose colour the tile has. */
  readonly network?: "student" | "teacher" | "baseline";
}

/** Returns an error with its interval and a remark below it. */
function figure(error: TestError | undefined, remark: string): Pick<Tile, "value" | "note"> {
  if (!error) return { value: "–" };
  const interval = intervalText(error);
  const value = interval === null ? percent(error.testError) : `${(100 * error.testError).toFixed(1)} %`;
  const notes = [...(interval === null ? [] : [`${interval} %`]), ...(remark === "" ? [] : [remark])];
  return { value, note: notes.map((text) => html`<span>${text}</span>`) };
}

/** Returns the tiles of a run. */
export function tilesHtml({ record, results }: ReportedRun): Html {
  const errors = reportedErrorsOf(record, results);
  const baseline = record.baseline && betterErrorOf(record.baseline);
  const at = errors ? `step ${errors.step}` : "";
  const tiles: Tile[] = [];
  // A finished run without them had no test images.
  if (errors || !record.summary) {
    tiles.push(
      { title: "teacher's error", ...figure(errors?.teacher, at), network: "teacher" },
      { title: "student's error", ...figure(errors?.student, at), network: "student" },
    );
  }
  if (baseline !== null) {
    const gain = 100 * (baseline.testError - (errors?.teacher.testError ?? NaN));
    const difference = `${Math.abs(gain).toFixed(baseline.examples < 2000 ? 1 : 2)} points ${
      gain >= 0 ? "above" : "below"
    } the teacher`;
    tiles.push({
      title: "supervised baseline",
      ...figure(baseline, errors ? difference : ""),
      network: "baseline",
    });
  }
  const { folds, probe } = record.summary ?? {};
  if (folds) {
    tiles.push({
      title: `error by ${folds.count}-fold cross-validation`,
      ...figure(folds.teacher, "of the teacher"),
    });
  } else if (probe) {
    tiles.push({ title: "error of a linear probe", ...figure(probe, "an estimate") });
  }
  if (results) {
    tiles.push({
      title: "calibration error",
      value: percent(results.teacher.calibrationError),
      note: "of the teacher",
    });
  }
  tiles.push({ title: "labels", value: labelCountOf(record) ?? "–" }, {
    title: "steps",
    value: stepsOf(record),
  });
  return html`<dl class="tiles">${
    tiles.map(({ title, value, note, network }) =>
      html`
        <div class="${network ?? "plain"}">
          <dt>${title}</dt>
          <dd>${value}${note && html`<small>${note}</small>`}</dd>
        </div>
      `
    )
  }</dl>`;
}
