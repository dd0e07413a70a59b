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
  type Tensor,
  type Variable,
  variable,
  type ViewOptions,
  viewShape,
} from "../kernels/mod.ts";
import { type FedValues, type Feed, feedOf, type Images } from "../data/mod.ts";
import { type ClassifierNetwork, evaluationBatch, evaluationContext } from "../nn/mod.ts";
import { evaluationSums, sumCount } from "./evaluation_sums.ts";
import { type EvaluationReport, ReportBuilder } from "./evaluation_report.ts";

/** What a network makes of a test set. */
export interface Evaluation {
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

/** Evaluates networks, all in one pass over the images, in evaluation mode, by their first head. */
export class Evaluator<Name extends string = string> {
  readonly #device: Device;
  readonly #program: Program<string, Name>;
  readonly #feed: Feed;
  readonly #totals: Variable;
  readonly #names: readonly Name[];
  readonly #labels: Int32Array;
  readonly #count: number;
  readonly #batchSize: number;
  readonly #hasTop5: boolean;

  private constructor(
    device: Device,
    program: Program<string, Name>,
    feed: Feed,
    totals: Variable,
    names: readonly Name[],
    labels: Int32Array,
    batchSize: number,
    hasTop5: boolean,
  ) {
    this.#device = device;
    this.#program = program;
    this.#feed = feed;
    this.#totals = totals;
    this.#names = names;
    this.#labels = labels;
    this.#count = labels.length;
    this.#batchSize = batchSize;
    this.#hasTop5 = hasTop5;
  }

  /**
   * Compiles the evaluation of networks on a set whose examples all have labels.
   * @throws {RangeError} if the set is empty, an example has no label, or the network is too large for the device.
   */
  static async create<Name extends string>(
    device: Device,
    networks: Readonly<Record<Name, ClassifierNetwork>>,
    set: Images,
    view: EvaluationView,
  ): Promise<Evaluator<Name>> {
    const count = set.labels.length;
    if (count === 0 || set.labels.some((label) => label < 0)) {
      throw new RangeError(
        `Cannot evaluate as every example must have a label: ${
          count === 0 ? "there are no examples" : "some have none"
        }`,
      );
    }
    const names = Object.keys(networks) as Name[];
    const { imageShape } = set;
    const fitting = evaluationBatch(
      names.map((name) => networks[name]),
      imageShape,
      viewShape({ ...view, imageShape }),
    );
    const batchSize = Math.min(mostExamples, fitting, count);
    const feed = feedOf(set, batchSize, device);
    const totals = variable([names.length, sumCount], new Float32Array(names.length * sumCount), {
      name: "totals",
    });
    let hasTop5 = false;
    const program = await compile(
      device,
      feed.inputs,
      (inputs) => {
        const batch = feed.batch(inputs);
        const { labels, indices } = batch;
        const images = plainView(batch, { ...view, imageShape });
        const isExample = greater(indices, -1);
        const outputs = Object.fromEntries(
          names.map((name) => [name, networks[name].forward(images, evaluationContext())[0]]),
        ) as Record<Name, Tensor>;
        const rows = names.map((name) => {
          const logits = outputs[name];
          hasTop5 = logits.shape[1]! >= 5;
          return evaluationSums(logits, labels, isExample);
        });
        return { outputs, updates: [[totals, add(totals, concat(rows, 0))]] };
      },
    );
    return new Evaluator(device, program, feed, totals, names, set.labels, batchSize, hasTop5);
  }

  /** Errors and costs of the networks as they are now. @throws {GpuError} if the GPU failed. */
  async evaluate(): Promise<Readonly<Record<Name, Evaluation>>> {
    this.#device.write(this.#totals, new Float32Array(this.#names.length * sumCount));
    let examples = 0;
    await this.#eachBatch((values) => {
      this.#program.run(values);
      examples += values.indices.reduce((count, index) => index < 0 ? count : count + 1, 0);
    });
    checkExamples(examples);
    const [totals] = await this.#device.read([this.#totals]);
    return Object.fromEntries(this.#names.map((name, i) => {
      const [wrong, beyondFive, cost] = totals!.subarray(sumCount * i, sumCount * (i + 1));
      return [name, {
        testError: wrong! / examples,
        top5Error: this.#hasTop5 ? beyondFive! / examples : null,
        testCost: cost! / examples,
      }];
    })) as Record<Name, Evaluation>;
  }

  /**
   * What the networks make of the examples as they are now; of those whose files turn out to be damaged nothing.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if no example is readable.
   */
  async logits(): Promise<LabeledLogits<Name>> {
    const labels: number[] = [];
    const rows = Object.fromEntries(this.#names.map((name) => [name, []])) as unknown as Record<
      Name,
      number[]
    >;
    await this.eachExample((_, label, logits) => {
      labels.push(label);
      for (const name of this.#names) rows[name].push(...logits[name]);
    });
    return {
      labels: Int32Array.from(labels),
      logits: Object.fromEntries(
        this.#names.map((name) => [name, Float32Array.from(rows[name])]),
      ) as Record<Name, Float32Array>,
    };
  }

  /**
   * All that there is to say of the networks as they are now: their logits are read back and looked at on the host, which
   * takes longer than {@linkcode evaluate}.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if a logit is not finite, or a label is none of the classes.
   */
  async report(): Promise<Readonly<Record<Name, EvaluationReport>>> {
    const builders = new Map<Name, ReportBuilder>();
    await this.eachExample((_, label, logits) => {
      for (const name of this.#names) {
        const builder = builders.get(name) ?? new ReportBuilder(logits[name].length);
        builders.set(name, builder);
        builder.add(logits[name], [label]);
      }
    });
    return Object.fromEntries(this.#names.map((name) => [name, builders.get(name)!.report()])) as Record<
      Name,
      EvaluationReport
    >;
  }

  /**
   * Calls `visit` with each example, in their order: its index in the set, its label, and the networks' logits `[C]` as they
   * are now, which are valid during the call only. Examples whose files are damaged are left out.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if none of the files can be read.
   */
  async eachExample(
    visit: (index: number, label: number, logits: Readonly<Record<Name, Float32Array>>) => void,
  ): Promise<void> {
    let examples = 0;
    await this.#eachBatch(async (values, start) => {
      const outputs = await this.#program.runAndRead(values);
      values.indices.forEach((index, row) => {
        if (index < 0) return;
        const logits = Object.fromEntries(this.#names.map((name) => {
          const classes = outputs[name].length / this.#batchSize;
          return [name, outputs[name].subarray(row * classes, (row + 1) * classes)];
        })) as Record<Name, Float32Array>;
        visit(start + row, this.#labels[start + row]!, logits);
        examples++;
      });
    });
    checkExamples(examples);
  }

  /** Calls `run` with the values of each batch, and the first example's index. */
  async #eachBatch(run: (values: FedValues, start: number) => void | Promise<void>): Promise<void> {
    const batches = this.#feed.batches((batch) => this.#indicesFrom(batch * this.#batchSize));
    try {
      for (let batch = 0; batch * this.#batchSize < this.#count; batch++) {
        await run(await batches.take(batch), batch * this.#batchSize);
      }
    } finally {
      batches.close();
    }
  }

  /** Indices of a batch; what is beyond the last example is −1. */
  #indicesFrom(start: number): Int32Array | undefined {
    if (start >= this.#count) return undefined;
    return Int32Array.from(
      { length: this.#batchSize },
      (_, i) => start + i < this.#count ? start + i : -1,
    );
  }

  /** Frees its memory on the device. */
  destroy(): void {
    this.#program.destroy();
    for (const each of [...this.#feed.variables, this.#totals]) this.#device.release(each);
  }
}

/** Files of examples may turn out to be damaged. */
function checkExamples(count: number): void {
  if (count === 0) throw new RangeError("Cannot evaluate as images must be readable: none of the files is");
}
