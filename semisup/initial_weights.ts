/**
 * Start of a run from trained weights.
 * @module
 */
import { type Device, viewShape } from "../kernels/mod.ts";
import {
  freezeNetwork,
  loadMatch,
  matchWeights,
  type NetworkMaker,
  pretrainedOf,
  type PretrainedWeights,
  readPretrained,
  readSafetensors,
  type WeightMatch,
} from "../nn/mod.ts";
import { type Checkpoint, isCheckpointFormat, readCheckpoint } from "./checkpoint.ts";
import { evaluatedOf } from "./methods/mod.ts";
import { createNetworks, type Networks } from "./networks.ts";
import { frozenPartOf } from "./options/frozen_part.ts";
import type { NameOf, TrainingOptions } from "./options/training_options.ts";
import type { TrainingData } from "./setup.ts";

/**
 * Reads weights to start from: a checkpoint, whose evaluated network is taken (usually the teacher), or
 * anything that {@linkcode readPretrained} reads.
 * @param options.source Name of the file in messages.
 * @param options.architecture Name of the architecture of a state dict; if absent, a published network that
 * the values fit.
 * @throws the same as {@linkcode readPretrained} and {@linkcode readCheckpoint}
 * @example
 * ```ts
 * import { Device, readInitialWeights, Trainer, type TrainingData } from "../mod.ts";
 *
 * export async function fineTune(device: Device, data: TrainingData, file: Uint8Array) {
 *   const init = readInitialWeights(file, { source: "resnet18.safetensors" });
 *   return await Trainer.create(device, data, { freeze: "features", initLrFactor: 0.1 }, { init });
 * }
 * ```
 */
export function readInitialWeights(
  bytes: Uint8Array,
  options: { readonly source?: string; readonly architecture?: string | undefined } = {},
): PretrainedWeights {
  const { source = "the weights" } = options;
  const { metadata } = readSafetensors(bytes, { source });
  if (!isCheckpointFormat(metadata["format"])) return readPretrained(bytes, options);
  const checkpoint = readCheckpoint(bytes, source);
  const { canvas, imageShape: [channels], classes, channelStatistics, options: { architecture, normalize } } =
    checkpoint;
  return {
    ...pretrainedOf({
      architecture,
      classes,
      imageShape: [channels, ...canvas],
      normalize,
      channelStatistics,
      weights: checkpoint[evaluatedOf(checkpoint.options)],
    }, source),
    origin: `the ${evaluatedOf(checkpoint.options)} of a checkpoint`,
  };
}

/**
 * Returns options with the ones that follow from initial weights: architecture and normalisation.
 * @throws {RangeError} if one is set to another value.
 */
export function withInitialWeights(
  options: Partial<TrainingOptions>,
  init: PretrainedWeights | undefined,
  nameOf: NameOf = (option) => option,
): Partial<TrainingOptions> {
  checkInitialWeights(options, init, nameOf);
  return { ...options, ...(init && optionsOf(init)) };
}

function optionsOf({ architecture, normalize }: PretrainedWeights): Partial<TrainingOptions> {
  return { ...(architecture !== null && { architecture }), normalize };
}

/**
 * Checks options that follow from initial weights: architecture and normalisation.
 * @throws {RangeError} if one is set to another value.
 */
export function checkInitialWeights(
  options: Partial<TrainingOptions>,
  init: PretrainedWeights | undefined,
  nameOf: NameOf = (option) => option,
): void {
  if (!init) return;
  const { source } = init, own = optionsOf(init);
  for (const name of ["architecture", "normalize"] as const) {
    const set = options[name], needed = own[name];
    if (set === undefined || needed === undefined || set === needed) continue;
    throw new RangeError(
      `Cannot start from ${source}: its ${
        name === "architecture" ? "network" : "normalisation"
      } is ${needed}, but ${nameOf(name)} is ${set}. Leave it out.`,
    );
  }
}

/** Initial weights of a run, assigned to its networks. */
export interface Initialization {
  /** The weights. */
  readonly weights: PretrainedWeights;
  /** Their assignment to the variables of student and teacher. */
  readonly match: WeightMatch;
}

/** Networks of a run before its first step, or before a checkpoint is loaded. */
export interface StartingNetworks {
  /** Student and teacher; layers are frozen if option `freeze` is set. */
  readonly networks: Networks;
  /** Weights to load with {@linkcode loadInitialWeights}; undefined if there are none. */
  readonly initialization: Initialization | undefined;
  /** Names of the parameters that the run loads, or loaded at its start. */
  readonly loaded: readonly string[];
}

/**
 * Creates student and teacher, assigns initial weights to their variables, and freezes the layers that the
 * options name.
 * @throws {RangeError} that lists all differences, if the weights do not fit; or if there are no such layers, a
 * checkpoint is passed too, or options are about loaded weights and there are none.
 */
export function createStartingNetworks(
  data: Pick<TrainingData, "train" | "classes">,
  options: TrainingOptions,
  { checkpoint, init, network, nameOf }: StartSettings,
): StartingNetworks {
  if (init && checkpoint) {
    throw new RangeError("Cannot resume with init: the checkpoint contains all values. Leave init out.");
  }
  checkLoaded(options, init !== undefined || checkpoint !== undefined, nameOf);
  const imageShape = viewShape({ ...options, imageShape: data.train.imageShape });
  const drawn = createNetworks(data, options, checkpoint !== undefined, network);
  const match = init && matchWeights(drawn.student, init, { imageShape, classes: data.classes });
  const part = options.freeze === null ? undefined : frozenPartOf(options.freeze);
  const networks = part === undefined ? drawn : {
    student: freezeNetwork(drawn.student, part, imageShape),
    teacher: freezeNetwork(drawn.teacher, part, imageShape),
  };
  const isLoaded = (name: string) => match?.values.has(name) ?? false;
  return {
    networks,
    initialization: init && match && { weights: init, match },
    loaded: checkpoint?.loaded ?? Object.keys(drawn.student.parameters).filter(isLoaded),
  };
}

/** Settings of a trainer that its networks depend on. */
export interface StartSettings {
  readonly checkpoint?: Checkpoint;
  readonly init?: PretrainedWeights | undefined;
  readonly network?: NetworkMaker;
  readonly nameOf?: NameOf;
}

/** Writes initial weights to student and teacher. */
export function loadInitialWeights(device: Device, networks: Networks, { match }: Initialization): void {
  for (const network of [networks.student, networks.teacher]) loadMatch(device, network, match);
}

/**
 * Checks that options which are about loaded weights have some.
 * @throws {RangeError} if there are none.
 */
export function checkLoaded(
  { freeze = null, initLrFactor = 1 }: Partial<TrainingOptions>,
  isLoaded: boolean,
  nameOf: NameOf = (option) => option,
  nameOfInit = "init",
): void {
  if (isLoaded) return;
  const option = freeze !== null ? "freeze" : initLrFactor !== 1 ? "initLrFactor" : undefined;
  if (option === undefined) return;
  throw new RangeError(
    `Cannot train with ${nameOf(option)}: it is about loaded weights, but ${nameOfInit} is not set`,
  );
}
