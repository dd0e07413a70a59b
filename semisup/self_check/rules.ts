/**
 * The rules of the self-check: faults of a run, and advice.
 *
 * A rule has no verdict if it cannot judge, as while weights ramp up or while the student hardly moves; its
 * last verdict then stands. All thresholds are far from the values of healthy runs: a merely weak effect
 * raises no warning.
 * @module
 */
import { shownName } from "../../data/internal.ts";
import { largestOf } from "../../nn/mod.ts";
import { methodOf } from "../methods/mod.ts";
import type { Measurements } from "./measurements.ts";
import { stepsIn } from "../options/length.ts";
import type { TrainingOptions } from "../options/training_options.ts";

/** Facts about a run that the rules need. */
export interface SelfCheckSettings {
  /** Options of the run. */
  readonly options: TrainingOptions;
  /** Number of steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Class names. */
  readonly classes: readonly string[];
  /** Returns an option's name for messages; if absent, the option's own name is used. */
  readonly nameOf?: ((option: keyof TrainingOptions) => string) | undefined;
}

/** Everything that a rule may consult. */
export interface Situation extends Required<SelfCheckSettings> {
  readonly nameOf: (option: keyof TrainingOptions) => string;
  readonly now: Measurements;
  /** The measurements before. */
  readonly previous: Measurements | undefined;
  /** The consistency weight at the first of the measured steps. */
  readonly firstWeight: number;
}

/** Message of a warning; false = the fault is absent; undefined = the rule cannot judge. */
export type Verdict = string | false | undefined;

/**
 * Smallest number of steps to judge means of: in five batches of four images, all may look alike by chance.
 */
export const minSteps = 20;

/** Smallest movement of the student, relative to its norm, to judge the teacher's by: below, rounding dominates. */
const minMovement = 1e-3;

/**
 * Threshold of a frozen teacher: movement as a share of the student's. The slowest sensible teacher, of decay
 * 0.9999, moves 1e-3 of the student's way in 20 steps.
 */
const frozenBelow = 1e-5;

/** Threshold of equal weights, relative to their norm: float32 rounds by 6e-8. */
const sameBelow = 1e-6;

/** Threshold of equal views, as mean difference of normalised pixels. */
const sameViewBelow = 1e-6;

/**
 * Threshold of collapse on labelled examples: entropy of the teacher's classes as a share of the labels'
 * entropy. At this threshold a teacher tells about two of ten balanced classes apart. The imbalance of
 * unlabelled examples has no influence.
 */
const labeledEntropyShare = 0.3;

/**
 * Threshold of collapse on all examples. It is lower, as they may be imbalanced: of ten classes, 96 % of
 * images in one.
 */
const entropyShare = 0.1;

/** Number of steps in which a network may predict one class for everything without a warning. */
const stepsToLearn = 200;

/** Number of steps after which a method that selects examples should have selected some. */
const stepsToSelect = 1000;

const isAveraged = (options: TrainingOptions) => methodOf(options).target === "teacher";
const isConsistent = (options: TrainingOptions) => methodOf(options).target !== null;
const always = () => true;

/** A rule of the self-check. */
export interface Rule {
  /** Returns whether the rule applies to a run. */
  readonly appliesTo: (options: TrainingOptions) => boolean;
  readonly judge: (situation: Situation) => Verdict;
}

const algorithmAdvice =
  "make sure that the images are not all of one colour, or equal; then check the step() method if the algorithm is custom, or report a bug if it is built in";

/** Code of a warning, for programs. */
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
  "no-labels": { appliesTo: always, judge: judgeLabels },
  "labels-detached": { appliesTo: always, judge: judgeClassification },
  "consistency-zero": { appliesTo: isConsistent, judge: judgeConsistency },
  "student-detached": { appliesTo: isConsistent, judge: judgeReach },
  "same-view": { appliesTo: isConsistent, judge: judgeViews },
  "teacher-frozen": { appliesTo: isAveraged, judge: judgeMovement },
  "teacher-is-student": { appliesTo: isAveraged, judge: judgeDistance },
  "teacher-collapsed": { appliesTo: isConsistent, judge: judgeClasses },
};

function judgeLabels({ now, nameOf }: Situation): Verdict {
  if (now.labeledPerBatch > 0) return false;
  if (now.steps < minSteps) return undefined;
  return `No image of the last ${now.steps} steps had a label, so the student cannot learn which class is which. Add labels, or reserve part of every batch for labelled images: set ${
    nameOf("labeledBatchSize")
  }, with ${nameOf("sampling")} two-stream.`;
}

function judgeClassification({ now }: Situation): Verdict {
  if (now.classificationGradient > 0) return false;
  if (now.steps < minSteps || now.labeledPerBatch === 0) return undefined;
  return `The gradient of the classification cost at the student's logits has been exactly 0 for ${now.steps} steps, so labels teach the student nothing. Please ${algorithmAdvice}.`;
}

function judgeConsistency({ now, options, firstWeight, nameOf }: Situation): Verdict {
  if (options.consistency === 0) {
    return `The weight of the consistency cost is 0, so unlabelled images teach the student nothing. Set ${
      nameOf("consistency")
    } above 0, or set ${nameOf("excludeUnlabeled")} to train on labels alone.`;
  }
  if (now.consistencyCost > 0) return false;
  if (now.steps < minSteps || firstWeight === 0) return undefined;
  if (methodOf(options).isSelective && now.step < stepsToSelect) return undefined;
  const unlabeled = options.consistencyToLabeled
    ? ""
    : ` Only unlabelled images have this cost: make sure that batches contain some, or leave ${
      nameOf("consistencyToLabeled")
    } on.`;
  return `The consistency cost has been exactly 0 for ${now.steps} steps although its weight is above 0, so unlabelled images teach the student nothing.${unlabeled} Please ${algorithmAdvice}.`;
}

function judgeReach({ now, options, firstWeight }: Situation): Verdict {
  if (now.steps < minSteps || firstWeight === 0) return undefined;
  // A cost of 0 has no gradient either, but another rule reports it.
  if (options.consistency === 0 || now.consistencyCost === 0) return false;
  const advice =
    `so disagreement with the teacher costs something but does not train the student. Stop gradients at the teacher's logits, not at the student's. Please ${algorithmAdvice}.`;
  // With two heads, the weights of one are rightly not reached.
  if (now.consistencyReach < 0.5) {
    return `The consistency cost reaches ${
      Math.round(100 * now.consistencyReach)
    } % of the student's parameters, ${advice}`;
  }
  if (now.consistencyGradient > 0 || methodOf(options).target === "student") return false;
  return `The gradient of the consistency cost at the student's logits has been exactly 0 for ${now.steps} steps, ${advice}`;
}

function judgeViews({ now, options, nameOf }: Situation): Verdict {
  if (now.viewDifference >= sameViewBelow) return false;
  if (now.steps < minSteps) return undefined;
  if (isAugmented(options)) {
    return `Student and teacher see the same view of each image although augmentation is on, so they have less to disagree about, and unlabelled images teach the student less. Please ${algorithmAdvice}.`;
  }
  if (now.isNoisy) return false;
  const ways = (["translate", "rotate", "flip", "inputNoise", "dropout"] as const).map(nameOf).join(", ");
  return `Student and teacher see the same view of each image, and the networks add no noise, so the two differ only by the teacher's lag, and unlabelled images teach the student almost nothing. Turn on random changes that leave the class unchanged: ${ways}.`;
}

function isAugmented(options: TrainingOptions): boolean {
  const { translate, rotate, flip, randomResizedCrop, colorJitter, weakAugment, strongAugment } = options;
  return translate > 0 || rotate > 0 || flip || randomResizedCrop !== null ||
    (colorJitter !== null && colorJitter.some((strength) => strength > 0)) || weakAugment !== "none" ||
    strongAugment !== null && strongAugment !== "none";
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
  if (now.studentMovement < minMovement) return undefined;
  if (now.teacherMovement >= frozenBelow * now.studentMovement) return false;
  return `The teacher's weights do not change while the student's do, so the student is trained to agree with an outdated network. Set ${
    decayName(situation)
  } below 1 (0.99 to 0.999). If this does not help, ${algorithmAdvice}.`;
}

function judgeDistance(situation: Situation): Verdict {
  const { now, previous } = situation;
  if (now.teacherDistance >= sameBelow) return false;
  // Once the learning rate has decayed, the student stands still and the teacher rightly catches up.
  if (now.studentMovement < minMovement) return undefined;
  if (previous && previous.teacherDistance >= sameBelow) return undefined;
  return `The teacher's weights equal the student's, so the teacher is not an average and knows no more than the student. Set ${
    decayName(situation)
  } above 0 (0.99 to 0.999). If this does not help, ${algorithmAdvice}.`;
}

function judgeClasses(situation: Situation): Verdict {
  const { now, previous, options, firstWeight, classes, nameOf } = situation;
  if (isAveraged(options) && judgeMovement(situation)) return undefined; // A frozen teacher has learnt nothing yet.
  const collapse = detectCollapse(now);
  if (!collapse) return collapse;
  const isUp = now.step >= stepsToLearn && firstWeight >= options.consistency / 2 && isWarm(situation);
  // A single collapse may be chance, or an early phase.
  if (!isUp || !previous || !detectCollapse(previous)) return undefined;
  const shares = collapse === "labeled" ? now.labeledTeacherClasses : now.teacherClasses;
  const largest = largestOf(shares), at = shares.indexOf(largest), top = shownName(classes[at] ?? `${at}`);
  const { [at]: labelShare = 0 } = now.labelClasses;
  const images = collapse === "labeled" ? "labelled images" : "images";
  const exception = collapse === "labeled"
    ? ""
    : ` If nearly all of your unlabelled images are of class "${top}", ignore this warning.`;
  return `The teacher has collapsed: it predicts "${top}" for ${
    (100 * largest).toFixed(1)
  } % of ${images}, but ${
    (100 * labelShare).toFixed(1)
  } % of the labels are "${top}", so the student is drawn towards one class. Give labels more weight: lower ${
    nameOf("consistency")
  }, lengthen ${nameOf("consistencyRampup")}, or add labels.${exception}`;
}

function isWarm({ now, options, stepsPerEpoch }: Situation): boolean {
  return now.step - now.steps >= stepsIn(options.learningRateRampup, stepsPerEpoch);
}

/** Returns on which examples predictions have collapsed; undefined if labels are too few or too alike to judge. */
function detectCollapse(now: Measurements): "labeled" | "all" | false | undefined {
  const canJudge = now.labeledPerBatch * now.steps >= minSteps && largestOf(now.labelClasses) <= 0.9;
  if (now.steps < minSteps || !canJudge) return undefined;
  const whole = entropyOf(now.labelClasses);
  if (entropyOf(now.labeledTeacherClasses) < labeledEntropyShare * whole) return "labeled";
  return entropyOf(now.teacherClasses) < entropyShare * whole ? "all" : false;
}

/** Computes the entropy `−Σ s log s` of shares. */
function entropyOf(shares: readonly number[]): number {
  return -shares.reduce((sum, share) => share > 0 ? sum + share * Math.log(share) : sum, 0);
}
