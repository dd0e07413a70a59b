import type { ClassifierNetwork } from "../classifier.ts";
import type { Initializer } from "../initializer.ts";

/** Options of {@linkcode Architecture.build}, the same for all architectures. */
export interface ArchitectureOptions {
  /** Shape `[C, H, W]` of the images. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Number of classes. */
  readonly classCount: number;
  /** Number of heads: 1, or 2 to compare a separate head with the teacher. */
  readonly headCount: 1 | 2;
  /** Probability of dropout in training; ignored by architectures without dropout. */
  readonly dropout: number;
  /**
   * Standard deviation of noise added to normalised images in training; ignored by architectures without
   * input noise.
   */
  readonly inputNoise: number;
  /** Seed of the initial weights, a uint32; null for zeros if weights are loaded afterwards. */
  readonly seed: number | null;
}

/** A network design with a name. */
export interface Architecture {
  /** Name for {@linkcode findArchitecture}. */
  readonly name: string;
  /** Description of one line. */
  readonly summary: string;
  /** Builds a network. @throws {RangeError} if the network cannot take images of this shape. */
  build(options: ArchitectureOptions): ClassifierNetwork;
}

/**
 * Creates a custom network, with its own variables at each call. Calls may draw different values, but the
 * names and shapes of parameters and buffers must be the same. Values drawn from the initialiser follow the
 * seed of a run.
 */
export type NetworkMaker = (init: Initializer) => ClassifierNetwork;
