/** The rules of the self-check, without a device: when warnings are raised, kept and withdrawn. */
import {
  type Measurements,
  resolveOptions,
  SelfCheck,
  type SelfCheckSettings,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";

const classes = ["a", "b", "c", "d"];

/** Measurements of a healthy run of 1000 steps per epoch, in its middle. */
const well: Measurements = {
  step: 1000,
  epoch: 1,
  steps: 250,
  consistencyCost: 0.02,
  consistencyGradient: 0.1,
  classificationGradient: 0.3,
  consistencyReach: 1,
  viewDifference: 0.4,
  isNoisy: true,
  teacherDistance: 0.01,
  teacherMovement: 0.1,
  studentMovement: 0.2,
  teacherLag: 12,
  labeledPerBatch: 50,
  fewestLabeled: 50,
  labeledClasses: 4,
  labelClasses: [0.25, 0.25, 0.25, 0.25],
  teacherClasses: [0.3, 0.2, 0.25, 0.25],
  labeledTeacherClasses: [0.26, 0.24, 0.25, 0.25],
  agreement: 0.9,
  gap: 0.1,
};

function checkOf(options: Partial<TrainingOptions> = {}, settings: Partial<SelfCheckSettings> = {}) {
  return new SelfCheck({ options: resolveOptions(options), stepsPerEpoch: 1000, classes, ...settings });
}

/** Returns the codes in force after each of some measurements, given by their differences from a healthy run. */
function codesAfter(
  options: Partial<TrainingOptions>,
  ...all: readonly Partial<Measurements>[]
): string[][] {
  const check = checkOf(options);
  return all.map((measured) => check.check({ ...well, ...measured }).map(({ code }) => code));
}

Deno.test("self-check: a healthy run of any method raises no warning", () => {
  for (const options of [{}, { algorithm: "pi" }, { excludeUnlabeled: true }] as const) {
    assertEquals(codesAfter(options, {}, {}), [[], []]);
  }
});

Deno.test("self-check: a warning stands until its fault is seen to end, also while it cannot be judged", () => {
  const collapsed = { labeledTeacherClasses: [1, 0, 0, 0] };
  assertEquals(
    codesAfter({}, collapsed, collapsed, { labeledPerBatch: 0.01 }, {}, {}),
    [[], ["teacher-collapsed"], ["teacher-collapsed"], [], []],
  );
  const frozen = { teacherMovement: 0 };
  assertEquals(
    codesAfter({}, frozen, { ...frozen, studentMovement: 1e-4 }, { teacherMovement: 0.01 }),
    [["teacher-frozen"], ["teacher-frozen"], []],
  );
});

Deno.test("self-check: a cost of 0 is a fault only once its weight is above 0", () => {
  const zero = { consistencyCost: 0, consistencyGradient: 0 };
  assertEquals(codesAfter({}, zero), [["consistency-zero"]]);
  const late = { consistencyRampupShape: "step", consistencyRampup: 0.9 } as const;
  // At the first of the steps 750 to 1000 the weight is still 0.
  assertEquals(codesAfter(late, zero, { ...zero, step: 1250 }), [[], ["consistency-zero"]]);
  assertEquals(codesAfter({}, { ...zero, steps: 19 }), [[]]);
  assertEquals(codesAfter({ excludeUnlabeled: true }, zero), [[]]);
});

Deno.test("self-check: the warning of a zero cost mentions that only unlabelled images have the cost", () => {
  const message = (options: Partial<TrainingOptions>) =>
    checkOf(options, { nameOf: (option) => `--${option}` }).check({ ...well, consistencyCost: 0 })[0]!
      .message;
  assertStringIncludes(message({ consistencyToLabeled: false }), "leave --consistencyToLabeled on");
  assertEquals(message({}).includes("Only unlabelled images have this cost"), false);
});

Deno.test("self-check: the cost must reach most of the student, but not both heads", () => {
  const reach = (consistencyReach: number) => codesAfter({}, { consistencyReach });
  assertEquals([reach(0.5), reach(0.49), reach(0)], [[[]], [["student-detached"]], [["student-detached"]]]);
  // The Π model's gradient may come through its second pass alone.
  assertEquals(codesAfter({ algorithm: "pi" }, { consistencyGradient: 0 }), [[]]);
  assertEquals(codesAfter({}, { consistencyGradient: 0 }), [["student-detached"]]);
});

Deno.test("self-check: equal views are fine if noise is the only option set", () => {
  const same = { viewDifference: 0 }, plain = { translate: 0, rotate: 0 };
  assertEquals(codesAfter({}, same), [["same-view"]]);
  assertEquals(codesAfter(plain, same), [[]]);
  assertEquals(codesAfter(plain, { ...same, isNoisy: false }), [["same-view"]]);
  for (
    const augmented of [
      { flip: true },
      { randomResizedCrop: 8 },
      { colorJitter: [0, 0, 0, 0.1] },
      { translate: 1 },
      { rotate: 1 },
    ]
  ) {
    assertEquals(codesAfter({ ...plain, ...augmented }, same), [["same-view"]], JSON.stringify(augmented));
  }
  assertEquals(codesAfter({ ...plain, colorJitter: [0, 0, 0, 0] }, same), [[]]);
});

Deno.test("self-check: a slow teacher is not frozen, and one that catches up with a still student is not a copy", () => {
  assertEquals(codesAfter({}, { teacherMovement: 2e-4 * 0.2 }), [[]]);
  assertEquals(codesAfter({}, { teacherMovement: 1e-6 * 0.2 }), [["teacher-frozen"]]);
  const copy = { teacherDistance: 0 };
  assertEquals(codesAfter({}, copy, copy), [["teacher-is-student"], ["teacher-is-student"]]);
  assertEquals(codesAfter({}, {}, copy), [[], []]);
  assertEquals(codesAfter({}, copy, { ...copy, studentMovement: 1e-5 }, {}), [
    ["teacher-is-student"],
    ["teacher-is-student"],
    [],
  ]);
});

Deno.test("self-check: collapse is judged by labels, allows for true imbalance, and must be seen twice", () => {
  const twice = (measured: Partial<Measurements>, options: Partial<TrainingOptions> = {}) =>
    codesAfter(options, measured, measured)[1]!;
  const skewed = [0.9, 0.04, 0.03, 0.03], single = [1, 0, 0, 0];
  // Unlabelled images may be nearly all of one class.
  assertEquals(twice({ teacherClasses: skewed }), []);
  assertEquals(twice({ teacherClasses: [0.99, 0.01, 0, 0] }), ["teacher-collapsed"]);
  // For labelled images the classes are known. Entropies: 0.43, 0.06 and 1.39.
  assertEquals(twice({ labeledTeacherClasses: skewed }), []);
  assertEquals(twice({ labeledTeacherClasses: [0.95, 0.05, 0, 0] }), ["teacher-collapsed"]);
  // Labels of one class, or nearly so, do not allow a judgement.
  assertEquals(twice({ labelClasses: [0.91, 0.09, 0, 0], labeledTeacherClasses: single }), []);
  // At the beginning a network may well predict one class.
  const all = { teacherClasses: single, labeledTeacherClasses: single };
  assertEquals(twice({ ...all, step: 199, steps: 100 }, { consistencyRampup: 0 }), []);
  assertEquals(twice(all, { consistencyRampup: 10 }), []);
  assertEquals(twice(all, { learningRateRampup: "800steps" }), []);
  assertEquals(twice(all, { learningRateRampup: "700steps" }), ["teacher-collapsed"]);
  assertEquals(codesAfter({}, {}, all), [[], []]);
});

Deno.test("self-check: messages name options as the caller does", () => {
  const check = checkOf({}, { nameOf: (option) => `--${option}` });
  const measured = { ...well, teacherClasses: [0, 0.996, 0.004, 0] };
  check.check(measured);
  const [{ code, message }] = check.check(measured) as [{ code: string; message: string }];
  assertEquals(code, "teacher-collapsed");
  assertEquals(
    message,
    'The teacher has collapsed: it predicts "b" for 99.6 % of images, but 25.0 % of the labels are "b", so the student is drawn towards one class. Give labels more weight: lower --consistency, lengthen --consistencyRampup, or add labels. If nearly all of your unlabelled images are of class "b", ignore this warning.',
  );
  const [, unlabeled] = [
    checkOf().check({ ...well, consistencyCost: 0 }),
    checkOf().check({ ...well, labeledPerBatch: 0, classificationGradient: 0 }),
  ];
  assertEquals(unlabeled!.map(({ code }) => code), ["no-labels"]);
  assertStringIncludes(unlabeled![0]!.message, "labeledBatchSize, with sampling two-stream");
});
