/**
 * The device of a run, which is opened again if the GPU is lost.
 * @module
 */
import { type Device, GpuError, GpuLostError } from "../../kernels/mod.ts";
import { requestDevice } from "../command/device.ts";
import { printWarning } from "../terminal/output.ts";

/** A run ends at this number of losses within so many steps: then the GPU or its driver is broken. */
const mostLosses = 3, withinSteps = 10;

/** Device of a run. Dispose it at the end. */
export class RunDevice implements Disposable {
  #current: Device;
  /** True if the current device belongs to the run, which then destroys it. */
  #isOwn: boolean;
  /** Steps at which the GPU was lost. */
  readonly #losses: number[] = [];

  private constructor(device: Device, isOwn: boolean) {
    this.#current = device;
    this.#isOwn = isOwn;
  }

  /**
   * Returns a shared device, or opens one: if none is shared, or an earlier run lost it.
   * @throws {GpuUnavailableError} if there is none.
   */
  static async open(shared: Device | undefined): Promise<RunDevice> {
    if (shared && !shared.isLost) return new RunDevice(shared, false);
    return new RunDevice(await requestDevice(), true);
  }

  /** The device. */
  get current(): Device {
    return this.#current;
  }

  /**
   * Opens the GPU again after an error by its loss at a step.
   * @throws {GpuLostError} if it was lost three times within ten steps.
   * @throws the given error if it has another cause.
   */
  async replace(error: unknown, step: number): Promise<void> {
    if (!(error instanceof GpuError)) throw error;
    // A loss is reported after the calls that it breaks.
    await new Promise((resolve) => setTimeout(resolve));
    if (!this.#current.isLost) throw error;
    this.#losses.push(step);
    const recent = this.#losses.slice(-mostLosses), [first = 0] = recent;
    if (recent.length === mostLosses && Math.abs(step - first) < withinSteps) {
      throw new GpuLostError(
        `${error.message}. It was lost ${mostLosses} times within ${withinSteps} steps: check the GPU and its driver, then continue with --resume.`,
        { cause: error },
      );
    }
    printWarning(`The GPU was lost at step ${step}. Opening it again.`);
    this[Symbol.dispose]();
    this.#current = await requestDevice();
    this.#isOwn = true;
  }

  /** Destroys the device, unless it is shared. */
  [Symbol.dispose](): void {
    if (this.#isOwn) this.#current[Symbol.dispose]();
  }
}
