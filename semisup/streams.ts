// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * Endless sequences of examples, each a function of the seed and the place in it.
 * @module
 */
import { hostBits } from "../kernels/mod.ts";

/** Random numbers of shuffles come from streams that no draw on the device has. */
export const primaryStream = 0xffff_fffe, secondaryStream = 0xffff_ffff;
/** Of the order of classes, and of the first class; those of others are below. */
const orderStream = 0xffff_fffd, firstClassStream = 0xffff_fffc;

/** An endless sequence of indices. */
export interface Stream {
  /** `count` indices from a place in it. */
  take(position: number, count: number): Int32Array;
}

/** Indices in shuffled order, pass after pass, each pass shuffled anew. */
export class ShuffledStream implements Stream {
  readonly #passes = new Map<number, Int32Array>();

  /** A sequence of a stream of random numbers. */
  constructor(readonly indices: Int32Array, readonly seed: number, readonly stream: number) {}

  /** As {@linkcode Stream.take}. */
  take(position: number, count: number): Int32Array {
    return Int32Array.from({ length: count }, (_, i) => this.at(position + i));
  }

  /** The index at a place. */
  at(position: number): number {
    const size = this.indices.length;
    return this.#pass(Math.floor(position / size))[position % size]!;
  }

  #pass(pass: number): Int32Array {
    let order = this.#passes.get(pass);
    if (!order) {
      // A batch spans few passes, and none is asked for again once it is over.
      for (const old of this.#passes.keys()) if (Math.abs(old - pass) > 1) this.#passes.delete(old);
      this.#passes.set(pass, order = shuffled(this.indices, this.seed, pass, this.stream));
    }
    return order;
  }
}

/** Fisher–Yates from the random words of (seed, pass). */
function shuffled(indices: Int32Array, seed: number, pass: number, stream: number): Int32Array {
  const order = Int32Array.from(indices);
  const words = hostBits([seed, pass], stream, order.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(words[i]! / 2 ** 32 * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Indices of every class in turn: each round has one of each class, in shuffled order, and those of a class come shuffled,
 * pass after pass. So any part of the sequence has as many of one class as of another, give or take one round's.
 */
export class BalancedStream implements Stream {
  readonly #classes: readonly ShuffledStream[];
  readonly #order: ShuffledStream;

  /** A sequence of some examples, given the class of every example by its index. */
  constructor(indices: Int32Array, classes: Int32Array, seed: number) {
    const groups = [...Map.groupBy(indices, (index) => classes[index] ?? -1)].sort(([a], [b]) => a - b);
    this.#classes = groups.map(([label, own]) =>
      new ShuffledStream(Int32Array.from(own), seed, firstClassStream - label)
    );
    this.#order = new ShuffledStream(Int32Array.from(groups.keys()), seed, orderStream);
  }

  /** As {@linkcode Stream.take}. */
  take(position: number, count: number): Int32Array {
    // A pass over the classes is a round, and round r has the r-th example of every class.
    const classes = this.#order.take(position, count);
    const rounds = this.#classes.length;
    return classes.map((label, i) => this.#classes[label]!.at(Math.floor((position + i) / rounds)));
  }
}
