/** Every command over every kind of data. A new command is a row here, a new kind one of `kinds_of_data.ts`. */
import { join } from "node:path";
import { SUGGESTED } from "../../data/internal.ts";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, checkpointIn, jsonIn, linesIn, namesIn, snapshot } from "./command.ts";
import { type Call, callOn } from "./in_process.ts";
import { type Kind, kinds, unlabeled as usual } from "./kinds_of_data.ts";
import { assertLabelled, assertServed, assertShown } from "./serving_commands.ts";
import { picture } from "./tiny_files.ts";
import { type Visit, visitOn, visitProcess } from "./visits.ts";

/** A kind of data in a folder: its files in `data`, eight more pictures in `new`, the run that is looked at in `run`. */
interface Place {
  readonly kind: Kind;
  readonly call: Call;
  /** Visits a command that serves. */
  readonly visit: Visit;
  /** A path in the folder. */
  at(...names: string[]): string;
}

/** A command, and the checks of its results in a place. */
interface Command {
  readonly name: string;
  readonly holds: (place: Place) => Promise<void>;
  /** Returns whether the command is for a kind of data here (default: for all). */
  readonly isFor?: (kind: Kind) => boolean;
}

const steps = 3;
/** As short as can be. Nothing is random in images, so that there are few shaders to compile. */
const short = [
  "--arch=convnet_small",
  "--dropout=0",
  "--input-noise=0",
  "--batch-size=8",
  "--labeled-batch-size=4",
  "--print-freq=1",
  "--tune=off",
];
const eachStep = ["--evaluation-epochs=0", "--checkpoint-epochs=1e-9", "--augment=none"];

/** The arguments that train on a place's data. */
function dataOf({ kind: { dataset, options = [], memory = [], path = "" }, at }: Place): string[] {
  const source = dataset === null
    ? [`--data=${at("data", path)}`]
    : [`--dataset=${dataset}`, `--data-dir=${at("data")}`];
  return [...source, ...options, ...memory];
}

/** The names and classes of a file of labels. */
async function labelsIn(path: string): Promise<[string, string][]> {
  return [...parseLabelList(await Deno.readTextFile(path))];
}

const recordsIn = async (path: string) => (await linesIn(path, "log.jsonl")).map((line) => JSON.parse(line));

/** All of them, in an order in which each finds what those before it left. */
const commands: readonly Command[] = [
  { name: "train", holds: assertTrained },
  { name: "resume", holds: assertResumed },
  { name: "evaluate", holds: assertEvaluated },
  { name: "predict", holds: assertPredicted },
  { name: "export", holds: assertExported },
  { name: "suggest", holds: assertSuggested },
  { name: "report", holds: assertReported },
  { name: "dashboard", holds: assertShown },
  { name: "serve", holds: assertServed },
  // Known datasets are labelled from a run, whose network chooses in a worker: it needs a device, and so a process.
  { name: "label", holds: assertLabelled, isFor: (kind) => kind.dataset === null || kind.isStarted === true },
  { name: "baseline", holds: assertCompared },
  { name: "experiment", holds: assertRepeated },
];

for (const kind of kinds) {
  gpuTest(`every command: ${kind.name}`, async (device, test) => {
    const files = Object.entries(kind.files()).map(([name, file]) => [`data/${name}`, file]);
    const fresh = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`new/${i}.png`, picture(i, false, 8 + i)]),
    );
    const list = kind.list === undefined ? {} : { "list.txt": new TextEncoder().encode(kind.list) };
    await withFiles({ ...Object.fromEntries(files), ...fresh, ...list }, async (directory) => {
      const place: Place = {
        kind,
        call: callOn(device),
        visit: kind.isStarted === true ? visitProcess : visitOn(device),
        at: (...names) => join(directory, ...names),
      };
      for (const { name, holds, isFor = () => true } of commands) {
        if (isFor(kind)) await test.step(name, () => holds(place));
      }
    });
  });
}

async function assertTrained(place: Place): Promise<void> {
  const { kind, call, at } = place;
  const list = kind.list === undefined ? [] : [`--labels=${at("list.txt")}`];
  const ending = await call(
    "train",
    ...dataOf(place),
    ...list,
    ...short,
    ...eachStep,
    `--steps=${steps}`,
    `--output=${at("run")}`,
  );
  assertEnded(ending, 0);
  assertEquals(namesIn(at("run")), [
    "checkpoint-000001.safetensors",
    "checkpoint-000002.safetensors",
    "config.json",
    "final.safetensors",
    ...(kind.isHeldOut ? ["held-out.txt"] : []),
    "labels.txt",
    "log.jsonl",
    "model.safetensors",
    "summary.json",
  ]);
  const summary = await jsonIn(at("run", "summary.json"));
  assertEquals(
    [summary.dataset, summary.steps, summary.labels, summary.testImages],
    [kind.dataset ?? kind.path ?? "data", steps, kind.labels, kind.tested],
  );
  assertEquals(["student", "teacher"].map((who) => who in summary), [kind.tested > 0, kind.tested > 0]);
  const records = await recordsIn(at("run"));
  const count = (kind: string) => records.filter((record) => record.kind === kind).length;
  assertEquals([count("start"), count("costs"), count("evaluation")], [1, steps, kind.tested > 0 ? 1 : 0]);
  assert(records.every(({ kind, costs }) => kind !== "costs" || Number.isFinite(costs.cost)));
  const checkpoint = await checkpointIn(at("run", "final.safetensors"));
  assertEquals([checkpoint.classes, checkpoint.labels.length], [
    kind.classes,
    kind.labels + (kind.unlabeled ?? usual),
  ]);
  const labels = await labelsIn(at("run", "labels.txt"));
  assertEquals(labels.length, kind.labels);
  if (kind.list !== undefined) assertEquals(labels, [...parseLabelList(kind.list)]);
  const heldOut = kind.isHeldOut ? await labelsIn(at("run", "held-out.txt")) : [];
  assertEquals(heldOut.length, kind.isHeldOut ? kind.tested : 0);
  const all = [...labels, ...heldOut];
  assertEquals(new Set(all.map(([name]) => name)).size, all.length);
  assert(all.every(([, name]) => kind.classes.includes(name)));
}

/** A run resumed from its first step ends with the same bytes as an uninterrupted run. */
async function assertResumed({ kind: { memory = [] }, call, at }: Place): Promise<void> {
  const from = at("run", "checkpoint-000001.safetensors");
  assertEnded(await call("train", `--resume=${from}`, ...memory, `--output=${at("resumed")}`), 0);
  const [whole, resumed] = [snapshot(at("run")), snapshot(at("resumed"))];
  for (const name of ["final.safetensors", "model.safetensors", "labels.txt", "held-out.txt"]) {
    assert(resumed[name] === whole[name], `${name} is another one`);
  }
  const { steps: last, firstStep } = await jsonIn(at("resumed", "summary.json"));
  assertEquals([firstStep, last], [1, steps]);
}

async function assertEvaluated({ kind, call, at }: Place): Promise<void> {
  const ending = await call("evaluate", at("run", "final.safetensors"), `--output=${at("figures.json")}`);
  const again = await call("train", `--resume=${at("run", "final.safetensors")}`, "--evaluate");
  if (kind.tested === 0) {
    for (const { code, stderr } of [ending, again]) {
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, "there are no test images. ");
    }
    return;
  }
  assertEnded(ending, 0);
  assertEnded(again, 0);
  const { student, teacher } = await jsonIn(at("run", "summary.json"));
  const figures = await jsonIn(at("figures.json"));
  assertEquals(figures.classNames, kind.classes);
  assertEquals([figures.student, figures.teacher].map(({ testError }) => testError), [
    student.testError,
    teacher.testError,
  ]);
  assertStringIncludes(ending.stdout, `${kind.tested} test images of `);
  assertStringIncludes(
    again.stdout,
    `Test error on ${kind.tested} ${kind.isHeldOut ? "held-out " : ""}images`,
  );
}

async function assertPredicted({ kind, call, at }: Place): Promise<void> {
  const folder = kind.pictures === null ? at("new") : at("data", kind.pictures);
  const given = [folder, ...(kind.first === undefined ? [] : [at("data", kind.path ?? "")])];
  const whole = kind.first === undefined ? 0 : kind.labels + (kind.unlabeled ?? usual) + kind.tested;
  const count = Object.keys(snapshot(folder)).filter((name) => name.endsWith(".png")).length + whole;
  const ending = await call("predict", at("run"), ...given, `--output=${at("predictions.json")}`);
  assertEnded(ending, 0);
  assertStringIncludes(ending.stderr, `${count} of ${count} images classified by the teacher`);
  const rows = await jsonIn(at("predictions.json")) as { file: string; class: string; probability: number }[];
  assertEquals(new Set(rows.map(({ file }) => file)).size, count);
  for (const row of rows) {
    assert(kind.classes.includes(row.class), row.class);
    assert(row.probability >= 0.99 / kind.classes.length && row.probability <= 1, `${row.probability}`);
  }
  if (kind.first !== undefined) {
    assert(rows.some(({ file }) => file === at("data", kind.path ?? "", kind.first ?? "")));
  }
  if (kind.pictures !== null || kind.first !== undefined) return;
  const refused = await call("predict", at("run"), at("data"));
  assertEquals(refused.code, 1, refused.stdout);
  assertMatch(refused.stderr, /: it has neither images nor arrays\n$/);
}

/** The run's model is exported, whatever its images and their normalisation are. */
async function assertExported({ kind, call, at }: Place): Promise<void> {
  const ending = await call("export", at("run"), `--onnx=${at("run.onnx")}`, "--json");
  assertEnded(ending, 0);
  const { bytes, classes } = JSON.parse(ending.stdout);
  assertEquals([(await Deno.stat(at("run.onnx"))).size, classes], [bytes, kind.classes]);
}

/** Suggestions have no label; with two filled in, the printed command trains on them, and no label is lost. */
async function assertSuggested({ kind, call, at }: Place): Promise<void> {
  const { unlabeled = usual } = kind;
  const ending = await call("suggest", at("run"), `--count=${unlabeled}`);
  assertEnded(ending, 0);
  const suggested = await labelsIn(at("run", "suggestions.txt"));
  assertEquals(suggested.map(([, name]) => name), new Array(unlabeled).fill("?"));
  const labeled = (await labelsIn(at("run", "labels.txt"))).map(([name]) => name);
  assertEquals(new Set([...labeled, ...suggested.map(([name]) => name)]).size, kind.labels + unlabeled);
  const page = await Deno.readTextFile(at("run", "suggestions.html"));
  assertEquals(page.match(/<img src="data:image\/png;base64,/g)?.length, unlabeled);

  const filled = suggested.map(([name], i) => `${name}\t${i < 2 ? kind.classes[i] : "?"}\n`);
  await Deno.writeTextFile(at("run", "suggestions.txt"), `${SUGGESTED}\n${filled.join("")}`);
  const [, printed] = / (?:\S+train\.ts|demo) (--.+)\n$/.exec(ending.stdout) ?? [];
  assert(printed !== undefined, ending.stdout);
  const args = [...printed.split(" "), ...short, ...eachStep, "--steps=1", `--output=${at("more")}`];
  assertEnded(await call("train", ...args), 0);
  const { labels, testImages } = await jsonIn(at("more", "summary.json"));
  if (kind.isHeldOut) {
    assertEquals(await labelsIn(at("more", "held-out.txt")), await labelsIn(at("run", "held-out.txt")));
  }
  const isHeldOut = namesIn(at("more")).includes("held-out.txt");
  assertEquals(labels + (isHeldOut ? testImages : 0), kind.labels + (kind.isHeldOut ? kind.tested : 0) + 2);
  const known = new Map([...await labelsIn(at("more", "labels.txt"))]);
  for (const [i, [name]] of suggested.slice(0, 2).entries()) assertEquals(known.get(name), kind.classes[i]);
}

async function assertReported({ kind, call, at }: Place): Promise<void> {
  assertEnded(await call("report", at("run")), 0);
  const page = await Deno.readTextFile(at("run", "report.html"));
  const titles = [...page.matchAll(/<h2 class="section"[^>]*>([^<]+)<\/h2>/g)].map(([, title]) => title);
  assertEquals(titles, [
    kind.tested > 0 ? "Surest mistakes" : "Test images",
    "As the networks see them",
    "Unlabelled pictures",
    "Labels to check",
    "Near-duplicates",
    "What to do next",
    "Learning",
    "Self-check",
    ...(kind.tested > 0 ? ["Confusions", "Classes", "Calibration"] : []),
    "Options",
    "Environment",
  ]);
  const tested = kind.isHeldOut ? "labelled images held out of training" : "test images";
  assertStringIncludes(
    page,
    kind.tested > 0
      ? `on ${kind.tested} ${tested}.`
      : "There are no test images: all labelled images were used for training.",
  );
}

async function assertCompared({ kind, call, at }: Place): Promise<void> {
  const before = snapshot(at("run"));
  const compared = await call("train", `--resume=${at("run", "final.safetensors")}`, "--baseline");
  if (kind.tested === 0) {
    assertEnded(compared, 1);
    assertMatch(compared.stderr, /^Cannot use --baseline: the comparison needs test images, but /);
    return assertEquals(snapshot(at("run")), before);
  }
  assertEnded(compared, 0);
  const after = snapshot(at("run"));
  assert(after["final.safetensors"] === before["final.safetensors"]);
  for (const name of ["labels.txt", "held-out.txt"]) {
    assertEquals(after[`baseline/${name}`], before[name]);
  }
  const { gain, baseline } = await jsonIn(at("run", "summary.json"));
  const supervised = await jsonIn(at("run", "baseline", "summary.json"));
  assertEquals([supervised.algorithm, supervised.steps, supervised.labels, supervised.testImages], [
    "supervised",
    steps,
    kind.labels,
    kind.tested,
  ]);
  assertEquals([baseline.steps, gain === null], [steps, false]);
}

async function assertRepeated({ kind, call, at }: Place): Promise<void> {
  const [first, refusal] = kind.experiment;
  if (refusal instanceof RegExp) {
    const { code, stderr } = await call("experiment", first!, `--output=${at("all")}`);
    assertEquals(code, 1, stderr);
    return assertMatch(stderr, refusal);
  }
  const list = kind.list === undefined ? [] : [`--labels=${at("list.txt")}`];
  const options = ["--steps=2", "--seeds=1", `--data-dir=${at("data")}`, `--output=${at("all")}`];
  assertEnded(await call("experiment", ...kind.experiment as string[], ...list, ...short, ...options), 0);
  const { rows } = await jsonIn(at("all", "results.json"));
  const [folder] = namesIn(at("all")).filter((name) => !name.startsWith("results."));
  const { teacher, labels } = await jsonIn(at("all", folder!, "seed-1", "summary.json"));
  assertEquals([rows.length, rows[0].finished, rows[0].teacherLast.values], [1, [1], [teacher.testError]]);
  assertEquals(labels, kind.labels);
}
