/**
 * The verdict on a run: one sentence on its error, with the interval, and the warnings that qualify it.
 * @module
 */
import { errorInterval, isWithinChance, knownMethods } from "../../../semisup/mod.ts";
import { describeFolds } from "../../run/folds.ts";
import { describeProbe } from "../../run/probe.ts";
import type { NetworkErrors } from "../../run_files/run_log.ts";
import type { TestError } from "../../terminal/figures.ts";
import { type Html, html } from "../html.ts";
import type { ReportedRun } from "../reported_run.ts";
import { betterErrorOf, labelCountOf, reportedErrorsOf, type RunRecord, stepsOf } from "../run_record.ts";
import { warningsOf } from "./self_check.ts";

/** Returns the network that a run's model file has. */
export function savedNetwork({ method }: Pick<RunRecord, "method">): "student" | "teacher" {
  return knownMethods().find(({ name }) => name === method)?.evaluated ?? "teacher";
}

/** Returns an error as a percentage, with enough digits for its number of examples. */
function shareText({ testError, examples }: TestError): string {
  return `${(100 * testError).toFixed(examples < 2000 ? 1 : 2)} %`;
}

/** Returns the 95 % interval of an error, such as `1.45 to 1.95 %`. */
function rangeText({ testError, examples }: TestError): string {
  const ends = errorInterval(testError, examples).map((end) => (100 * end).toFixed(examples < 2000 ? 1 : 2));
  return `${ends.join(" to ")} %`;
}

/** Returns the end of the sentence, on the supervised baseline; empty without one. */
function comparedText(own: NetworkErrors, baseline: NetworkErrors | null, labels: number | null): string {
  if (!baseline) return "";
  const alone = `a network trained with ${labels === null ? "the" : `the ${labels}`} labels alone (${
    shareText(baseline)
  })`;
  if (own.testError === baseline.testError) return `, as many as ${alone}`;
  const isFewer = own.testError < baseline.testError;
  const share = baseline.testError === 0
    ? ""
    : `${(100 * Math.abs(1 - own.testError / baseline.testError)).toFixed(0)} % `;
  const isChance = isWithinChance(own.testError, baseline.testError, own.examples);
  return `, ${share}${isFewer ? "fewer" : "more"} than ${alone}${
    isChance ? `, a difference that may be chance` : ""
  }`;
}

/** Returns a sentence on an error that guessing reaches as well; empty if it does not, or the classes are unknown. */
function guessingText({ testError, examples }: TestError, classCount: number | null): string {
  const [, high] = errorInterval(testError, examples);
  if (classCount === null || high < 1 - 1 / classCount) return "";
  return ` That may be no better than guessing among ${classCount} classes.`;
}

/**
 * Returns the verdict on a run as one sentence, or two if guessing would do as well.
 * @param classCount Number of classes; null if unknown.
 */
export function verdictText(
  { record, results, isHeldOut }: Pick<ReportedRun, "record" | "results" | "isHeldOut">,
  classCount: number | null,
): string {
  const errors = reportedErrorsOf(record, results), { folds, probe } = record.summary ?? {};
  if (!errors && !record.summary) return "The networks have not been tested yet.";
  if (!errors) {
    const [estimate] = [...(folds ? [describeFolds(folds)] : []), ...(probe ? [describeProbe(probe)] : [])];
    return estimate === undefined
      ? "The error is unknown: there were no labelled test images."
      : `There were no test images. ${estimate}.`;
  }
  const network = savedNetwork(record), own = errors[network];
  const baseline = record.baseline && betterErrorOf(record.baseline);
  const when = record.summary ? "" : `At step ${errors.step}, `;
  const images = `${own.examples.toLocaleString("en")} ${isHeldOut ? "held-out" : "test"} images`;
  return `${when}${when === "" ? "The" : "the"} ${network} misclassifies ${
    shareText(own)
  } of ${images} (95 % interval: ${rangeText(own)})${comparedText(own, baseline, labelCountOf(record))}.${
    guessingText(own, classCount)
  }`;
}

/** Returns the verdict with the warnings that qualify it. */
export function verdictHtml(run: ReportedRun): Html {
  const { record, id, classes } = run;
  const active = warningsOf(record.log.diagnostics).filter(({ isActive }) => isActive);
  const { kept } = record.summary ?? {};
  return html`
    <p class="verdict">${verdictText(run, classes?.length ?? null)}</p>
    ${!record.summary && unfinishedHtml(run)} ${kept && html`
      <p>These weights, of step ${kept.step}, were chosen by ${kept.by === "test"
        ? "the test images"
        : "the held-out labels"} themselves, so the error on new images is somewhat higher.</p>
    `} ${active.length > 0 && html`
      <p
        class="warning">The self-check warns: ${active.map(({ code }, i) =>
          html`${i > 0 && ", "}<b>${code}</b>`
        )}. Read <a href="#${id}-check">what to change</a> before you trust the run.</p>
    `}
  `;
}

function unfinishedHtml({ record, results }: ReportedRun): Html {
  const tested = results
    ? " Its last checkpoint was tested."
    : record.weights
    ? ""
    : " Its folder has no checkpoint.";
  return html`<p class="warning">This run is not finished: its log ends at step ${
    stepsOf(record)
  }.${tested}</p>`;
}
