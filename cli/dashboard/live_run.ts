/**
 * A run in training, as the dashboard follows it.
 * @module
 */
import { messageOf } from "../../data/internal.ts";
import type { RunRequest, TrainingRecord } from "../../semisup/mod.ts";
import { significant } from "../report/chart.ts";
import { duration } from "../terminal/figures.ts";
import { printWarning } from "../terminal/output.ts";
import type { ObservedRun, RunWatcher } from "../run/run_observer.ts";
import { Budget } from "./budget.ts";
import { PictureFeed, type SeenPictures } from "./picture_feed.ts";
import { RunControl, type RunState } from "./run_control.ts";

/** State of a run for its page. */
export interface Progress {
  readonly state: RunState;
  /** Folder of the run. */
  readonly name: string;
  /** Share of the steps that are completed. */
  readonly share: number;
  readonly figures: readonly (readonly [title: string, value: string])[];
  /** Answer to the last request. */
  readonly answer: string;
}

/**
 * Share of training's time that pictures may take, and the expected cost of the first ones in ms, for which shaders are
 * compiled.
 */
const pictureShare = 0.01, firstCost = 400;

/** Time over which speed is measured, in ms. */
const speedWindow = 20_000;

/** The page of a run, as far as the run uses it. */
export interface LivePage {
  /** Returns whether a page is open; without one nothing is drawn. */
  isOpen(): boolean;
  /** Called after each change of the run. */
  onChange(): void;
  /** Draws the charts, if it is time; called between two steps. */
  drawIfDue(): Promise<void> | undefined;
}

/** Follows one run. */
export class LiveRun implements RunWatcher {
  readonly folder: string;
  readonly control = new RunControl();
  /** Last pictures; undefined before the first. */
  seen: SeenPictures | undefined;
  readonly #run: ObservedRun;
  readonly #pictures: PictureFeed;
  readonly #budget = new Budget(pictureShare, firstCost);
  readonly #page: LivePage;
  readonly #looks: { readonly step: number; readonly time: number }[] = [];
  #learningRate: number | undefined;
  #isBroken = false;
  #answer = "";
  /** Step after which the last pictures were drawn. */
  #seenStep = -1;
  /** Time of the last call of {@linkcode nextRequest} in ms. */
  #stepTime = 0;

  constructor(run: ObservedRun, page: LivePage) {
    this.folder = run.folder;
    this.#run = run;
    this.#pictures = new PictureFeed(run);
    this.#page = page;
  }

  get signal(): AbortSignal {
    return this.control.signal;
  }

  get pausedSeconds(): number {
    return this.control.pausedSeconds;
  }

  /** Time since training was last between two steps, in ms. */
  get sinceStep(): number {
    return performance.now() - this.#stepTime;
  }

  /** True if pictures will follow, but none have been drawn. */
  get awaitsPictures(): boolean {
    return !this.#isBroken && this.seen === undefined && this.control.state !== "ended";
  }

  nextRequest(): RunRequest | Promise<RunRequest> {
    this.#stepTime = performance.now();
    const drawing = this.#drawing();
    return drawing ? drawing.then(() => this.control.nextRequest()) : this.control.nextRequest();
  }

  record(record: TrainingRecord): void {
    if (record.kind === "costs") this.#learningRate = record.hyperparameters.learningRate;
    this.#page.onChange();
  }

  async close(isFinished: boolean): Promise<void> {
    // The last pictures take no time from training.
    if (isFinished && this.#canDraw) await this.#draw();
    this.control.end();
    this.#pictures[Symbol.dispose]();
    this.#page.onChange();
  }

  /** Asks for a checkpoint. */
  saveCheckpoint(): void {
    this.control.saveCheckpoint();
    this.#answer = `A checkpoint of step ${this.#run.trainer.step} is in the folder of the run.`;
  }

  /** Returns the state now. */
  progress(): Progress {
    const { trainer, device } = this.#run, { step, totalSteps, epoch } = trainer, { state } = this.control;
    const speed = this.#stepsPerSecond(step);
    const left = speed === undefined ? "–" : duration((totalSteps - step) / speed);
    const images = speed === undefined ? "–" : (speed * trainer.options.batchSize).toFixed(0);
    return {
      state,
      name: this.folder,
      share: totalSteps === 0 ? 1 : step / totalSteps,
      figures: [
        ["step", `${step.toLocaleString("en")} of ${totalSteps.toLocaleString("en")}`],
        ["epoch", epoch.toFixed(2)],
        ["images/s", state === "running" ? images : "–"],
        ["time left", state === "running" ? left : "–"],
        ["learning rate", this.#learningRate === undefined ? "–" : significant(this.#learningRate)],
        ["device memory", `${mebibytes(device.variableBytes)} MiB`],
        ["host memory", `${mebibytes(Deno.memoryUsage().rss)} MiB`],
      ],
      answer: this.#answer,
    };
  }

  /** True if pictures of this step can be shown on a page. */
  get #canDraw(): boolean {
    return !this.#isBroken && this.#page.isOpen() && this.#run.trainer.step !== this.#seenStep;
  }

  /** Draws between two steps, which is the only time at which drawing takes no longer than it costs. */
  #drawing(): Promise<void> | undefined {
    if (!this.#canDraw) return undefined;
    // While training is paused, pictures cost nothing.
    if (this.control.state === "paused") return this.#draw();
    if (this.#budget.isDue) return this.#budget.spend(() => this.#draw());
    return this.#page.drawIfDue();
  }

  async #draw(): Promise<void> {
    try {
      this.#seenStep = this.#run.trainer.step;
      this.seen = await this.#pictures.draw();
      this.#page.onChange();
    } catch (error) {
      // The run itself goes on: a file may have disappeared, or the device may lack the memory.
      this.#isBroken = true;
      printWarning(`The dashboard shows no more pictures: ${messageOf(error)}`);
    }
  }

  /** Returns the speed over the last seconds; undefined if there was none. */
  #stepsPerSecond(step: number): number | undefined {
    const now = performance.now();
    if (this.control.state !== "running") this.#looks.length = 0;
    this.#looks.push({ step, time: now });
    while ((this.#looks[1]?.time ?? now) < now - speedWindow) this.#looks.shift();
    const [first] = this.#looks;
    return first && step > first.step ? 1000 * (step - first.step) / (now - first.time) : undefined;
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
