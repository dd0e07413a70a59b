/**
 * How well networks classify examples whose labels are known.
 * @module
 */
import {
  add,
  argmax,
  augmentImages,
  cast,
  compile,
  concat,
  constant,
  crossEntropy,
  type Device,
  equal,
  gatherRows,
  greater,
  mul,
  type Program,
  reshape,
  sub,
  sum,
  type Tensor,
  type Variable,
  variable,
} from "../kernels/mod.ts";
import { type ChannelStatistics, type ImageSet, residentImages } from "../data/mod.ts";
import { type ClassifierNetwork, evaluationContext } from "../nn/mod.ts";
import { type EvaluationReport, ReportBuilder } from "./report.ts";

/** What a network makes of a test set. */
export interface Evaluation {
  /** Share of examples classified wrongly, 0 to 1. */
  readonly testError: number;
  /** Mean cross-entropy of an example. */
  readonly testCost: number;
}

/** Examples in a batch at most: evaluation keeps few activations, but not none. */
const mostExamples = 500;

/** Evaluates networks, all in one pass over the images, in evaluation mode, by their first head. */
export class Evaluator<Name extends string = string> {
  readonly #device: Device;
  readonly #program: Program<"indices", Name>;
  readonly #variables: readonly Variable[];
  readonly #totals: Variable;
  readonly #names: readonly Name[];
  readonly #labels: Int32Array;
  readonly #count: number;
  readonly #batchSize: number;

  private constructor(
    device: Device,
    program: Program<"indices", Name>,
    variables: readonly Variable[],
    totals: Variable,
    names: readonly Name[],
    labels: Int32Array,
    batchSize: number,
  ) {
    this.#device = device;
    this.#program = program;
    this.#variables = variables;
    this.#totals = totals;
    this.#names = names;
    this.#labels = labels;
    this.#count = labels.length;
    this.#batchSize = batchSize;
  }

  /**
   * Compiles the evaluation of networks on a set whose examples all have labels.
   * @throws {RangeError} if the set is empty or an example has no label.
   */
  static async create<Name extends string>(
    device: Device,
    networks: Readonly<Record<Name, ClassifierNetwork>>,
    set: ImageSet,
    statistics: Pick<ChannelStatistics, "mean" | "standardDeviation">,
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
    const batchSize = Math.min(mostExamples, count);
    const resident = residentImages(set, device.largestBinding);
    const totals = variable([names.length, 2], new Float32Array(names.length * 2), { name: "totals" });
    const zero = constant(0, "uint32");
    const program = await compile(
      device,
      { indices: { shape: [batchSize], dtype: "int32" } },
      ({ indices }) => {
        const key = { seed: zero, step: zero };
        const images = augmentImages(resident.pixels, indices, key, 0, {
          ...statistics,
          imageShape: set.imageShape,
        });
        const labels = gatherRows(resident.labels, indices);
        const isExample = greater(indices, -1);
        const outputs = Object.fromEntries(
          names.map((name) => [name, networks[name].forward(images, evaluationContext())[0]]),
        ) as Record<Name, Tensor>;
        const rows = names.map((name) => {
          const logits = outputs[name];
          return reshape(
            concat([wrongAmong(logits, labels, isExample), costOf(logits, labels, isExample)], 0),
            [1, 2],
          );
        });
        return { outputs, updates: [[totals, add(totals, concat(rows, 0))]] };
      },
    );
    const variables = [...resident.pixels, resident.labels, totals];
    return new Evaluator(device, program, variables, totals, names, set.labels, batchSize);
  }

  /** Errors and costs of the networks as they are now. @throws {GpuError} if the GPU failed. */
  async evaluate(): Promise<Readonly<Record<Name, Evaluation>>> {
    this.#device.write(this.#totals, new Float32Array(this.#names.length * 2));
    for (let start = 0; start < this.#count; start += this.#batchSize) {
      this.#program.run({ indices: this.#indicesFrom(start) });
    }
    const [totals] = await this.#device.read([this.#totals]);
    return Object.fromEntries(this.#names.map((name, i) => [name, {
      testError: totals![2 * i]! / this.#count,
      testCost: totals![2 * i + 1]! / this.#count,
    }])) as Record<Name, Evaluation>;
  }

  /**
   * All that there is to say of the networks as they are now: their logits are read back and looked at on the host, which
   * takes longer than {@linkcode evaluate}.
   * @throws {GpuError} if the GPU failed. @throws {RangeError} if a logit is not finite, or a label is none of the classes.
   */
  async report(): Promise<Readonly<Record<Name, EvaluationReport>>> {
    const builders = new Map<Name, ReportBuilder>();
    for (let start = 0; start < this.#count; start += this.#batchSize) {
      const labels = this.#labels.subarray(start, start + this.#batchSize);
      const logits = await this.#program.runAndRead({ indices: this.#indicesFrom(start) });
      for (const name of this.#names) {
        const builder = builders.get(name) ?? new ReportBuilder(logits[name].length / this.#batchSize);
        builders.set(name, builder);
        builder.add(logits[name], labels);
      }
    }
    return Object.fromEntries(this.#names.map((name) => [name, builders.get(name)!.report()])) as Record<
      Name,
      EvaluationReport
    >;
  }

  /** Indices of a batch; what is beyond the last example is −1. */
  #indicesFrom(start: number): Int32Array {
    return Int32Array.from(
      { length: this.#batchSize },
      (_, i) => start + i < this.#count ? start + i : -1,
    );
  }

  /** Frees its memory on the device. */
  destroy(): void {
    this.#program.destroy();
    for (const each of this.#variables) this.#device.release(each);
  }
}

/** `[1]`: how many examples are classified wrongly. */
function wrongAmong(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const isRight = cast(equal(argmax(logits, 1), labels), "float32");
  return reshape(sum(mul(isExample, sub(1, isRight))), [1]);
}

/** `[1]`: the sum of the examples' cross-entropies. */
function costOf(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  return reshape(sum(mul(isExample, crossEntropy(logits, labels))), [1]);
}
