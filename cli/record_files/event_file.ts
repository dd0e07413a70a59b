/**
 * `--tensorboard`: event files in the folder of a run.
 * @module
 */
import { join } from "node:path";
import { evaluatedOf, type Trainer } from "../../semisup/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { imageEvent, scalarsEvent, startEvent, textEvent, versionEvent } from "./events.ts";
import { countConfusions, pictureOfConfusions, pictureOfViews } from "./pictures.ts";
import { type LoggedRecord, valuesOf } from "./record_values.ts";
import { writing } from "../storage/write_error.ts";
import type { RecordFile } from "./record_file.ts";

/** The event file of a process. Records are written at once, so that TensorBoard follows a run. */
export class EventFile implements RecordFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #now: () => number;

  private constructor(path: string, file: Deno.FsFile, now: () => number) {
    this.#path = path;
    this.#file = file;
    this.#now = now;
  }

  /**
   * Creates a file of its own for each start and resumption, as TensorBoard reads all files of a folder, and writes
   * pictures of the views of a batch.
   * @param now Returns milliseconds since 1970.
   * @throws {Error} if it cannot be written.
   */
  static async create(
    folder: string,
    trainer: Trainer,
    now: () => number = Date.now,
  ): Promise<EventFile> {
    const { path, file } = await openNew(folder, Math.floor(now() / 1000));
    const events = new EventFile(path, file, now), time = now() / 1000;
    await events.#write(versionEvent(time), startEvent(time, trainer.step + 1));
    await events.#writeViews(trainer);
    return events;
  }

  /** Writes the scalars of a record, and the text of its warnings. */
  async record(record: LoggedRecord): Promise<void> {
    const { kind, step, epoch, seconds, warnings } = record, time = this.#seconds();
    const dates = [[`epoch/${kind}`, epoch], [`seconds/${kind}`, seconds]] as const;
    const values = new Map<string, number | boolean>(valuesOf(record));
    for (const [tag, value] of dates) if (typeof value === "number") values.set(tag, value);
    const texts = Array.isArray(warnings)
      ? warnings.map(({ code, message }) => `- \`${code}\`: ${message}`)
      : [];
    await this.#write(
      scalarsEvent(time, step, values),
      ...(texts.length > 0 ? [textEvent(time, step, "self-check/warnings", texts.join("\n"))] : []),
    );
  }

  /** Writes pictures of the last batch's views, and of the confusions of the saved network. */
  async end(trainer: Trainer, classes: readonly string[]): Promise<void> {
    await this.#writeViews(trainer);
    if (!trainer.canEvaluate) return;
    const { labels, logits } = await trainer.testLogits();
    const network = evaluatedOf(trainer.options);
    const picture = pictureOfConfusions(countConfusions(labels, logits[network], classes.length), classes);
    await this.#write(imageEvent(this.#seconds(), trainer.step, `confusions/${network}`, picture));
  }

  /** Closes the file. */
  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  async #writeViews(trainer: Trainer): Promise<void> {
    const picture = pictureOfViews(await trainer.views(), trainer.options);
    await this.#write(imageEvent(this.#seconds(), trainer.step, "views", picture));
  }

  #seconds(): number {
    return this.#now() / 1000;
  }

  async #write(...records: readonly Uint8Array[]): Promise<void> {
    await writing(this.#path, async () => {
      for (const record of records) await writeAll(this.#file, record);
    });
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Creates a file whose name comes after those of earlier starts, in the order of texts. */
async function openNew(
  folder: string,
  seconds: number,
): Promise<{ readonly path: string; readonly file: Deno.FsFile }> {
  for (let count = 0;; count++) {
    const path = join(folder, `events.out.tfevents.${seconds}.${String(count).padStart(3, "0")}`);
    try {
      return { path, file: await Deno.open(path, { createNew: true, write: true }) };
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      throw new Error(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
