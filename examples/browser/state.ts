/**
 * The device and the current model of the page.
 * @module
 */
import {
  type Checkpoint,
  Device,
  type Device as GpuDevice,
  Model,
  type ModelImage,
  modelOf,
  type Prediction,
  readModel,
  writeModel,
} from "../../browser.ts";

/** State that all parts of the page share. */
export class State {
  readonly device: GpuDevice;
  #model: Model | undefined;
  #file: Uint8Array<ArrayBuffer> | undefined;
  readonly #predicting = new Set<Promise<unknown>>();
  readonly #listeners: (() => void)[] = [];

  private constructor(device: GpuDevice) {
    this.device = device;
  }

  /** Requests the GPU. @throws {GpuUnavailableError} if there is none. */
  static async create(): Promise<State> {
    return new State(await Device.request());
  }

  /** The current model; undefined at first. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** Bytes of the current model's file. */
  get file(): Uint8Array<ArrayBuffer> | undefined {
    return this.#file;
  }

  /** Classifies pictures with the current model, which stays until they are. @throws {Error} if there is none. */
  async predict(images: readonly ModelImage[]): Promise<Prediction[]> {
    if (!this.#model) throw new Error("Train or load a model first.");
    const predicting = this.#model.predict(images);
    this.#predicting.add(predicting);
    try {
      return await predicting;
    } finally {
      this.#predicting.delete(predicting);
    }
  }

  /** Calls a function whenever the model changes. */
  onModel(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Makes the teacher of a run the current model. */
  async useCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.useFile(writeModel(modelOf(checkpoint)), "the trained model");
  }

  /** Makes the model of a file the current one. @throws {SyntaxError} if the file is not a model. */
  async useFile(file: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
    const model = await Model.create(readModel(file, name), { device: this.device }, name);
    const before = this.#model, predicting = [...this.#predicting];
    this.#model = model;
    this.#file = file;
    for (const listener of this.#listeners) listener();
    await Promise.allSettled(predicting);
    before?.[Symbol.dispose]();
  }
}
