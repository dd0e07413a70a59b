/**
 * The lock of a folder: a file that names the process that writes there. The system drops the lock on the file when
 * the process ends, however it ends, so that a lock left behind by a killed process is taken over. On shared storage
 * one computer does not know the processes of another, so the owner also rewrites the file now and then: a lock that
 * was not rewritten for minutes is taken over, too.
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../command/reason.ts";
import { isNumber, isObject } from "../command/json_values.ts";
import { printWarning } from "../terminal/output.ts";
import { bootId } from "./boot_id.ts";

/** Name of the lock in the folder of a run. */
export const lockName = "run.lock";

/** Time between two signs of life, and without them until the owner counts as ended, in milliseconds. */
const beatInterval = 20_000, silence = 180_000;
/** Time between two attempts to lock a folder that another process has locked, in milliseconds. */
const retryInterval = 100;
/** Time in which a process that has locked a folder writes its name into the lock, in milliseconds. */
const namingTime = 2_000;

/** The process that a lock belongs to. */
interface Owner {
  readonly process: number;
  readonly host: string;
  /** Identifies the system since its last start, containers on it included; null if the system does not tell. */
  readonly boot: string | null;
  /** Time of the lock. */
  readonly started: string;
}

/** Thrown if another process writes to a folder. */
export class FolderInUseError extends RangeError {
  override readonly name: string = "FolderInUseError";
}

/** The lock of a folder, held by this process. */
export interface FolderLock {
  /** Deletes the lock. */
  release(): Promise<void>;
}

/**
 * Locks a folder for this process.
 * @throws {FolderInUseError} if another process holds the lock, or may hold it on another computer.
 * @throws {Error} if the folder cannot be written to.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, lockName), end = Date.now() + namingTime;
  for (;;) {
    const file = await openLock(path);
    try {
      const isFree = await tryLock(file, folder), owner = parseOwner(await readText(file));
      if (!isFree && owner === undefined && Date.now() < end) {
        // The other process has just locked the folder, and is about to write its name.
        await pause();
      } else {
        const mayLive = owner !== undefined && isElsewhere(owner) && await isRecent(file, folder);
        if (!isFree || mayLive) throw inUseError(folder, owner, isFree);
        // An owner that ends between the opening and the locking has deleted the file.
        if (await isSameFile(file, path)) return await hold(file, path);
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  }
}

/** Locks a folder as {@linkcode lockFolder} does, but waits while another process holds the lock. */
export async function lockWhenFree(folder: string): Promise<FolderLock> {
  for (;;) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderInUseError)) throw error;
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, retryInterval));
}

/** Writes this process into a locked file, now and as a sign of life again and again. */
async function hold(file: Deno.FsFile, path: string): Promise<FolderLock> {
  const bytes = ownerBytes();
  await writeOwner(file, path, bytes);
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    // A lost sign of life is made up for by the next; a full disk is the concern of the run.
    beat = beat.then(() => rewrite(file, bytes)).catch(() => {});
  }, beatInterval);
  Deno.unrefTimer(timer);
  return {
    release: async () => {
      clearInterval(timer);
      await beat;
      await release(file, path);
    },
  };
}

/**
 * Returns whether the owner of a lock has given a sign of life. Times are those of the storage, by the help of another
 * file: clocks of computers differ.
 */
async function isRecent(file: Deno.FsFile, folder: string): Promise<boolean> {
  const probe = await Deno.makeTempFile({ dir: folder, prefix: ".mt-lock-" });
  try {
    const [{ mtime: beat }, { mtime: now }] = [await file.stat(), await Deno.stat(probe)];
    return beat === null || now === null || now.getTime() - beat.getTime() < silence;
  } finally {
    await Deno.remove(probe);
  }
}

async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    const there = await Deno.lstat(path).catch(() => null);
    if (there && !there.isFile) throw new Error("it is not a regular file");
    return await Deno.open(path, { create: true, read: true, write: true });
  } catch (error) {
    throw new Error(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Locks a file for as long as it is open. @returns false if another process has locked it. */
async function tryLock(file: Deno.FsFile, folder: string): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch (error) {
    printWarning(
      `Cannot lock ${folder}: ${reasonOf(error)}. Make sure that no other run writes to this folder.`,
    );
    return true;
  }
}

async function readText(file: Deno.FsFile): Promise<string> {
  const bytes = new Uint8Array(4096), count = await file.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, count ?? 0));
}

/** Returns the owner in the text of a lock; undefined if its process ended before it wrote its name. */
function parseOwner(text: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(text);
    if (!isObject(owner)) return undefined;
    const { process, host, boot, started } = owner;
    if (!isNumber(process) || typeof host !== "string" || typeof started !== "string") return undefined;
    return { process, host, started, boot: typeof boot === "string" ? boot : null };
  } catch {
    return undefined;
  }
}

/** Returns whether a lock is of another computer, whose processes this system does not know. */
function isElsewhere({ host, boot }: Owner): boolean {
  return host !== Deno.hostname() && (boot === null || boot !== bootId());
}

function inUseError(folder: string, owner: Owner | undefined, isFree: boolean): FolderInUseError {
  const { process, host, started } = owner ?? {};
  const writer = owner ? `process ${process} on ${host}` : "another process";
  return new FolderInUseError(
    isFree
      ? `Cannot write the run to ${folder}: ${writer} has written a run there since ${started}. If it has ended, the folder is free ${
        silence / 60_000
      } minutes after its end, or once ${join(folder, lockName)} is deleted; otherwise set another --output.`
      : `Cannot write the run to ${folder}: ${writer} is writing a run there${
        started === undefined ? "" : ` since ${started}`
      }. Wait for its end, or set another --output.`,
  );
}

async function isSameFile(file: Deno.FsFile, path: string): Promise<boolean> {
  const open = await file.stat(), named = await Deno.lstat(path).catch(() => null);
  return named !== null && open.ino === named.ino && open.dev === named.dev;
}

/** Returns the text of a lock of this process. */
function ownerBytes(): Uint8Array {
  const owner: Owner = {
    process: Deno.pid,
    host: Deno.hostname(),
    boot: bootId(),
    started: new Date().toISOString(),
  };
  return new TextEncoder().encode(`${JSON.stringify(owner)}\n`);
}

async function rewrite(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  await file.seek(0, Deno.SeekMode.Start);
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

async function writeOwner(file: Deno.FsFile, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await file.truncate();
    await rewrite(file, bytes);
  } catch (error) {
    await release(file, path).catch(() => {});
    throw new Error(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Deletes a lock, unless the folder was deleted and has the lock of another process by now. */
async function release(file: Deno.FsFile, path: string): Promise<void> {
  try {
    // A lock that cannot be deleted is taken over by the next run.
    if (await isSameFile(file, path)) await Deno.remove(path).catch(() => {});
  } finally {
    file.close();
  }
}
