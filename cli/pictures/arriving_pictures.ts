/**
 * Pictures that arrive in folders.
 * @module
 */
import { join } from "node:path";
import { findFiles } from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { printNote } from "../terminal/output.ts";

/** Options of {@linkcode arrivingPictures}. */
export interface ArrivalOptions {
  /** Ends the search. */
  readonly signal: AbortSignal;
  /** Returns whether a file is left out. */
  readonly isExcluded?: (path: string) => boolean;
  /** Time in ms for which a file must stay as it is to count as complete (default: 500). */
  readonly quietTime?: number;
  /** Time in ms between searches without a message from the system, as for network drives (default: 10 s). */
  readonly searchInterval?: number;
}

/** Pictures that are complete. */
export interface Arrival {
  readonly files: readonly string[];
  /** Returns whether a file is still as it was found; otherwise it arrives again. */
  isUnchanged(file: string): boolean;
}

/**
 * Yields the pictures in and below folders: first those that are there, then those that appear or change. A file
 * counts as complete once its size and date stay the same for a while. Each search compares the folders with what is
 * known of them, and messages of the system only start a search. So renamed folders, lost messages, and files that are
 * deleted meanwhile need no cases of their own. A deleted file that comes back arrives again.
 * @throws {RangeError} if a folder cannot be read, also later.
 */
export async function* arrivingPictures(
  folders: readonly string[],
  { signal, isExcluded = () => false, quietTime = 500, searchInterval = 10_000 }: ArrivalOptions,
): AsyncGenerator<Arrival> {
  const search = new FolderSearch(folders, quietTime, isExcluded);
  using bell = new Bell(signal);
  using _watcher = watchFolders(folders, () => bell.ring());
  while (!signal.aborted) {
    const { files, waits } = await search.run();
    if (files.length > 0) yield { files, isUnchanged: (file) => search.isUnchanged(file) };
    if (!waits) await bell.wait(searchInterval, { untilRung: true });
    // A burst of messages leads to one search, and searches of large folders take a tenth of the time.
    await bell.wait(Math.max(quietTime, 10 * search.duration), { untilRung: false });
  }
}

/** Repeated searches, each compared with the ones before. */
class FolderSearch {
  readonly #folders: readonly string[];
  readonly #quietTime: number;
  readonly #isExcluded: (path: string) => boolean;
  readonly #noted = new Set<string>();
  /** Versions of files that arrived. */
  #arrived = new Map<string, string>();
  /** Versions of files at the last search that may be incomplete. */
  #waiting = new Map<string, string>();
  /** Time of the last search in ms. */
  duration = 0;

  constructor(folders: readonly string[], quietTime: number, isExcluded: (path: string) => boolean) {
    this.#folders = folders;
    this.#quietTime = quietTime;
    this.#isExcluded = isExcluded;
  }

  /** Returns files that are new or changed and complete, and whether others may be incomplete. */
  async run(): Promise<{ readonly files: readonly string[]; readonly waits: boolean }> {
    const start = performance.now();
    const arrived = new Map<string, string>(), waiting = new Map<string, string>(), files: string[] = [];
    for (const file of await this.#find()) {
      const info = infoOf(file);
      if (!info?.isFile) continue;
      const version = versionOf(info);
      const isOld = Date.now() - (info.mtime?.getTime() ?? Infinity) > 4 * this.#quietTime;
      const isNew = this.#arrived.get(file) !== version;
      if (isNew && !isOld && this.#waiting.get(file) !== version) {
        waiting.set(file, version);
        continue;
      }
      arrived.set(file, version);
      if (isNew) files.push(file);
    }
    this.#arrived = arrived;
    this.#waiting = waiting;
    this.duration = performance.now() - start;
    return { files, waits: waiting.size > 0 };
  }

  /** Returns whether a file is as it was when it arrived; if not, it will arrive again. */
  isUnchanged(file: string): boolean {
    const info = infoOf(file);
    return info !== undefined && versionOf(info) === this.#arrived.get(file);
  }

  async #find(): Promise<string[]> {
    const all: string[] = [];
    for (const folder of this.#folders) {
      const { images, notes } = await findFiles(folder).catch((error) => {
        throw new RangeError(`Cannot watch ${folder}: ${reasonOf(error)}`);
      });
      for (const note of notes) this.#note(`${folder}: ${note}`);
      all.push(...images.map((name) => join(folder, name)).filter((path) => !this.#isExcluded(path)));
    }
    return [...new Set(all)];
  }

  #note(text: string): void {
    if (!this.#noted.has(text)) printNote(text);
    this.#noted.add(text);
  }
}

/** Returns what a path leads to; undefined if the file was deleted since its folder was read. */
function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

function versionOf({ size, mtime, ino }: Deno.FileInfo): string {
  return `${size} ${mtime?.getTime()} ${ino}`;
}

/** Calls a function when something in folders changes, until it is disposed. */
function watchFolders(folders: readonly string[], onChange: () => void): Disposable {
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs([...folders], { recursive: true });
  } catch (error) {
    printNote(`The system does not report changes (${reasonOf(error)}): the folders are searched regularly`);
    return { [Symbol.dispose]: () => {} };
  }
  const listen = async () => {
    // Searches read the folders, and would start themselves.
    for await (const { kind } of watcher) if (kind !== "access") onChange();
  };
  listen().catch(() => printNote("The system no longer reports changes: the folders are searched regularly"));
  return watcher;
}

/** Waits that a signal ends, and a bell. */
class Bell implements Disposable {
  readonly #signal: AbortSignal;
  readonly #abort = () => this.#wake();
  #isRung = false;
  #wake = () => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort);
  }

  /** Ends the present or the next wait for the bell. */
  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  /** Waits for a time in ms, or until the signal; with `untilRung` also until the bell. */
  async wait(time: number, { untilRung }: { readonly untilRung: boolean }): Promise<void> {
    const isOver = () => this.#signal.aborted || (untilRung && this.#isRung);
    if (!isOver()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, time);
      this.#wake = () => {
        if (isOver()) resolve();
      };
      await promise;
      clearTimeout(timer);
    }
    if (untilRung) this.#isRung = false;
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#abort);
  }
}
