/**
 * Pictures sorted into folders by their predicted classes.
 * @module
 */
import { basename, extname, isAbsolute, join, relative, resolve } from "node:path";
import { counted } from "../../data/internal.ts";
import { createFolder, SORTED_MARK } from "../../data/files/mod.ts";
import type { Prediction } from "../../nn/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { printNote } from "../terminal/output.ts";
import { classFolderNames, UNSURE } from "./class_folder_names.ts";
import type { ImageInputs } from "./image_files.ts";
import { openPicture, type PictureSource } from "./picture_source.ts";

/** Options of a sorted folder. */
export interface SortOptions {
  /** Probability below which a picture goes to `unsure`; null sorts all into the folders of classes. */
  readonly threshold: number | null;
  /** True to make symbolic links instead of copies. */
  readonly isLinked: boolean;
}

/** Numbers of pictures that were sorted. */
export interface SortCounts {
  /** New pictures by class, in the order of the classes; classes without any are left out. */
  readonly classes: Readonly<Record<string, number>>;
  /** New pictures in `unsure`. */
  readonly unsure: number;
  /** Pictures that some folder had already. */
  readonly present: number;
}

/**
 * Copies or links pictures into a folder for each class. Nothing is overwritten or deleted: a second name gets a
 * number, such as `1 (2).jpg`. A picture that lies in any of the folders already, under its name and with the same
 * bytes, stays there: after an interruption, and after corrections by hand, the same command adds only what is new.
 */
export class SortedFolder {
  readonly #path: string;
  readonly #classes: readonly string[];
  readonly #names: readonly string[];
  readonly #options: SortOptions;
  /** Paths of all pictures in the folders by their name without number. */
  readonly #present: Map<string, string[]>;
  readonly #counts: number[];
  #unsure = 0;
  #isMarked: boolean;
  #alreadyThere = 0;

  private constructor(
    path: string,
    classes: readonly string[],
    options: SortOptions,
    present: Map<string, string[]> | null,
  ) {
    this.#path = path;
    this.#classes = classes;
    this.#names = classFolderNames(classes);
    this.#options = options;
    this.#present = present ?? new Map();
    // A folder of the user's own may be data to train with.
    this.#isMarked = present !== null;
    this.#counts = classes.map(() => 0);
  }

  /** Opens a folder, which is created with the first picture. @throws {RangeError} if its content cannot be read. */
  static async open(path: string, classes: readonly string[], options: SortOptions): Promise<SortedFolder> {
    return new SortedFolder(path, classes, options, await listPictures(path));
  }

  /** Classes whose folders have other names, as a sentence; undefined if there are none. */
  describeNames(): string | undefined {
    const changed = this.#classes.flatMap((name, i) => {
      const folder = this.#names[i] ?? "";
      return folder === name ? [] : [`${JSON.stringify(name)} has ${folder}/`];
    });
    if (changed.length === 0) return undefined;
    const rest = changed.length - 5;
    return `Folders are not named like their classes where no folder can be: ${
      changed.slice(0, 5).join(", ")
    }${rest > 0 ? ` and ${rest} more` : ""}`;
  }

  /** Sorts a picture, unless it lies in a folder already. @throws {Error} if it cannot be copied or linked. */
  async add(file: string, { classIndex, probability }: Prediction): Promise<void> {
    const { threshold, isLinked } = this.#options;
    const isUnsure = threshold !== null && probability < threshold;
    const folder = join(this.#path, isUnsure ? UNSURE : this.#names[classIndex] ?? "");
    const key = keyOf(basename(file)), present = this.#present.get(key) ?? [];
    try {
      const picture = await openPicture(file);
      if (!picture) return printNote(`${file} was deleted before it could be sorted`);
      for (const path of present) {
        if (!await picture.isSame(path)) continue;
        this.#alreadyThere += 1;
        return;
      }
      await createFolder(folder);
      await this.#mark();
      const path = isLinked ? await link(picture, folder) : await copy(picture, folder);
      this.#present.set(key, [...present, path]);
    } catch (error) {
      throw new Error(`Cannot ${isLinked ? "link" : "copy"} ${file} into ${folder}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    if (isUnsure) this.#unsure += 1;
    else this.#counts[classIndex] = (this.#counts[classIndex] ?? 0) + 1;
  }

  /** Marks the folder, so that training on a folder around it does not take these copies for classes. */
  async #mark(): Promise<void> {
    if (this.#isMarked) return;
    await Deno.writeTextFile(
      join(this.#path, SORTED_MARK),
      "Pictures sorted by predict. Training on a folder around this one ignores it, unless this file is deleted.\n",
    );
    this.#isMarked = true;
  }

  /** Numbers of pictures so far. */
  get counts(): SortCounts {
    const classes = this.#classes.flatMap((name, i) => {
      const count = this.#counts[i] ?? 0;
      return count === 0 ? [] : [[name, count] as const];
    });
    return { classes: Object.fromEntries(classes), unsure: this.#unsure, present: this.#alreadyThere };
  }

  /** Describes the numbers of pictures in a sentence. */
  describe(): string {
    const { classes, unsure, present } = this.counts;
    const parts = [
      ...Object.entries(classes).map(([name, count]) => `${count} ${name}`),
      ...(unsure > 0 ? [`${unsure} ${UNSURE}`] : []),
    ];
    const sum = unsure + Object.values(classes).reduce((total, count) => total + count, 0);
    const there = present > 0 ? `; ${present} ${present === 1 ? "was" : "were"} there already` : "";
    const action = this.#options.isLinked ? "linked" : "copied";
    return `${counted(sum, "image")} ${action} into ${this.#path}${
      parts.length > 0 ? `: ${parts.join(", ")}` : ""
    }${there}`;
  }
}

/** Returns whether a path is a folder or lies in or below it. */
export function isBelow(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return !/^\.\.([\\/]|$)/.test(way) && !isAbsolute(way);
}

/**
 * Returns the pictures to sort: without those that lie in the sorted folder already.
 * @throws {RangeError} if there are arrays, none is left, or pictures in archives are to be linked.
 */
export function checkSources(
  { files, arrays }: ImageInputs,
  folder: string,
  isLinked: boolean,
): readonly string[] {
  const refuse = (reason: string) => new RangeError(`Cannot sort into ${folder}: ${reason}`);
  const [array] = arrays;
  if (array !== undefined) throw refuse(`${array} is an array. Pass pictures.`);
  const outside = files.filter((file) => !isBelow(file, folder));
  if (outside.length === 0) throw refuse("all pictures lie in this folder. Name another one.");
  const archived = isLinked ? outside.find((file) => /\.zip[\\/]/i.test(file)) : undefined;
  if (archived !== undefined) {
    throw refuse(`links need files, but ${archived} is in an archive. Leave out --link, or unpack it.`);
  }
  return outside;
}

/** Returns a name without the number of {@linkcode numberedName}. */
function keyOf(name: string): string {
  const extension = extname(name);
  return (name.slice(0, name.length - extension.length).replace(/ \(\d+\)$/, "") + extension).toLowerCase();
}

/** Returns the nth name for a file: `1.jpg`, `1 (2).jpg`, … */
function numberedName(name: string, n: number): string {
  const extension = extname(name);
  return n === 1 ? name : `${name.slice(0, name.length - extension.length)} (${n})${extension}`;
}

/** Lists the files in the folders of a folder, by their name without number; null if there is no such folder. */
async function listPictures(path: string): Promise<Map<string, string[]> | null> {
  const found = new Map<string, string[]>();
  try {
    for await (const folder of Deno.readDir(path)) {
      if (!folder.isDirectory) continue;
      for await (const { name, isDirectory } of Deno.readDir(join(path, folder.name))) {
        if (isDirectory) continue;
        const key = keyOf(name);
        found.set(key, [...found.get(key) ?? [], join(path, folder.name, name)]);
      }
    }
    return found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new RangeError(`Cannot sort into ${path}: ${reasonOf(error)}`);
  }
}

/** Calls `make` with the names that a picture may have in a folder until one is free. @returns its path. */
async function takeName(
  { path }: PictureSource,
  folder: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  for (let n = 1;; n++) {
    const target = join(folder, numberedName(basename(path), n));
    try {
      await make(target);
      return target;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

async function link(picture: PictureSource, folder: string): Promise<string> {
  const source = resolve(picture.path);
  return await takeName(picture, folder, (target) => Deno.symlink(source, target, { type: "file" }));
}

/** Copies a picture under a temporary name first, so that no half of a picture is left under its own. */
async function copy(picture: PictureSource, folder: string): Promise<string> {
  const temporary = join(folder, `.${crypto.randomUUID()}.part`);
  try {
    await picture.copyTo(temporary);
    // Only this call makes the empty file, which alone the renaming replaces.
    const path = await takeName(picture, folder, async (target) => {
      (await Deno.open(target, { write: true, createNew: true })).close();
    });
    await Deno.rename(temporary, path);
    return path;
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
