/**
 * Random folders: each is understood as a second, simpler reading understands it, or refused where that refuses it.
 * MT_RANDOM_FOLDERS=1000 says how many.
 */
import { examineFolder, type FolderExamples, type UserFolder } from "../../data/files/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { picture, writeFiles } from "./as_people_have_them/case.ts";
import { withFiles } from "./fixtures.ts";
import { readAgain, readListAgain, type SecondReading } from "./second_reading.ts";

const count = Number(Deno.env.get("MT_RANDOM_FOLDERS") ?? 150);

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const classNames = [
  ..."cat dog Cat cat_ ship train steam_train test_tube valid images 1 2 10 007".split(" "),
  ...'constructor __proto__ toString tests train_station a,b a;b "x" -x NA'.split(" "),
  "cat ",
  "caf\u00e9",
  "cafe\u0301",
  "line\nbreak",
  "turn\u202eed",
];
const trainNames = "train Train training train_set trainset seg_train my-train train1 TrainImages trains"
  .split(" ");
const testNames =
  "val valid Validation val2017 seg_val dev eval test seg_test testdata TEST my-test test_train".split(" ");
const unlabeledNames = [
  "pred",
  "seg_pred",
  "unlabeled",
  "unlabeled_train",
  "x_unlabelled",
  "Unlabelled images",
];
const setNames = [...trainNames, ...testNames, ...unlabeledNames];
const wrappers = ["archive", "data", "photos", "2021", "train", "seg_train"];
const litter = ["notes.txt", ".DS_Store", "Thumbs.db", "._1.png", "__MACOSX/cat/1.png", "empty/readme.md"];

/** A folder by its random numbers: paths of its images. */
class Generator {
  readonly images: string[] = [];
  constructor(readonly random: () => number) {}

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  someOf(list: readonly string[], most: number): string[] {
    return [...new Set(Array.from({ length: 1 + this.below(most) }, () => this.oneOf(list)))];
  }

  fill(at: string, least = 1, most = 3): void {
    const own = least + this.below(most + 1 - least);
    for (let i = 0; i < own; i++) this.images.push(`${at}${this.below(9)}.png`);
    if (this.random() < 0.1) this.images.push(`${at}more/${this.below(9)}.png`);
  }

  classes(at: string, names: readonly string[]): void {
    for (const name of names) this.fill(`${at}${name}/`, this.random() < 0.1 ? 0 : 1);
    if (this.random() < 0.1) this.fill(at, 1, 1);
  }

  sets(at: string): void {
    const names = this.someOf(classNames, 5);
    const sets = [
      ...this.random() < 0.9 ? this.someOf(trainNames, 2) : [],
      ...this.random() < 0.8 ? this.someOf(testNames, 3) : [],
      ...this.random() < 0.3 ? this.someOf(unlabeledNames, 2) : [],
      ...this.random() < 0.1 ? this.someOf(classNames, 2) : [],
    ];
    for (const set of sets) {
      const doubled = this.random() < 0.2 ? `${set}/` : "";
      if (this.random() < 0.15) this.fill(`${at}${set}/${doubled}`);
      else this.classes(`${at}${set}/${doubled}`, this.random() < 0.9 ? names : this.someOf(classNames, 3));
    }
  }

  /** A folder for each class, of which some hold sets. */
  setsInClasses(at: string): void {
    const sets = this.someOf([...trainNames, ...testNames], 4);
    for (const name of this.someOf(classNames, 4)) {
      this.classes(`${at}${name}/`, this.random() < 0.9 ? sets : this.someOf(setNames, 3));
    }
  }

  tree(at: string, depth: number): void {
    this.fill(at, 0, depth === 0 ? 0 : 2);
    if (depth > 3) return;
    for (const name of this.someOf([...classNames, ...setNames], 3)) {
      if (this.random() < 0.7) this.tree(`${at}${name}/`, depth + 1);
    }
  }

  make(): string[] {
    let at = "";
    while (this.random() < 0.25) at += `${this.oneOf(wrappers)}/`;
    const kind = this.random();
    if (kind < 0.45) this.sets(at);
    else if (kind < 0.65) this.classes(at, this.someOf([...classNames, ...this.someOf(setNames, 4)], 6));
    else if (kind < 0.8) this.setsInClasses(at);
    else this.tree(at, 0);
    return [...new Set(this.images)];
  }

  /** Lines of a list, some of which name no image, or several. */
  rows(images: readonly string[]): (readonly [string, string])[] {
    const named = images.filter(() => this.random() < 0.7);
    const rows = named.map((image) => {
      const parts = image.split("/");
      return [parts.slice(this.below(parts.length)).join("/"), this.oneOf(["cat", "dog", "bird"])] as const;
    });
    return this.random() < 0.3 ? [...rows, ["nowhere.png", "cat"]] : rows;
  }
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

function plain({ names = [], labels }: FolderExamples, classes: readonly string[]) {
  return new Map(names.map((name, i) => [name, classes[labels[i]!] ?? null]));
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => a < b ? -1 : 1);

function compare({ classes, train, test }: UserFolder, expected: SecondReading, about: string): void {
  assertEquals(classes, expected.classes, about);
  assertEquals(sorted(plain(train, classes)), sorted(expected.train), about);
  const tested = test && sorted(plain(test, classes));
  assertEquals(tested, expected.test && sorted(expected.test), about);
}

Deno.test(`random folders: ${count} of them are read as a second reading has it, or clearly refused`, async () => {
  const pictures = Array.from({ length: 200 }, (_, i) => picture(i));
  const figures = { read: 0, tested: 0, listed: 0, refused: 0 };
  for (let seed = 1; seed <= count; seed++) {
    const generator = new Generator(randomNumbers(seed));
    const images = generator.make();
    const rows = generator.random() < 0.2 ? generator.rows(images) : null;
    const files: Record<string, Uint8Array | string> = Object.create(null);
    images.forEach((image, i) => files[image] = pictures[i % pictures.length]!);
    for (const name of litter) if (generator.random() < 0.1) files[name] = "-";
    if (rows) {
      files["labels.csv"] = ["file,label", ...rows.map((row) => row.map(quoted).join(","))].join("\n");
    }
    await withFiles({}, async (directory) => {
      await writeFiles(directory, files);
      const expected = rows && readListAgain(images, rows) || readAgain(images);
      const about = `folder ${seed}: ${JSON.stringify(Object.keys(files), null, 1)}`;
      let folder: UserFolder;
      try {
        folder = await examineFolder(directory);
      } catch (error) {
        assert(error instanceof SyntaxError || error instanceof RangeError, `${about}\n${error}`);
        assert(/^Cannot use \S.*: .+/s.test(error.message), `${about}\n${error.message}`);
        assert(!/[\p{Cc}\u202e]/u.test(error.message), `${about}\n${JSON.stringify(error.message)}`);
        assertEquals(expected, undefined, `${about}\n${error.message}`);
        figures.refused++;
        return;
      }
      assert(expected, `${about} must be refused, but is read: ${folder.origin}`);
      compare(folder, expected, about);
      assert(!/[\p{Cc}\u202e]/u.test(folder.notes.join() + folder.origin), `${about}\n${folder.notes}`);
      figures.read++;
      if (folder.test) figures.tested++;
      if (folder.lists.length > 0) figures.listed++;
    });
  }
  console.log(`random folders: ${JSON.stringify(figures)}`);
  // Otherwise the generator makes too little of one kind to say anything.
  assert(figures.read > 0.3 * count && figures.tested > 0.05 * count && figures.listed > 0.03 * count);
});
