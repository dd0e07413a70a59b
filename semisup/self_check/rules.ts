/**
 * The rules of the self-check: what is wrong with a run, and what to change.
 *
 * A rule says nothing where it cannot tell, as while weights ramp up or while the student hardly moves: then what it said last
 * stands. All thresholds are far from what healthy runs show; what is merely weak is left to whoever reads the records.
 * @module
 */
import { shownName } from "../../data/mod.ts";
import { largestOf } from "../../nn/mod.ts";
import type { Observed } from "./observed.ts";
import { stepsIn } from "../options/length.ts";
import type { TrainingOptions } from "../options/training_options.ts";

/** What else rules must know. */
export interface SelfCheckSettings {
  /** Options of the run. */
  readonly options: TrainingOptions;
  /** Steps of an epoch. */
  readonly stepsPerEpoch: number;
  /** Class names. */
  readonly classes: readonly string[];
  /** What to call an option in messages; its own name where absent. */
  readonly nameOf?: ((option: keyof TrainingOptions) => string) | undefined;
}

/** What a rule looks at. */
export interface Situation extends Required<SelfCheckSettings> {
  readonly nameOf: (option: keyof TrainingOptions) => string;
  readonly now: Observed;
  /** The look before. */
  readonly former: Observed | undefined;
  /** The consistency weight at the first of the steps that were looked at. */
  readonly firstWeight: number;
}

/** What is wrong, as a message; false = all is well; undefined = cannot tell. */
export type Verdict = string | false | undefined;

/** Means of fewer steps say little: of five batches of four images all may look alike by chance. */
export const leastSteps = 20;

/** Share of its weights' norm that the student has to move by before the teacher's way is judged: less drowns in rounding. */
const leastMovement = 1e-3;

/**
 * A teacher that moves less than this share of the student's way is frozen. The slowest sensible one, of decay .9999, moves
 * 1e-3 of it in 20 steps.
 */
const frozenBelow = 1e-5;

/** Weights this near are the same: float32 rounds by 6e-8. */
const sameBelow = 1e-6;

/** Normalised pixels this near are the same. */
const sameViewBelow = 1e-6;

/**
 * Collapsed: entropy of the teacher's classes on labelled examples below this share of the labels' own. Of ten balanced classes
 * it tells two apart then. These examples it has learnt from, so that true imbalance of the others does not matter.
 */
const labeledEntropyShare = 0.3;

/** The same on all examples, where true imbalance does matter: of ten classes, 96 % of all images in one. */
const entropyShare = 0.1;

/** Steps before which a network may well predict one class for everything. */
const stepsToLearn = 200;

const isAveraged = ({ algorithm, excludeUnlabeled }: TrainingOptions) =>
  !excludeUnlabeled && algorithm === "mean-teacher";
const isConsistent = ({ excludeUnlabeled }: TrainingOptions) => !excludeUnlabeled;
const isAny = () => true;

/** A rule. */
export interface Rule {
  /** The runs it is about. */
  readonly isAbout: (options: TrainingOptions) => boolean;
  readonly judge: (situation: Situation) => Verdict;
}

const ownAlgorithm =
  "In an algorithm of your own, see to its step(); if it is one of this project's, please report it";

/** What a warning is about. */
export type WarningCode =
  | "no-labels"
  | "labels-detached"
  | "consistency-zero"
  | "student-detached"
  | "same-view"
  | "teacher-frozen"
  | "teacher-is-student"
  | "teacher-collapsed";

/** Every rule, by the code of its warning. */
export const rules: Readonly<Record<WarningCode, Rule>> = {
  "no-labels": { isAbout: isAny, judge: judgeLabels },
  "labels-detached": { isAbout: isAny, judge: judgeClassification },
  "consistency-zero": { isAbout: isConsistent, judge: judgeConsistency },
  "student-detached": { isAbout: isConsistent, judge: judgeReach },
  "same-view": { isAbout: isConsistent, judge: judgeViews },
  "teacher-frozen": { isAbout: isAveraged, judge: judgeMovement },
  "teacher-is-student": { isAbout: isAveraged, judge: judgeDistance },
  "teacher-collapsed": { isAbout: isConsistent, judge: judgeClasses },
};

function judgeLabels({ now, nameOf }: Situation): Verdict {
  if (now.labeledPerBatch > 0) return false;
  if (now.steps < leastSteps) return undefined;
  return `None of the images of the last ${now.steps} steps had a label, so nothing says which class is which. Give labels, or a part of every batch to labelled images: ${
    nameOf("labeledBatchSize")
  } with ${nameOf("sampling")} two-stream.`;
}

function judgeClassification({ now }: Situation): Verdict {
  if (now.classificationGradient > 0) return false;
  if (now.steps < leastSteps || now.labeledPerBatch === 0) return undefined;
  return `Labels teach the student nothing: the gradient of the classification cost at its logits has been 0 for ${now.steps} steps. ${ownAlgorithm}.`;
}

function judgeConsistency({ now, options, firstWeight, nameOf }: Situation): Verdict {
  if (options.consistency === 0) {
    return `The weight of the consistency cost is 0, so unlabelled images teach nothing. Give ${
      nameOf("consistency")
    } more than 0, or ${nameOf("excludeUnlabeled")} if labels alone are meant to teach.`;
  }
  if (now.consistencyCost > 0) return false;
  if (now.steps < leastSteps || firstWeight === 0) return undefined;
  const unlabeled = options.consistencyToLabeled
    ? ""
    : ` It counts for unlabelled images alone: see that batches have some, or leave ${
      nameOf("consistencyToLabeled")
    } on.`;
  return `The consistency cost has been exactly 0 for ${now.steps} steps although it has a weight: agreeing with the teacher costs nothing, so unlabelled images teach nothing.${unlabeled} ${ownAlgorithm}.`;
}

function judgeReach({ now, options, firstWeight }: Situation): Verdict {
  if (now.steps < leastSteps || firstWeight === 0) return undefined;
  // What is zero has no gradient either; that is another rule's.
  if (options.consistency === 0 || now.consistencyCost === 0) return false;
  const advice =
    `so agreeing with the teacher costs something but changes nothing. Stop gradients at the teacher's logits, not at the student's. ${ownAlgorithm}.`;
  // Of two heads it is right that one's weights are not reached.
  if (now.consistencyReach < 0.5) {
    return `The consistency cost reaches ${
      Math.round(100 * now.consistencyReach)
    } % of the student's parameters, ${advice}`;
  }
  if (now.consistencyGradient > 0 || options.algorithm === "pi") return false;
  return `The gradient of the consistency cost at the student's logits has been exactly 0 for ${now.steps} steps, ${advice}`;
}

function judgeViews({ now, options, nameOf }: Situation): Verdict {
  if (now.viewDifference >= sameViewBelow) return false;
  if (now.steps < leastSteps) return undefined;
  if (isAugmented(options)) {
    return `Student and teacher are shown the same view of each image although the options ask for random changes, so there is less to agree about than there should be. ${ownAlgorithm}.`;
  }
  if (now.isNoisy) return false;
  const ways = (["translate", "rotate", "flip", "inputNoise", "dropout"] as const).map(nameOf).join(", ");
  return `Student and teacher are shown the same view of each image, and there is no noise in the networks, so there is nothing to agree about but the teacher's lag. Give changes that do not change the class: ${ways}.`;
}

function isAugmented(options: TrainingOptions): boolean {
  const { translate, rotate, flip, randomResizedCrop, colorJitter } = options;
  return translate > 0 || rotate > 0 || flip || randomResizedCrop !== null ||
    (colorJitter !== null && colorJitter.some((strength) => strength > 0));
}

function decayName({ options, nameOf }: Situation): string {
  const names = [
    "emaDecay",
    ...(options.emaDecayDuringRampup === null ? [] : ["emaDecayDuringRampup"]),
  ] as const;
  return names.map((name) => nameOf(name as keyof TrainingOptions)).join(" and ");
}

function judgeMovement(situation: Situation): Verdict {
  const { now } = situation;
  if (now.studentMovement < leastMovement) return undefined;
  if (now.teacherMovement >= frozenBelow * now.studentMovement) return false;
  return `The teacher's weights do not move while the student's do, so the student is held to what a network knew that has not learnt. Give ${
    decayName(situation)
  } less than 1 (.99 to .999). ${ownAlgorithm}.`;
}

function judgeDistance(situation: Situation): Verdict {
  const { now, former } = situation;
  if (now.teacherDistance >= sameBelow) return false;
  // A student whose learning rate has come down stands still, and its teacher catches up: that is no fault.
  if (now.studentMovement < leastMovement) return undefined;
  if (former && former.teacherDistance >= sameBelow) return undefined;
  return `The teacher's weights are the student's: it is no average, and knows no more than the student does. Give ${
    decayName(situation)
  } more than 0 (.99 to .999). ${ownAlgorithm}.`;
}

function judgeClasses(situation: Situation): Verdict {
  const { now, former, options, firstWeight, classes, nameOf } = situation;
  if (isAveraged(options) && judgeMovement(situation)) return undefined; // A frozen one has learnt nothing yet.
  const collapse = collapseOf(now);
  if (!collapse) return collapse;
  const isUp = now.step >= stepsToLearn && firstWeight >= options.consistency / 2 && isWarm(situation);
  // Once may be chance, or the beginning.
  if (!isUp || !former || !collapseOf(former)) return undefined;
  const shares = collapse === "labeled" ? now.labeledTeacherClasses : now.teacherClasses;
  const largest = largestOf(shares), at = shares.indexOf(largest), top = shownName(classes[at] ?? `${at}`);
  const { [at]: labelShare = 0 } = now.labelClasses;
  const what = collapse === "labeled" ? "labelled images" : "images";
  const unless = collapse === "labeled"
    ? ""
    : ` If nearly all of your unlabelled images are "${top}", this is as it should be.`;
  return `The teacher has collapsed: it takes ${
    (100 * largest).toFixed(1)
  } % of ${what} for "${top}", of which ${
    (100 * labelShare).toFixed(1)
  } % of the labels are. Give labels the lead: a lower ${nameOf("consistency")}, a longer ${
    nameOf("consistencyRampup")
  }, or more labels.${unless}`;
}

function isWarm({ now, options, stepsPerEpoch }: Situation): boolean {
  return now.step - now.steps >= stepsIn(options.learningRateRampup, stepsPerEpoch);
}

/** Where the teacher's classes have collapsed; undefined where labels are too few, or of one class, so that nobody can tell. */
function collapseOf(now: Observed): "labeled" | "all" | false | undefined {
  const isTelling = now.labeledPerBatch * now.steps >= leastSteps && largestOf(now.labelClasses) <= 0.9;
  if (now.steps < leastSteps || !isTelling) return undefined;
  const whole = entropyOf(now.labelClasses);
  if (entropyOf(now.labeledTeacherClasses) < labeledEntropyShare * whole) return "labeled";
  return entropyOf(now.teacherClasses) < entropyShare * whole ? "all" : false;
}

/** `−Σ s log s` of shares. */
function entropyOf(shares: readonly number[]): number {
  return -shares.reduce((sum, share) => share > 0 ? sum + share * Math.log(share) : sum, 0);
}
