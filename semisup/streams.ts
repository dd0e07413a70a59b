// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * Endless sequences of examples; each element is a function of the seed and its position.
 * @module
 */
import { hostBits } from "../kernels/mod.ts";

/** Streams of random numbers for shuffling; draws on the device use none of them. */
export const primaryStream = 0xffff_fffe, secondaryStream = 0xffff_ffff;
/** Streams for the order of classes, and for the first class; further classes have lower numbers. */
const orderStream = 0xffff_fffd, firstClassStream = 0xffff_fffc;

/** An endless sequence of indices. */
export interface Stream {
  /** Returns `count` indices from a position on. */
  take(position: number, count: number): Int32Array;
}

/** Indices in shuffled order, pass after pass, each pass shuffled anew. */
export class ShuffledStream implements Stream {
  readonly #passes = new Map<number, Int32Array>();

  /** Creates the sequence of a seed and a stream of random numbers. */
  constructor(readonly indices: Int32Array, readonly seed: number, readonly stream: number) {}

  /** Returns `count` indices from a position on. */
  take(position: number, count: number): Int32Array {
    return Int32Array.from({ length: count }, (_, i) => this.at(position + i));
  }

  /** Returns the index at a position. */
  at(position: number): number {
    const size = this.indices.length;
    return this.#pass(Math.floor(position / size))[position % size]!;
  }

  #pass(pass: number): Int32Array {
    let order = this.#passes.get(pass);
    if (!order) {
      // A batch spans few passes, and steps mostly go forward, so older orders need not be kept.
      for (const old of this.#passes.keys()) if (Math.abs(old - pass) > 1) this.#passes.delete(old);
      this.#passes.set(pass, order = shuffle(this.indices, this.seed, pass, this.stream));
    }
    return order;
  }
}

/** Shuffles a copy of indices by Fisher–Yates, with the random words of (seed, pass). */
function shuffle(indices: Int32Array, seed: number, pass: number, stream: number): Int32Array {
  const order = Int32Array.from(indices);
  const words = hostBits([seed, pass], stream, order.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(words[i]! / 2 ** 32 * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Indices of all classes in turn: each round has one of each class, in shuffled order; the indices of a class
 * are shuffled pass after pass. Class counts in any part of the sequence thus differ by two at most.
 */
export class BalancedStream implements Stream {
  readonly #classes: readonly ShuffledStream[];
  readonly #order: ShuffledStream;

  /** Creates the sequence of some examples; `classes` holds the class of every example by index. */
  constructor(indices: Int32Array, classes: Int32Array, seed: number) {
    const groups = [...Map.groupBy(indices, (index) => classes[index] ?? -1)].sort(([a], [b]) => a - b);
    this.#classes = groups.map(([label, own]) =>
      new ShuffledStream(Int32Array.from(own), seed, firstClassStream - label)
    );
    this.#order = new ShuffledStream(Int32Array.from(groups.keys()), seed, orderStream);
  }

  /** Returns `count` indices from a position on. */
  take(position: number, count: number): Int32Array {
    // A pass over the classes is a round; round r has the r-th example of every class.
    const classes = this.#order.take(position, count);
    const rounds = this.#classes.length;
    return classes.map((label, i) => this.#classes[label]!.at(Math.floor((position + i) / rounds)));
  }
}
