/**
 * The folder of a run: made when there is something to write, never written over.
 * @module
 */
import { dirname, join } from "node:path";
import { reasonOf } from "../command/reason.ts";

/** What a finished run leaves. */
export const finalName = "final.safetensors";

/** The teacher with all that it takes to predict. */
export const modelName = "model.safetensors";

/** The path of the default folder: `runs/` and the time. */
export function defaultFolder(now: Date): string {
  return join("runs", now.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-"));
}

/** Makes sure that a new run may use a folder. @throws {RangeError} if there is anything in it, or it is a file. */
export async function checkNewFolder(path: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(path)) {
      throw new RangeError(
        `Cannot write the run to ${path} as the folder must be new or empty: it holds ${name}. Give another --output.`,
      );
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof RangeError) throw error;
    throw new RangeError(`Cannot write the run to ${path} as it must be a folder: ${reasonOf(error)}`);
  }
}

/** Makes sure that a run may go on in a folder. @throws {RangeError} if the run there is finished. */
export async function checkUnfinished(path: string): Promise<void> {
  if (!await exists(join(path, finalName))) return;
  throw new RangeError(
    `Cannot go on in ${path} as the run there must be unfinished: it holds ${finalName}. Give another --output.`,
  );
}

/** Writes the files of a run. */
export class RunFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder where it is not there. @throws if that cannot be, as all that writes does. */
  static async open(path: string): Promise<RunFolder> {
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw new Error(`Cannot write the run to ${path} as the folder must be made: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    return new RunFolder(path);
  }

  /** Writes texts that say what the run is; those that are there stay. */
  async describe(texts: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(texts)) {
      const path = join(this.#path, name);
      if (!await exists(path)) await writeAtomically(path, new TextEncoder().encode(text));
    }
  }

  /** Writes a value as JSON. */
  async writeJson(name: string, value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    await writeAtomically(join(this.#path, name), new TextEncoder().encode(text));
  }

  /** Appends a line to the log. */
  async log(record: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.#path, "log.jsonl");
    try {
      await Deno.writeTextFile(path, `${JSON.stringify(record)}\n`, { append: true });
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Stores a checkpoint, and says where. */
  async writeCheckpoint(step: number, bytes: Uint8Array): Promise<string> {
    const path = join(this.#path, `checkpoint-${String(step).padStart(6, "0")}.safetensors`);
    await writeAtomically(path, bytes);
    return path;
  }

  /** Stores the model that the run has come to. */
  async writeModel(bytes: Uint8Array): Promise<void> {
    await writeAtomically(join(this.#path, modelName), bytes);
  }

  /** Stores the end of the run, as a checkpoint: after all else, as it says that the run is finished. */
  async writeFinal(bytes: Uint8Array): Promise<void> {
    await writeAtomically(join(this.#path, finalName), bytes);
  }
}

/** The folder that a checkpoint's run writes to. */
export function folderOfCheckpoint(path: string): string {
  return dirname(path);
}

/** Whether there is anything of a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // Below a file there is nothing either.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/**
 * Writes a file through a neighbouring one and a rename: whoever looks sees all or nothing, also after a power cut.
 * @throws if it cannot; then nothing is left behind.
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    let written = 0;
    while (written < bytes.length) written += await file.write(bytes.subarray(written));
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): Error {
  return new Error(`Cannot write ${path} as the disk must take it: ${reasonOf(error)}`, { cause: error });
}
