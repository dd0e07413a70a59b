/** The rules of the self-check, without a device: where they speak, where they are silent, what they keep. */
import {
  type Measurements,
  resolveOptions,
  SelfCheck,
  type SelfCheckSettings,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";

const classes = ["a", "b", "c", "d"];

/** What a run of 1000 steps an epoch shows in its middle when all is well. */
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

/** Codes of the warnings that stand after each of some looks, each said by what differs from all being well. */
function codesAfter(
  options: Partial<TrainingOptions>,
  ...looks: readonly Partial<Measurements>[]
): string[][] {
  const check = checkOf(options);
  return looks.map((look) => check.check({ ...well, ...look }).map(({ code }) => code));
}

Deno.test("self-check: where all is well there is nothing to say, whatever the method", () => {
  for (const options of [{}, { algorithm: "pi" }, { excludeUnlabeled: true }] as const) {
    assertEquals(codesAfter(options, {}, {}), [[], []]);
  }
});

Deno.test("self-check: a warning stands until it is seen to be over, not until nobody can tell", () => {
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

Deno.test("self-check: a cost of 0 is one while its weight is there, not before", () => {
  const zero = { consistencyCost: 0, consistencyGradient: 0 };
  assertEquals(codesAfter({}, zero), [["consistency-zero"]]);
  const late = { consistencyRampupShape: "step", consistencyRampup: 0.9 } as const;
  // Of the steps 750 to 1000 the first have no weight yet.
  assertEquals(codesAfter(late, zero, { ...zero, step: 1250 }), [[], ["consistency-zero"]]);
  assertEquals(codesAfter({}, { ...zero, steps: 19 }), [[]]);
  assertEquals(codesAfter({ excludeUnlabeled: true }, zero), [[]]);
});

Deno.test("self-check: a cost for unlabelled images alone says so where it is 0", () => {
  const message = (options: Partial<TrainingOptions>) =>
    checkOf(options, { nameOf: (option) => `--${option}` }).check({ ...well, consistencyCost: 0 })[0]!
      .message;
  assertStringIncludes(message({ consistencyToLabeled: false }), "leave --consistencyToLabeled on");
  assertEquals(message({}).includes("Only unlabelled images have this cost"), false);
});

Deno.test("self-check: of two heads one need not be reached; most of the student must be", () => {
  const reach = (consistencyReach: number) => codesAfter({}, { consistencyReach });
  assertEquals([reach(0.5), reach(0.49), reach(0)], [[[]], [["student-detached"]], [["student-detached"]]]);
  // The Π model's gradient may come through its second pass alone.
  assertEquals(codesAfter({ algorithm: "pi" }, { consistencyGradient: 0 }), [[]]);
  assertEquals(codesAfter({}, { consistencyGradient: 0 }), [["student-detached"]]);
});

Deno.test("self-check: equal views are right where noise is all that was asked for", () => {
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

Deno.test("self-check: a slow teacher is not frozen, and one that catches up with a student that stands still is no copy", () => {
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

Deno.test("self-check: collapse is judged by labels, with room for true imbalance, and twice", () => {
  const twice = (look: Partial<Measurements>, options: Partial<TrainingOptions> = {}) =>
    codesAfter(options, look, look)[1]!;
  const skewed = [0.9, 0.04, 0.03, 0.03], single = [1, 0, 0, 0];
  // Images without labels may be nearly all of one class.
  assertEquals(twice({ teacherClasses: skewed }), []);
  assertEquals(twice({ teacherClasses: [0.99, 0.01, 0, 0] }), ["teacher-collapsed"]);
  // Labelled ones are as many of each class as their labels say. Entropies: 0.43, 0.06 and 1.39.
  assertEquals(twice({ labeledTeacherClasses: skewed }), []);
  assertEquals(twice({ labeledTeacherClasses: [0.95, 0.05, 0, 0] }), ["teacher-collapsed"]);
  // Labels that are of one class, or nearly, tell nothing.
  assertEquals(twice({ labelClasses: [0.91, 0.09, 0, 0], labeledTeacherClasses: single }), []);
  // At the beginning a network may well predict one class.
  const all = { teacherClasses: single, labeledTeacherClasses: single };
  assertEquals(twice({ ...all, step: 199, steps: 100 }, { consistencyRampup: 0 }), []);
  assertEquals(twice(all, { consistencyRampup: 10 }), []);
  assertEquals(twice(all, { learningRateRampup: "800steps" }), []);
  assertEquals(twice(all, { learningRateRampup: "700steps" }), ["teacher-collapsed"]);
  assertEquals(codesAfter({}, {}, all), [[], []]);
});

Deno.test("self-check: messages name what to change, as it is called where they are read", () => {
  const check = checkOf({}, { nameOf: (option) => `--${option}` });
  const look = { ...well, teacherClasses: [0, 0.996, 0.004, 0] };
  check.check(look);
  const [{ code, message }] = check.check(look) as [{ code: string; message: string }];
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
