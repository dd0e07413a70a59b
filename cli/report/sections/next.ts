/**
 * The section on what to do next: advice that follows from the results, the most useful first.
 * @module
 */
import { counted } from "../../../data/internal.ts";
import { errorInterval, isWithinChance } from "../../../semisup/mod.ts";
import { resumeCommand } from "../../hints/resume_command.ts";
import { pathFromHere, shellCommand } from "../../hints/shell_command.ts";
import { contradictsMost } from "./labels.ts";
import { type Content, type Html, html, nameHtml } from "../html.ts";
import type { ReportedRun } from "../reported_run.ts";
import {
  betterErrorOf,
  labelCountOf,
  lastErrorsOf,
  reportedErrorsOf,
  type RunRecord,
} from "../run_record.ts";
import { warningsOf } from "./self_check.ts";

/** An advice. */
interface Advice {
  readonly text: Content;
  /** Command that follows the advice; absent if there is none. */
  readonly command?: string;
}

/** Largest number of pieces of advice: more are not read. */
const maxAdvice = 6;

/** Returns the advice on a run. */
export function nextHtml(run: ReportedRun): Html {
  const rules = [
    finish,
    heedWarnings,
    measure,
    checkLabels,
    separateCopies,
    useUnlabelled,
    trainLonger,
    labelWeakClass,
    labelMore,
    use,
  ];
  const all = rules.flatMap((rule) => rule(run) ?? []).slice(0, maxAdvice);
  return html`<ol class="next">${
    all.map(({ text, command }) =>
      html`
        <li>${text}${command !== undefined && html`<code class="command">${command}</code>`}</li>
      `
    )
  }</ol>`;
}

type Rule = (run: ReportedRun) => Advice | undefined;

const finish: Rule = ({ record: { summary, path, weights } }) =>
  summary || !weights ? undefined : { text: "Continue the run to its end.", command: resumeCommand(path) };

const heedWarnings: Rule = ({ id, record: { log } }) => {
  const [first] = warningsOf(log.diagnostics).filter(({ isActive }) => isActive);
  return first && {
    text: html`Heed the <a href="#${id}-check">self-check</a> and train again: ${first.message}`,
  };
};

/** Width of an interval in points above which more labels should be held out. */
const wideInterval = 0.1;

const measure: Rule = ({ record, results, isHeldOut }) => {
  const errors = reportedErrorsOf(record, results);
  if (!errors) {
    // An unfinished run may have test images, and is tested at its end.
    return !record.summary || record.summary.folds ? undefined : {
      text:
        html`Measure the error: label more pictures, so that some can be held out, or train with <code>--folds 5</code>, which tests every label once.`,
    };
  }
  const { testError, examples } = errors.teacher, [low, high] = errorInterval(testError, examples);
  if (high - low < wideInterval) return undefined;
  return {
    text: html`Measure more precisely: ${examples} ${
      isHeldOut ? "held-out" : "test"
    } images leave the error uncertain by ${
      (100 * (high - low)).toFixed(0)
    } points. Four times as many halve that; <code>--folds 5</code> tests every label once.`,
  };
};

const checkLabels: Rule = ({ id, review, record: { path } }) =>
  review === null || review.confident === 0 || contradictsMost(review) ? undefined : {
    text: html`
      Check ${review.confident} <a
        href="#${id}-labels">${review.confident === 1
          ? "label"
          : "labels"} that the features confidently contradict</a>; a wrong label costs more than a missing one.
    `,
    command: shellCommand("suggest", pathFromHere(path), "--review"),
  };

const separateCopies: Rule = ({ id, review }) => {
  const across = review?.pairs.filter(({ pictures: [one, other] }) => one.isHeldOut !== other.isHeldOut)
    .length;
  return across
    ? {
      text: html`
        Look at the <a
          href="#${id}-duplicates">near-duplicates</a>: ${across} ${across === 1
            ? "pair has one picture"
            : "pairs have one picture each"} in training and one held out, so the measured error is too low.
      `,
    }
    : undefined;
};

const useUnlabelled: Rule = ({ record }) => {
  const errors = lastErrorsOf(record), baseline = record.baseline && betterErrorOf(record.baseline);
  if (!errors || record.method === "supervised") return undefined;
  if (!baseline) {
    return {
      text:
        html`Find out whether the unlabelled images helped: train again with <code>--baseline</code>, which also trains without them.`,
    };
  }
  const { testError, examples } = errors.teacher;
  if (testError < baseline.testError && !isWithinChance(testError, baseline.testError, examples)) {
    return undefined;
  }
  return {
    text:
      html`The unlabelled images have not helped measurably. Try more steps, a lower <code>--consistency</code>, augmentations that keep the class, or unlabelled images of the same classes as the labelled ones.`,
  };
};

/** Share of the course after which the error should have settled, and a drop after it that counts. */
const settled = 0.75, usefulDrop = 0.9;

const trainLonger: Rule = ({ record: { log: { evaluations } } }) => {
  const last = evaluations.at(-1);
  const before = evaluations.filter(({ step }) => step <= settled * (last?.step ?? 0)).at(-1);
  if (!last || !before || evaluations.length < 5) return undefined;
  const [now, then] = [last.teacher, before.teacher];
  const isFalling = now.testError < usefulDrop * then.testError &&
    !isWithinChance(now.testError, then.testError, now.examples);
  return isFalling
    ? {
      text:
        html`Train longer: the error was still falling at the end. Double <code>--epochs</code> or <code>--steps</code>.`,
    }
    : undefined;
};

/** Number of test images below which the accuracy of a class says little. */
const minClassImages = 10;

const labelWeakClass: Rule = ({ results, record: { labelsByClass } }) => {
  if (!results) return undefined;
  const { classes, teacher } = results;
  const [weakest] = teacher.classes.flatMap(({ accuracy, examples }, i) =>
    accuracy === null || examples < minClassImages ? [] : [{ name: classes[i] ?? `${i}`, accuracy, examples }]
  ).sort((one, other) => one.accuracy - other.accuracy);
  if (!weakest || isWithinChance(1 - weakest.accuracy, teacher.testError, weakest.examples)) return undefined;
  const count = labelsByClass?.get(weakest.name);
  return {
    text: html`Label more of the weakest class, ${nameHtml(weakest.name)}: ${
      (100 * weakest.accuracy).toFixed(0)
    } % are recognised${count !== undefined && `, with ${count} ${count === 1 ? "label" : "labels"}`}.`,
  };
};

const labelMore: Rule = ({ id, unlabelled, record }) =>
  unlabelled === null || !record.summary ? undefined : {
    text: html`
      Label the pictures that the network is <a
        href="#${id}-unlabelled">least sure of</a>, then train on from these weights.${labelsText(record)}
    `,
    command: shellCommand("suggest", pathFromHere(record.path)),
  };

/** Returns the number of labels as a sentence; empty if it is unknown. */
function labelsText(record: RunRecord): string {
  const count = labelCountOf(record);
  return count === null
    ? ""
    : ` ${counted(count, "picture")} ${count === 1 ? "has a label" : "have labels"} so far.`;
}

const use: Rule = ({ record: { summary, path } }) =>
  summary
    ? { text: "Classify new pictures.", command: shellCommand("predict", pathFromHere(path), "PICTURES") }
    : undefined;
