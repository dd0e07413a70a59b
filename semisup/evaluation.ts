/**
 * How well networks classify examples whose labels are known.
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
} from "../kernels/mod.ts";
import { type FedValues, type Feed, feedOf, type ImageSource } from "../data/mod.ts";
import { chooseEvaluationBatchSize, type ClassifierNetwork, evaluationContext } from "../nn/mod.ts";
import { evaluationSums, sumCount } from "./evaluation_sums.ts";
import { type EvaluationReport, ReportBuilder } from "./evaluation_report.ts";
import { recordOf } from "./record_of.ts";

/** What a network makes of a test set. */
export interface Evaluation {
  /** Number of examples. */
  readonly examples: number;
  /** Share of examples classified wrongly, 0 to 1. */
  readonly testError: number;
  /** Share of examples whose class is not among the five likeliest; null where there are fewer than five classes. */
  readonly top5Error: number | null;
  /** Mean cross-entropy of an example. */
  readonly testCost: number;
}

/** What networks make of examples. */
export interface LabeledLogits<Name extends string = string> {
  /** Class index of each example `[N]`. */
  readonly labels: Int32Array;
  /** By network, of the first head: `[N, C]`, row by row. */
  readonly logits: Readonly<Record<Name, Float32Array>>;
}

/** Examples in a batch at most. */
const mostExamples = 500;

/** What evaluation has to know of how training sees images. */
export type EvaluationView = Pick<ViewOptions, "mean" | "standardDeviation" | "randomResizedCrop">;

/** What an {@linkcode Evaluator} works with. */
interface Parts<Name extends string> {
  readonly device: Device;
  /** Its extras are the networks' numbers of classes. */
  readonly program: Program<string, Name, Readonly<Record<Name, number>>>;
  readonly feed: Feed;
  readonly totals: Variable;
  readonly names: readonly Name[];
  readonly labels: Int32Array;
  readonly batchSize: number;
}

/** Evaluates networks, all in one pass over the images, in evaluation mode, by their first head. */
export class Evaluator<Name extends string = string> {
  readonly #parts: Parts<Name>;

  private constructor(parts: Parts<Name>) {
    this.#parts = parts;
  }

  /**
   * Compiles the evaluation of networks on a set whose examples all have labels.
   * @param tuning Which kernels to take; by rule where absent.
   * @throws {RangeError} if the set is empty, an example has no label, or the network is too large for the device.
   */
  static async create<Name extends string>(
    device: Device,
    networks: Readonly<Record<Name, ClassifierNetwork>>,
    set: ImageSource,
    view: EvaluationView,
    tuning?: Tuning,
  ): Promise<Evaluator<Name>> {
    const { labels, imageShape } = set, count = labels.length;
    if (count === 0 || labels.some((label) => label < 0)) {
      throw new RangeError(
        `Cannot evaluate as every example must have a label: ${
          count === 0 ? "there are no examples" : "some have none"
        }`,
      );
    }
    const names = Object.keys(networks) as Name[];
    const fitting = chooseEvaluationBatchSize(
      names.map((name) => networks[name]),
      imageShape,
      viewShape({ ...view, imageShape }),
    );
    const batchSize = Math.min(mostExamples, fitting, count);
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
    return new Evaluator({ device, program, feed, totals, names, labels, batchSize });
  }

  /** Errors and costs of the networks as they are now. @throws {GpuError} if the GPU failed. */
  async evaluate(): Promise<Readonly<Record<Name, Evaluation>>> {
    const { device, program, totals, names } = this.#parts;
    device.write(totals, new Float32Array(names.length * sumCount));
    let examples = 0;
    await this.#eachBatch((values) => {
      program.run(values);
      examples += values.indices.reduce((count, index) => index < 0 ? count : count + 1, 0);
    });
    checkExamples(examples);
    const [sums] = await device.read([totals]);
    return recordOf(names, (name, i) => {
      const [wrong = NaN, beyondFive = NaN, cost = NaN] = sums.subarray(sumCount * i, sumCount * (i + 1));
      return {
        examples,
        testError: wrong / examples,
        top5Error: program.extras[name] >= 5 ? beyondFive / examples : null,
        testCost: cost / examples,
      };
    });
  }

  /**
   * What the networks make of the examples as they are now; of those whose files turn out to be damaged nothing.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if no example is readable.
   */
  async logits(): Promise<LabeledLogits<Name>> {
    const { names } = this.#parts;
    const labels: number[] = [];
    const rows = recordOf(names, (): number[] => []);
    await this.eachExample((_, label, logits) => {
      labels.push(label);
      for (const name of names) logits[name].forEach((logit) => rows[name].push(logit));
    });
    return {
      labels: Int32Array.from(labels),
      logits: recordOf(names, (name) => Float32Array.from(rows[name])),
    };
  }

  /**
   * All that there is to say of the networks as they are now: their logits are read back and looked at on the host, which
   * takes longer than {@linkcode evaluate}.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if a logit is not finite, or a label is none of the classes.
   */
  async report(): Promise<Readonly<Record<Name, EvaluationReport>>> {
    const { names, program } = this.#parts;
    const builders = recordOf(names, (name) => new ReportBuilder(program.extras[name]));
    await this.eachExample((_, label, logits) => {
      for (const name of names) builders[name].add(logits[name], [label]);
    });
    return recordOf(names, (name) => builders[name].report());
  }

  /**
   * Calls `visit` with each example, in their order: its index in the set, its label, and the networks' logits `[C]` as they
   * are now, which are valid during the call only. Examples whose files are damaged are left out.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if none of the files can be read.
   */
  async eachExample(
    visit: (index: number, label: number, logits: Readonly<Record<Name, Float32Array>>) => void,
  ): Promise<void> {
    const { program, names, labels } = this.#parts;
    let examples = 0;
    await this.#eachBatch(async (values, start) => {
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
    checkExamples(examples);
  }

  /** Calls `run` with the values of each batch, and the first example's index. */
  async #eachBatch(run: (values: FedValues, start: number) => void | Promise<void>): Promise<void> {
    const { feed, labels, batchSize } = this.#parts, count = labels.length;
    // What is beyond the last example is −1.
    const batches = feed.batches((batch) =>
      batch * batchSize < count
        ? Int32Array.from({ length: batchSize }, (_, i) => {
          const index = batch * batchSize + i;
          return index < count ? index : -1;
        })
        : undefined
    );
    try {
      for (let batch = 0; batch * batchSize < count; batch++) {
        await run(await batches.take(batch), batch * batchSize);
      }
    } finally {
      batches.close();
    }
  }

  /** Frees its memory on the device. */
  [Symbol.dispose](): void {
    const { device, program, feed, totals } = this.#parts;
    program[Symbol.dispose]();
    for (const each of [...feed.variables, totals]) device.release(each);
  }
}

/** Files of examples may turn out to be damaged. */
function checkExamples(count: number): void {
  if (count === 0) throw new RangeError("Cannot evaluate as images must be readable: none of the files is");
}
