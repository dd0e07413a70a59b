/**
 * The folders that this process writes runs to. A folder is claimed before anything is loaded, so that two runs never
 * share one, and a folder that cannot be written to is noticed at once.
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { exists } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { isTemporary } from "../run_files/run_files.ts";
import { type FolderLock, lockFolder } from "./folder_lock.ts";

/** A claimed folder. */
interface Claim {
  readonly lock: FolderLock;
  /** Folders that were created for it, innermost first. */
  readonly created: readonly string[];
}

/** Claimed folders, released when disposed. A folder in which nothing was written is deleted if it was created. */
export class FolderClaims implements AsyncDisposable {
  readonly #claims = new Map<string, Claim>();

  /**
   * Creates a folder if absent, and locks it. A folder that is claimed already stays so.
   * @throws {FolderInUseError} if another process writes there. @throws {Error} if it cannot be written to.
   */
  async claim(path: string): Promise<void> {
    if (this.#claims.has(resolve(path))) return;
    const created = await missingFolders(path);
    await createFolder(path, true);
    await this.#add(path, created);
  }

  /** Claims the first folder of a name that does not exist: `NAME`, `NAME-2`, `NAME-3`, …. @returns its path. */
  async claimNew(name: string): Promise<string> {
    const created = await missingFolders(dirname(name));
    await createFolder(dirname(name), true);
    for (let count = 1;; count++) {
      const path = count === 1 ? name : `${name}-${count}`;
      if (!await createFolder(path, false)) continue;
      await this.#add(path, [resolve(path), ...created]);
      return path;
    }
  }

  /** Releases all folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { lock, created } of [...this.#claims.values()].reverse()) {
      await lock.release();
      await removeEmpty(created);
    }
    this.#claims.clear();
  }

  async #add(path: string, created: readonly string[]): Promise<void> {
    try {
      const lock = await lockFolder(path);
      this.#claims.set(resolve(path), { lock, created });
    } catch (error) {
      await removeEmpty(created);
      throw error;
    }
    await removeTemporary(path);
  }
}

/** Returns the folders of a path that do not exist, innermost first. */
async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = resolve(path); !await exists(folder); folder = dirname(folder)) missing.push(folder);
  return missing;
}

/** Creates a folder. @param isShared True if it may exist already. @returns false if it exists and may not. */
async function createFolder(path: string, isShared: boolean): Promise<boolean> {
  try {
    await Deno.mkdir(path, { recursive: isShared });
    return true;
  } catch (error) {
    if (!isShared && error instanceof Deno.errors.AlreadyExists) return false;
    throw new Error(
      `Cannot create the folder ${path} for the run: ${reasonOf(error)}. Set another --output.`,
      {
        cause: error,
      },
    );
  }
}

/** Deletes folders until one is not empty. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  try {
    for (const folder of folders) await Deno.remove(folder);
  } catch {
    // The folder has files by now.
  }
}

/** Deletes the parts of files that a killed process left: whoever has locked the folder is its only writer. */
async function removeTemporary(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (isTemporary(name)) await Deno.remove(join(folder, name));
  }
}
