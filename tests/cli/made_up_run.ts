/** Folders of runs that were never trained: what they hold is made up, in the form of real ones. */
import { join } from "node:path";
import { defaultOptions, type TrainingOptions } from "../../semisup/mod.ts";

/** Contents of the folder of a run; absent fields are as in an ordinary run. */
export interface MadeUpRun {
  readonly dataset?: string;
  readonly options?: Partial<TrainingOptions>;
  /** Anything else in `config.json`. */
  readonly about?: Readonly<Record<string, unknown>>;
  /** Labels of each class. */
  readonly labels?: Readonly<Record<string, number>>;
  /** Last test errors, as shares; null where there are no test images. */
  readonly student?: number;
  readonly teacher?: number | null;
  /** Test images. */
  readonly examples?: number;
  /** Names of images that are held out; nothing = the test images are the dataset's. */
  readonly heldOut?: readonly string[];
  readonly steps?: number;
  /** True if the run is finished. */
  readonly isFinished?: boolean;
  /** Anything else in `summary.json`. */
  readonly summary?: Readonly<Record<string, unknown>>;
  /** Records after all others. */
  readonly more?: readonly Readonly<Record<string, unknown>>[];
}

/** The records of a run: costs every tenth of it, and a test of both networks every fifth. */
export function madeUpLog(run: MadeUpRun): Record<string, unknown>[] {
  const { options = {}, teacher = 0.02, student = 0.03, examples = 10_000, steps = 100 } = run;
  const records: Record<string, unknown>[] = [
    { kind: "start", step: 0, device: "made up <GPU> & co", version: "0.1.0", options },
  ];
  for (let tenth = 1; tenth <= 10; tenth++) {
    const step = tenth * steps / 10, ramp = tenth / 10;
    const common = { step, epoch: ramp, seconds: 6 * tenth };
    const isAlone = options.excludeUnlabeled === true;
    records.push({
      kind: "costs",
      ...common,
      costs: {
        cost: 1 / tenth,
        classification: 0.8 / tenth,
        ...(isAlone ? {} : { consistency: 0.2 / tenth }),
      },
      hyperparameters: {
        learningRate: 0.003 * (1 - ramp),
        consistencyWeight: isAlone ? 0 : 100 * ramp,
        emaDecay: 0.99,
        beta1: 0.9,
        beta2: 0.99,
      },
    });
    if (tenth % 2 === 1 || teacher === null) continue;
    const excess = 0.3 * (1 - ramp) ** 2;
    records.push({
      kind: "evaluation",
      ...common,
      student: { testError: student + excess, examples, testCost: 0.1 },
      teacher: { testError: teacher + excess, examples, testCost: 0.1 },
    });
  }
  return [...records, ...run.more ?? []];
}

/** Writes the folder of a run without any weights. */
export async function writeRun(path: string, run: MadeUpRun = {}): Promise<void> {
  const { dataset = "mnist", options = {}, about = {}, isFinished = true, steps = 100 } = run;
  const { student = 0.03, teacher = 0.02, labels = { "0": 5, "1": 5 }, examples = 10_000 } = run;
  const all = { ...defaultOptions, ...options };
  const list = Object.entries(labels).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, i) => `${name}-${i}.png\t${name}`)
  );
  const files: Record<string, string> = {
    "config.json": JSON.stringify({ version: "0.1.0", dataset, ...about, ...all }, null, 2),
    "labels.txt": list.map((line) => `${line}\n`).join(""),
    "log.jsonl": madeUpLog(run).map((record) => `${JSON.stringify(record)}\n`).join(""),
  };
  if (run.heldOut) files["held-out.txt"] = run.heldOut.map((name) => `${name}\ta\n`).join("");
  if (isFinished) {
    files["summary.json"] = JSON.stringify({
      ...(teacher !== null &&
        { student: { testError: student, examples }, teacher: { testError: teacher, examples } }),
      steps,
      labels: list.length,
      testImages: teacher === null ? 0 : examples,
      imagesPerSecond: 1000,
      device: "made up",
      kernels: {},
      ...run.summary,
    });
  }
  await Deno.mkdir(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(path, name), text);
}
