/**
 * A second reading of folders, for the test of random ones: written from docs/your-data.md, with lists of paths alone,
 * slow and simple.
 */

/** Reading of a folder; null or undefined if it must be rejected. */
export interface SecondReading {
  readonly classes: readonly string[];
  /** Class of each image to train with; null = no label. */
  readonly train: ReadonlyMap<string, string | null>;
  /** Class of each image to test on; null = no test set. */
  readonly test: ReadonlyMap<string, string> | null;
}

type Kind = "train" | "val" | "test" | "none";

const kinds: Record<Kind, string[]> = {
  train: ["train", "training", "trainval", "trn"],
  val: ["val", "valid", "validation", "validate", "dev", "development", "eval", "evaluation"],
  test: ["test", "testing", "tst", "holdout", "heldout"],
  none: ["unlabeled", "unlabelled", "unsup", "unsupervised", "pred", "predict", "prediction", "predictions"],
};
const many = [
  "set",
  "split",
  "data",
  "dataset",
  "image",
  "img",
  "picture",
  "photo",
  "file",
  "folder",
  "sample",
  "example",
];
const silent = [
  ...many.flatMap((word) => [word, `${word}s`]),
  ..."pics raw all full new final original resized cropped jpg jpeg png x px".split(" "),
];

/** Names of the folders in a folder that have images, with all images below each. */
function foldersIn(images: readonly string[], at: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const image of images) {
    if (!image.startsWith(at)) continue;
    const parts = image.slice(at.length).split("/");
    if (parts.length > 1) found.set(parts[0]!, [...found.get(parts[0]!) ?? [], image]);
  }
  return found;
}

const imagesAt = (images: readonly string[], at: string) =>
  images.filter((image) => image.startsWith(at) && !image.slice(at.length).includes("/"));

function kindOfWord(word: string): Kind | undefined {
  const glued = [
    "",
    "set",
    "sets",
    "dataset",
    "data",
    "image",
    "images",
    "img",
    "imgs",
    "pics",
    "photo",
    "photos",
  ];
  return (Object.keys(kinds) as Kind[]).find((kind) =>
    kinds[kind].some((each) => glued.some((end) => word === each + end))
  );
}

function wordsOf(name: string): string[] {
  const words: string[] = [];
  let former = "";
  for (const letter of name.normalize("NFKC")) {
    const kind = /\p{L}/u.test(letter) ? "letter" : /\p{N}/u.test(letter) ? "digit" : "sign";
    const formerKind = /\p{L}/u.test(former) ? "letter" : /\p{N}/u.test(former) ? "digit" : "sign";
    const isCapital = /\p{Lu}/u.test(letter) && /\p{Ll}/u.test(former);
    if (kind !== "sign") {
      if (kind !== formerKind || isCapital) words.push("");
      words[words.length - 1] += letter.toLowerCase();
    }
    former = letter;
  }
  return words.filter((word) => !silent.includes(word) && !/^\d+$/.test(word));
}

/** Returns the kind of each sibling folder that is a set. */
function kindsIn(images: readonly string[], at: string): Map<string, Kind> {
  const said = new Map<string, { kind: Kind; rest: string }>();
  const folders = [...foldersIn(images, at).keys()];
  for (const name of folders) {
    const words = wordsOf(name);
    if (words.some((word) => word.startsWith("unlabeled") || word.startsWith("unlabelled"))) {
      said.set(name, { kind: "none", rest: "" });
      continue;
    }
    const [first, last] = [kindOfWord(words[0] ?? ""), kindOfWord(words.at(-1) ?? "")];
    if (words.length > 1 && first && last) continue;
    if (first) said.set(name, { kind: first, rest: words.slice(1).join(" ") });
    else if (last) said.set(name, { kind: last, rest: words.slice(0, -1).join(" ") });
  }
  const result = new Map<string, Kind>();
  for (const [name, { kind, rest }] of said) {
    const hasOtherKind = [...said.values()].some((other) => other.rest === rest && other.kind !== kind);
    const isFull = imagesAt(images, `${at}${name}/`).length > 0;
    if (rest === "" || hasOtherKind || !isFull) result.set(name, kind);
  }
  return result;
}

/** Rule 1. */
function endOfChain(
  images: readonly string[],
  start: string,
  isEnd: (at: string, name: string) => boolean,
): string {
  let at = start;
  for (;;) {
    const names = [...foldersIn(images, at).keys()];
    if (imagesAt(images, at).length > 0 || names.length === 0) return start;
    if (names.length > 1 || isEnd(at, names[0]!)) return at;
    at += `${names[0]}/`;
  }
}

/** Rule 2: whether a set holds folders that are classes. */
function holdsClasses(
  images: readonly string[],
  at: string,
  known: ReadonlySet<string> = new Set(),
): boolean {
  const [only, ...more] = foldersIn(images, at).keys();
  if (only === undefined || more.length > 0) return only !== undefined;
  const words = wordsOf(only), [first, last] = [kindOfWord(words[0] ?? ""), kindOfWord(words.at(-1) ?? "")];
  const isSet = words.some((word) => /^unlabell?ed/.test(word)) ||
    (words.length > 1 ? (first === undefined) !== (last === undefined) : first !== undefined);
  const isSilent = words.length === 0 && /\p{L}/u.test(only);
  return known.has(only) || !(isSet || isSilent) || holdsClasses(images, `${at}${only}/`, known);
}

const holdsFolders = (images: readonly string[], at: string) => foldersIn(images, at).size > 0;

/** Reads a folder by the rules of the documentation. @returns nothing where it must be refused. */
export function readAgain(images: readonly string[]): SecondReading | undefined {
  if (images.length === 0) return undefined;
  const top = endOfChain(images, "", (at, name) => kindsIn(images, at).has(name));
  const kind = kindsIn(images, top), names = [...foldersIn(images, top).keys()];
  const of = (wanted: Kind | undefined) => names.filter((name) => kind.get(name) === wanted).sort();
  const trains = of("train"), tests = [...of("val"), ...of("test")], rest = of(undefined);
  const areVehicles = trains.every((name) =>
    /^trains?$/i.test(name) && imagesAt(images, `${top}${name}/`).length > 0
  );
  if (rest.length === 0) return readSets(images, top, trains, tests);
  if (!areVehicles) return undefined;
  return readClasses(images, top, [...rest, ...trains], tests);
}

/** Rule 2. */
function readSets(
  images: readonly string[],
  top: string,
  trains: string[],
  tests: string[],
): SecondReading | undefined {
  const full = trains.map((name) => `${top}${name}/`).filter((at) => holdsClasses(images, at));
  if (full.length === 0) return undefined;
  const train = new Map<string, string>();
  for (const set of full) {
    const at = endOfChain(images, set, () => false), kind = kindsIn(images, at);
    for (const [name, own] of foldersIn(images, at)) {
      if (kind.get(name) !== "none") own.forEach((image) => train.set(image, name));
    }
  }
  return finish(images, train, tests.map((name) => `${top}${name}/`));
}

/** Rules 3 and 4. */
function readClasses(
  images: readonly string[],
  top: string,
  classes: string[],
  tests: string[],
): SecondReading | undefined {
  if (
    classes.length === 1 && tests.some((name) => !holdsClasses(images, `${top}${name}/`, new Set(classes)))
  ) return undefined;
  const ofSets = classes.filter((name) => {
    const at = `${top}${name}/`, kind = kindsIn(images, at), inner = [...foldersIn(images, at).keys()];
    const has = (...wanted: Kind[]) => inner.some((each) => wanted.includes(kind.get(each)!));
    return tests.length === 0 && imagesAt(images, at).length === 0 && inner.every((each) => kind.has(each)) &&
      has("train") && has("val", "test");
  });
  if (ofSets.length > 0 && ofSets.length < classes.length) return undefined;
  const train = new Map<string, string>();
  if (ofSets.length === 0) {
    for (const name of classes) foldersIn(images, top).get(name)!.forEach((image) => train.set(image, name));
    return finish(images, train, tests.map((name) => `${top}${name}/`));
  }
  const sets: Record<Kind, Map<string, string>> = { train, val: new Map(), test: new Map(), none: new Map() };
  for (const name of classes) {
    const at = `${top}${name}/`, kind = kindsIn(images, at);
    for (const [set, own] of foldersIn(images, at)) {
      own.forEach((image) => sets[kind.get(set)!].set(image, name));
    }
  }
  const test = sets.val.size > 0 ? sets.val : sets.test;
  const isTest = (image: string) => sets.val.has(image) || sets.test.has(image);
  return conclude(images.filter((image) => !isTest(image)), train, test);
}

const key = (name: string) => name.normalize("NFKC").toLowerCase().replace(/[\s_]|\p{C}/gu, "");

/** Rules 5 and 6. */
function finish(
  images: readonly string[],
  train: ReadonlyMap<string, string>,
  sets: string[],
): SecondReading | undefined {
  const classes = new Set(train.values()), full = sets.filter((at) => holdsClasses(images, at, classes));
  const trained = images.filter((image) => !full.some((at) => image.startsWith(at)));
  const [first] = full;
  if (first === undefined) return conclude(trained, train, null);
  let at = first;
  for (;;) {
    const names = [...foldersIn(images, at).keys()];
    if (imagesAt(images, at).length > 0 || names.length > 1 || classes.has(names[0]!)) break;
    if (!holdsFolders(images, `${at}${names[0]}/`)) break;
    at += `${names[0]}/`;
  }
  const test = new Map<string, string>();
  for (const [name, own] of foldersIn(images, at)) {
    const alike = classes.has(name) ? [name] : [...classes].filter((each) => key(each) === key(name));
    if (alike.length !== 1) return undefined;
    own.forEach((image) => test.set(image, alike[0]!));
  }
  return conclude(trained, train, test);
}

function conclude(
  images: readonly string[],
  train: ReadonlyMap<string, string>,
  test: ReadonlyMap<string, string> | null,
): SecondReading | undefined {
  const classes = inOrder(new Set(train.values()));
  if (classes.length < 2) return undefined;
  return { classes, train: new Map(images.map((image) => [image, train.get(image) ?? null])), test };
}

function inOrder(classes: ReadonlySet<string>): string[] {
  const names = [...classes].sort();
  return names.every((name) => /^\d+$/.test(name)) ? names.sort((a, b) => +a - +b) : names;
}

/** Reads a list of files and classes, both as they are, a file named by an end of its path. */
export function readListAgain(
  images: readonly string[],
  rows: readonly (readonly [string, string])[],
): SecondReading | undefined {
  const said = new Map<string, Set<string>>();
  for (const [name, className] of rows) {
    const fitting = images.filter((image) => image === name || image.endsWith(`/${name}`));
    const image = images.includes(name) ? name : fitting.length === 1 ? fitting[0] : undefined;
    if (image !== undefined) said.set(image, (said.get(image) ?? new Set()).add(className));
  }
  const labels = new Map([...said].flatMap(([image, names]) => {
    const [only, ...more] = names;
    return only === undefined || more.length > 0 ? [] : [[image, only] as const];
  }));
  const { train, test } = byClassFolders(images, labels) ?? byFoldersOfSets(images, labels) ??
    { train: images, test: null };
  const trained = new Map([...labels].filter(([image]) => train.includes(image)));
  const known = new Set(trained.values());
  const isStrange = [...test?.values() ?? []].some((name) => !known.has(name));
  return isStrange ? undefined : conclude(train, trained, test);
}

/** The test set of class folders stays one if some of its images have a class to train with. */
function byClassFolders(images: readonly string[], labels: ReadonlyMap<string, string>) {
  const folders = readAgain(images);
  if (!folders?.test) return undefined;
  const train = [...folders.train.keys()], known = new Set(train.map((image) => labels.get(image)));
  const test = new Map<string, string>();
  for (const [image, own] of folders.test) {
    const name = labels.get(image) ?? (known.has(own) ? own : undefined);
    if (name !== undefined) test.set(image, name);
  }
  return test.size === 0 ? undefined : { train, test };
}

/** Folders of sets divide if every labelled image is in one, some to train with and some to test on. */
function byFoldersOfSets(images: readonly string[], labels: Map<string, string>) {
  const top = endOfChain(images, "", (at, name) => kindsIn(images, at).has(name)),
    kind = kindsIn(images, top);
  const kindOf = (image: string) => {
    const [name, ...rest] = image.slice(top.length).split("/");
    return image.startsWith(top) && rest.length > 0 ? kind.get(name!) : undefined;
  };
  const found = new Set([...labels.keys()].map(kindOf));
  if (found.has(undefined) || !found.has("train") || !(found.has("val") || found.has("test"))) {
    return undefined;
  }
  for (const image of [...labels.keys()]) if (kindOf(image) === "none") labels.delete(image);
  const chosen = found.has("val") ? "val" : "test";
  const isTest = (image: string) => ["val", "test"].includes(kindOf(image) ?? "") && labels.has(image);
  const test = new Map([...labels].filter(([image]) => kindOf(image) === chosen));
  return { train: images.filter((image) => !isTest(image)), test };
}
