/**
 * Messages between the page's thread and the worker that trains.
 * @module
 */
import type { PlacedPicture } from "./picture_groups.ts";

/** Request to train a run. */
export interface TrainRequest {
  readonly kind: "train";
  readonly id: number;
  /** Options of `train` by name. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Request to choose pictures with the network of a run. */
export interface ChooseRequest {
  readonly kind: "choose";
  readonly id: number;
  /** Folder of the run. */
  readonly run: string;
  /** Names of pictures that are not chosen. */
  readonly excluded: readonly string[];
  /** Names of pictures that are not chosen either, but described like the chosen ones. */
  readonly others: readonly string[];
  readonly count: number;
  readonly seed: number;
}

/** The plugin of the command, sent before all requests: tables of a worker are its own. */
export interface PluginMessage {
  readonly kind: "plugin";
  readonly path: string;
}

/** A request to the worker; `stop` ends the training. */
export type WorkerRequest = TrainRequest | ChooseRequest | PluginMessage | { readonly kind: "stop" };

/** A reply of the worker, with the number of its request. */
export type WorkerReply =
  | { readonly kind: "trained"; readonly id: number; readonly isFinished: boolean }
  | { readonly kind: "chosen"; readonly id: number; readonly pictures: readonly PlacedPicture[] }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
