import type { ClassifierNetwork } from "../classifier.ts";

/** What any architecture is built from. */
export interface ArchitectureOptions {
  /** `[C, H, W]` of the images. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Number of classes. */
  readonly classCount: number;
  /** 1, or 2 for a head of its own that is compared with the teacher. */
  readonly headCount: 1 | 2;
  /** Probability of dropout in training, for architectures that have it. */
  readonly dropout: number;
  /** Standard deviation of the noise added to normalised images in training, for architectures that have it. */
  readonly inputNoise: number;
  /** uint32: the same gives the same initial weights; null: zeros, where weights are loaded anyway. */
  readonly seed: number | null;
}

/** A network known by name. */
export interface Architecture {
  /** The name it is asked for by. */
  readonly name: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** Builds one. @throws {RangeError} if it cannot take such images. */
  build(options: ArchitectureOptions): ClassifierNetwork;
}
