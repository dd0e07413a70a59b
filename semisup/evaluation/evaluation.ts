/**
 * Evaluation of networks on labelled examples.
 * @module
 */
import {
  add,
  compile,
  concat,
  type Device,
  greater,
  plainView,
  type Program,
  sizeOf,
  type Tuning,
  type Variable,
  variable,
  type ViewOptions,
  viewShape,
} from "../../kernels/mod.ts";
import { type FedValues, type Feed, feedOf, type ImageSource } from "../../data/mod.ts";
import { chooseEvaluationBatchSize, type ClassifierNetwork, evaluationContext } from "../../nn/mod.ts";
import type { Collective } from "../distributed/collective.ts";
import { evaluationSums, sumCount } from "./evaluation_sums.ts";
import { type EvaluationReport, ReportBuilder } from "./evaluation_report.ts";
import { recordOf } from "../record_of.ts";

/** Errors and cost of a network on a test set. */
export interface Evaluation {
  /** Number of examples. */
  readonly examples: number;
  /** Share of examples classified wrongly, 0 to 1. */
  readonly testError: number;
  /**
   * Share of examples whose class is not among the five likeliest; null if there are fewer than five classes.
   */
  readonly top5Error: number | null;
  /** Mean cross-entropy. */
  readonly testCost: number;
}

/** Labels of examples, and their logits from one or more networks. */
export interface LabeledLogits<Name extends string = string> {
  /** Class index of each example `[N]`. */
  readonly labels: Int32Array;
  /** Logits of the first head by network: `[N, C]`, row by row. */
  readonly logits: Readonly<Record<Name, Float32Array>>;
}

/** Upper bound of the batch size. */
const maxBatchSize = 500;

/** Options of training images that evaluation must share. */
export type EvaluationView = Pick<ViewOptions, "mean" | "standardDeviation" | "randomResizedCrop">;

/** Parts of an {@linkcode Evaluator}. */
interface EvaluatorParts<Name extends string> {
  readonly device: Device;
  /** The compiled evaluation; its extras are the networks' numbers of classes. */
  readonly program: Program<string, Name, Readonly<Record<Name, number>>>;
  readonly feed: Feed;
  readonly totals: Variable;
  readonly names: readonly Name[];
  readonly labels: Int32Array;
  readonly batchSize: number;
  /** Processes that share the evaluation; undefined if this one computes all of it. */
  readonly collective: Collective | undefined;
}

/** Evaluates networks by their first head, in evaluation mode, all in one pass over the images. */
export class Evaluator<Name extends string = string> {
  readonly #parts: EvaluatorParts<Name>;

  private constructor(parts: EvaluatorParts<Name>) {
    this.#parts = parts;
  }

  /**
   * Compiles the evaluation of networks on a fully labelled set.
   * @param tuning Choice of kernels; if absent, they are chosen by rule.
   * @param collective Processes that share {@linkcode evaluate}; if absent, this one computes all of it.
   * @throws {RangeError} if the set is empty, an example has no label, or a network does not fit the device.
   */
  static async create<Name extends string>(
    device: Device,
    networks: Readonly<Record<Name, ClassifierNetwork>>,
    set: ImageSource,
    view: EvaluationView,
    tuning?: Tuning,
    collective?: Collective,
  ): Promise<Evaluator<Name>> {
    const { labels, imageShape } = set, count = labels.length;
    if (count === 0) throw new RangeError("Cannot evaluate: there are no examples");
    if (labels.some((label) => label < 0)) {
      throw new RangeError("Cannot evaluate: every example must have a label, but some have none");
    }
    const names = Object.keys(networks) as Name[];
    const fitting = chooseEvaluationBatchSize(
      names.map((name) => networks[name]),
      imageShape,
      viewShape({ ...view, imageShape }),
    );
    const batchSize = Math.min(maxBatchSize, fitting, count);
    const feed = feedOf(set, batchSize, device);
    const totals = variable([names.length, sumCount], new Float32Array(names.length * sumCount), {
      name: "totals",
    });
    const program = await compile(
      device,
      feed.inputs,
      (inputs) => {
        const batch = feed.batch(inputs);
        const images = plainView(batch, { ...view, imageShape });
        const isExample = greater(batch.indices, -1);
        const outputs = recordOf(names, (name) => networks[name].forward(images, evaluationContext())[0]);
        const rows = names.map((name) => evaluationSums(outputs[name], batch.labels, isExample));
        return {
          outputs,
          updates: [[totals, add(totals, concat(rows, 0))]],
          extras: recordOf(names, (name) => sizeOf(outputs[name].shape.slice(1))),
        };
      },
      { tuning },
    );
    return new Evaluator({ device, program, feed, totals, names, labels, batchSize, collective });
  }

  /**
   * Computes errors and costs of the networks as they are now. If processes share the evaluation, all call this
   * function, and each passes every so manieth batch through the networks.
   * @throws {GpuError} if the GPU failed.
   */
  async evaluate(): Promise<Readonly<Record<Name, Evaluation>>> {
    const { device, program, totals, names, collective } = this.#parts;
    device.write(totals, new Float32Array(names.length * sumCount));
    let own = 0;
    await this.#forEachBatch((values) => {
      program.run(values);
      own += values.indices.reduce((count, index) => index < 0 ? count : count + 1, 0);
    }, collective);
    const [read] = await device.read([totals]);
    const sums = Float32Array.of(own, ...read);
    await collective?.sum(sums);
    const [examples = 0] = sums;
    checkReadable(examples);
    return recordOf(names, (name, i) => {
      const [wrong = NaN, beyondFive = NaN, cost = NaN] = sums.subarray(
        1 + sumCount * i,
        1 + sumCount * (i + 1),
      );
      return {
        examples,
        testError: wrong / examples,
        top5Error: program.extras[name] >= 5 ? beyondFive / examples : null,
        testCost: cost / examples,
      };
    });
  }

  /**
   * Returns the networks' logits as they are now; examples whose files are damaged are left out.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if no example is readable.
   */
  async logits(): Promise<LabeledLogits<Name>> {
    const { names } = this.#parts;
    const labels: number[] = [];
    const rows = recordOf(names, (): number[] => []);
    await this.forEachExample((_, label, logits) => {
      labels.push(label);
      for (const name of names) logits[name].forEach((logit) => rows[name].push(logit));
    });
    return {
      labels: Int32Array.from(labels),
      logits: recordOf(names, (name) => Float32Array.from(rows[name])),
    };
  }

  /**
   * Computes the full report of the networks as they are now. The logits are read back and analysed on the
   * host, which takes longer than {@linkcode evaluate}.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if a logit is not finite, or a label is not a
   * class index.
   */
  async report(): Promise<Readonly<Record<Name, EvaluationReport>>> {
    const { names, program } = this.#parts;
    const builders = recordOf(names, (name) => new ReportBuilder(program.extras[name]));
    await this.forEachExample((_, label, logits) => {
      for (const name of names) builders[name].add(logits[name], [label]);
    });
    return recordOf(names, (name) => builders[name].report());
  }

  /**
   * Calls `visit` with each example in order: its index in the set, its label, and the networks' current
   * logits `[C]`, which are valid during the call only. Examples whose files are damaged are left out.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if none of the files can be read.
   */
  async forEachExample(
    visit: (index: number, label: number, logits: Readonly<Record<Name, Float32Array>>) => void,
  ): Promise<void> {
    const { program, names, labels } = this.#parts;
    let examples = 0;
    await this.#forEachBatch(async (values, start) => {
      const outputs = await program.runAndRead(values);
      for (const [row, index] of values.indices.entries()) {
        const label = labels[start + row];
        if (index < 0 || label === undefined) continue;
        const logits = recordOf(names, (name) => {
          const classes = program.extras[name];
          return outputs[name].subarray(row * classes, (row + 1) * classes) as Float32Array;
        });
        visit(start + row, label, logits);
        examples++;
      }
    });
    checkReadable(examples);
  }

  /**
   * Calls `run` with the values of each batch, and the index of its first example.
   * @param share Processes of which each takes every so manieth batch.
   */
  async #forEachBatch(
    run: (values: FedValues, start: number) => void | Promise<void>,
    { rank, ranks }: Pick<Collective, "rank" | "ranks"> = { rank: 0, ranks: 1 },
  ): Promise<void> {
    const { feed, labels, batchSize } = this.#parts, count = labels.length;
    const startOf = (batch: number) => (batch * ranks + rank) * batchSize;
    // Rows beyond the last example have index −1.
    const batches = feed.batches((batch) =>
      startOf(batch) < count
        ? Int32Array.from({ length: batchSize }, (_, i) => {
          const index = startOf(batch) + i;
          return index < count ? index : -1;
        })
        : undefined
    );
    try {
      for (let batch = 0; startOf(batch) < count; batch++) {
        await run(await batches.take(batch), startOf(batch));
      }
    } finally {
      batches.close();
    }
  }

  /** Frees the evaluator's memory on the device; the networks stay. */
  [Symbol.dispose](): void {
    const { device, program, feed, totals } = this.#parts;
    program[Symbol.dispose]();
    for (const each of [...feed.variables, totals]) device.release(each);
  }
}

/** Throws if every file turned out to be damaged. */
function checkReadable(count: number): void {
  if (count === 0) throw new RangeError("Cannot evaluate: none of the image files can be read");
}
