/**
 * A labelling: its lists, its pictures and its rounds of training.
 * @module
 */
import { messageOf } from "../../data/internal.ts";
import { pathFromHere } from "../hints/shell_command.ts";
import { BackgroundTrainer } from "./background_trainer.ts";
import { BatchDealer } from "./batch_dealer.ts";
import { ClassNames } from "./class_names.ts";
import { LabelFile, NONE, removeListParts } from "./label_lists.ts";
import type { LabelSource } from "./label_source.ts";
import type { PlacedPicture } from "./picture_groups.ts";
import { PictureQueue, type QueueOptions } from "./picture_queue.ts";
import { folderOfRound, readRound, readRounds, type Round } from "./rounds.ts";
import type { LabelRequest, SessionState, ShownPicture, TrainingProgress } from "./session_state.ts";
import { roundOptions } from "./round_options.ts";
import { watchSteps } from "./watch_steps.ts";

/** Options of a labelling. */
export interface SessionOptions extends QueueOptions {
  /** Folder of the lists and rounds. */
  readonly folder: string;
  /** Options of `train` for each round. */
  readonly training: Readonly<Record<string, unknown>>;
  /** Path of the plugin that networks and methods come from; none if absent. */
  readonly plugin?: string | null;
  /** Time of a round in minutes; null if the options of training set its length. */
  readonly minutes: number | null;
}

/** A labelling. All changes go through it one after another, whichever page asks for them. */
export class LabelSession implements AsyncDisposable {
  /** Called after each change of the state. */
  onChange: () => void = () => {};
  readonly #source: LabelSource;
  readonly #options: SessionOptions;
  readonly #trainFile: LabelFile;
  readonly #testFile: LabelFile;
  readonly #trainer: BackgroundTrainer;
  readonly #pictures: PictureQueue;
  readonly #dealer: BatchDealer;
  readonly #places: ReadonlyMap<string, number>;
  readonly #skipped = new Set<string>();
  readonly #classes: ClassNames;
  #rounds: readonly Round[] = [];
  #nextRound = 1;
  #training: TrainingProgress | null = null;
  #running: Promise<void> = Promise.resolve();
  #failure: string | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(source: LabelSource, options: SessionOptions, files: readonly [LabelFile, LabelFile]) {
    this.#source = source;
    this.#options = options;
    [this.#trainFile, this.#testFile] = files;
    this.#trainer = new BackgroundTrainer(options.plugin ?? null);
    this.#pictures = new PictureQueue(source, this.#trainer, options);
    this.#dealer = new BatchDealer(this.#pictures, {
      taken: () => [...this.labels.keys(), ...this.#skipped],
      newest: () => ({ round: this.#rounds.at(-1)?.number ?? 0, run: this.#newestRun }),
      onChange: () => this.onChange(),
      onFailure: (text) => this.#failure = text,
    });
    this.#places = new Map(source.names.map((name, index) => [name, index]));
    this.#classes = new ClassNames(source.classes, source.takesClasses);
  }

  /** Opens a labelling, or continues the one in the folder, which the caller has claimed. */
  static async open(source: LabelSource, options: SessionOptions): Promise<LabelSession> {
    const { folder } = options;
    await removeListParts(folder);
    const files = [await LabelFile.open(folder, "train"), await LabelFile.open(folder, "test")] as const;
    if (source.needsKnownList && source.known.size > 0) await files[0].addKnown(source.known);
    const session = new LabelSession(source, options, files);
    const { rounds, next } = await readRounds(folder);
    session.#rounds = rounds;
    session.#nextRound = next;
    return session;
  }

  /** Shows the first pictures. They are chosen in the background. */
  start(): void {
    this.#running = this.#dealer.deal();
  }

  /** Labels by name: those known before, and those of both lists. */
  get labels(): ReadonlyMap<string, string> {
    return new Map([...this.#source.known, ...this.#trainFile.labels, ...this.#testFile.labels]);
  }

  /** Finished rounds. */
  get rounds(): readonly Round[] {
    return this.#rounds;
  }

  /** Paths of the lists. */
  get files(): readonly string[] {
    return [this.#trainFile.path, ...(this.#testFile.labels.size > 0 ? [this.#testFile.path] : [])];
  }

  /** The state, as pages show it. */
  get state(): SessionState {
    const { labels } = this, { batch, isChoosing } = this.#dealer, model = this.#rounds.at(-1)?.folder;
    return {
      title: this.#source.title,
      takesClasses: this.#source.takesClasses,
      classes: this.#classes.count(labels, this.#testFile.labels),
      batch: {
        ...batch,
        groups: batch.groups.map((group) => group.map((picture) => this.#shown(picture, labels))),
      },
      unlabelled: this.#source.names.reduce((sum, name) => labels.has(name) ? sum : sum + 1, 0),
      isChoosing,
      training: this.#training,
      rounds: this.#rounds.map(({ folder: _, ...round }) => round),
      obstacle: this.#obstacle(),
      failure: this.#failure,
      files: this.files.map(pathFromHere),
      model: model === undefined ? null : pathFromHere(model),
    };
  }

  /**
   * Changes labels, and saves them. A new label is a new class.
   * @returns the numbers of the pictures whose label another page or program has changed meanwhile; they keep it.
   * @throws {RangeError} if the label cannot be the name of a class.
   */
  async label({ pictures, label, isSkip }: LabelRequest): Promise<number[]> {
    return await this.#inTurn(async () => {
      await Promise.all([this.#trainFile.refresh(), this.#testFile.refresh()]);
      const { labels } = this, conflicts: number[] = [];
      const toTrain = new Map<string, string | null>(), toTest = new Map<string, string | null>();
      const chosen = label === null || label === NONE ? label : this.#classes.add(label);
      for (const { index, seen } of pictures) {
        const name = this.#source.names[index];
        if (name === undefined) continue;
        if ((labels.get(name) ?? null) !== seen) {
          conflicts.push(index);
          continue;
        }
        if (isSkip) this.#skipped.add(name);
        else this.#skipped.delete(name);
        // Pictures of no class are in the first list: lists of test pictures need classes.
        const isTest = this.#pictures.isTest(name) && chosen !== NONE;
        toTrain.set(name, isTest ? null : chosen);
        toTest.set(name, isTest ? chosen : null);
      }
      await this.#trainFile.change(toTrain);
      await this.#testFile.change(toTest);
      this.onChange();
      return conflicts;
    });
  }

  /** Shows the next pictures. @param number Number of the batch that the page shows; an older one changes nothing. */
  next(number: number): void {
    if (!this.#dealer.canDeal(number)) return;
    this.#running = Promise.all([this.#running, this.#dealer.deal()]).then(() => {});
  }

  /** Trains a round in the background, from the weights of the last one. @throws {RangeError} if it cannot start. */
  train(): void {
    const obstacle = this.#obstacle();
    if (obstacle !== null) throw new RangeError(obstacle);
    this.#running = Promise.all([this.#running, this.#trainRound()]).then(() => {});
  }

  /** Stops the training after its present step. */
  stopTraining(): void {
    this.#trainer.stop();
  }

  /** Stops the training, and waits until its state and all labels are saved. */
  async stop(): Promise<void> {
    this.#trainer.stop();
    if (this.#training) await this.#running;
    await this.#queue;
  }

  /** Ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#trainer[Symbol.dispose]();
  }

  #shown({ name, guesses }: PlacedPicture, labels: ReadonlyMap<string, string>): ShownPicture {
    return {
      index: this.#places.get(name) ?? 0,
      name,
      guesses,
      label: labels.get(name) ?? null,
      isSkipped: this.#skipped.has(name),
      isTest: this.#pictures.isTest(name),
    };
  }

  /** Returns the reason why training cannot start; null if it can. */
  #obstacle(): string | null {
    if (this.#training) return "A round is being trained.";
    const used = new Set([...this.#source.known.values(), ...this.#trainFile.labels.values()]);
    used.delete(NONE);
    return used.size < 2 ? "Training needs labels of at least two classes." : null;
  }

  /** Folder of the run with the newest weights; null if there is none. */
  get #newestRun(): string | null {
    return this.#rounds.at(-1)?.folder ?? this.#source.firstRun;
  }

  async #trainRound(): Promise<void> {
    const number = this.#nextRound++, folder = folderOfRound(this.#options.folder, number);
    const { minutes } = this.#options;
    this.#training = { round: number, step: 0, seconds: 0, minutes };
    this.#failure = null;
    this.onChange();
    const stopWatching = watchSteps(folder, (progress) => {
      this.#training = { round: number, minutes, ...progress };
      this.onChange();
    });
    try {
      if (await this.#trainer.train(this.#trainOptions(folder))) {
        this.#rounds = [...this.#rounds, await readRound(folder, number)];
        await this.#dealer.refill();
      } else this.#failure = `Round ${number} was stopped before its end; its labels are saved.`;
    } catch (error) {
      this.#failure = `Round ${number} failed: ${messageOf(error)}`;
    } finally {
      stopWatching();
      this.#training = null;
      this.onChange();
    }
  }

  #trainOptions(output: string): Readonly<Record<string, unknown>> {
    const [train, test] = [this.#trainFile, this.#testFile];
    return roundOptions(this.#source, { train, test, output, init: this.#newestRun, ...this.#options });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return await result;
  }
}
