/**
 * Files of a run's records for other programs: `--tensorboard`, `--csv`.
 * @module
 */
import type { Trainer } from "../../semisup/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { CsvFile } from "./csv_file.ts";
import { EventFile } from "./event_file.ts";
import type { LoggedRecord } from "./record_values.ts";

/** A file that follows the log of a run. All methods throw if it cannot be written. */
export interface RecordFile {
  /** Adds a record that the log has already. */
  record(record: LoggedRecord): Promise<void>;
  /** Adds the results of a finished run. */
  end(trainer: Trainer, classes: readonly string[]): Promise<void>;
  /** Completes the file, also that of an interrupted run. */
  close(): Promise<void>;
}

/** Opens the files that options ask for, before the first step of a process. @param folder Folder of the run. */
export async function openRecordFiles(
  { tensorboard, csv }: Pick<RunOptions, "tensorboard" | "csv">,
  { folder, trainer, classes }: {
    readonly folder: string;
    readonly trainer: Trainer;
    readonly classes: readonly string[];
  },
): Promise<RecordFile> {
  const files: RecordFile[] = [
    ...(tensorboard ? [await EventFile.create(folder, trainer)] : []),
    ...(csv ? [new CsvFile(folder, classes)] : []),
  ];
  return {
    async record(record) {
      for (const file of files) await file.record(record);
    },
    async end(trainer, classes) {
      for (const file of files) await file.end(trainer, classes);
    },
    async close() {
      for (const file of files) await file.close();
    },
  };
}
