/**
 * Builds the page into a folder that any static host can serve.
 *
 * Usage: deno task site [FOLDER]
 */
import { fileURLToPath } from "node:url";
import { balancedSplit, findDataset, hasBytes, NO_LABEL } from "../../mod.ts";
import { type DigitCounts, type Digits, digitSide, writeDigits } from "./digits.ts";

const counts: DigitCounts = { labeled: 100, unlabeled: 2000, test: 1000 };

/** Chooses digits of MNIST: some of each class in turn, others without a label, and test images. */
export async function chooseDigits(): Promise<Digits> {
  const { train, test } = await findDataset("mnist").load();
  if (!hasBytes(train) || !hasBytes(test)) throw new Error("The digits are not in memory");
  const chosen = [...balancedSplit(train.labels, 10, counts.labeled / 10, 1)];
  // Image i of the first ones is of class i mod 10.
  const byClass = Array.from({ length: 10 }, (_, c) => chosen.filter((index) => train.labels[index] === c));
  const labeled = Array.from(
    { length: counts.labeled },
    (_, i) => byClass[i % 10]?.[Math.floor(i / 10)] ?? 0,
  );
  const rest = [...train.labels.keys()].filter((index) => !chosen.includes(index)).slice(0, counts.unlabeled);
  const size = digitSide ** 2, total = counts.labeled + counts.unlabeled + counts.test;
  const images = new Uint8Array(total * size), labels = new Uint8Array(total);
  const places = [
    ...[...labeled, ...rest].map((index) => ({ set: train, index })),
    ...Array.from({ length: counts.test }, (_, index) => ({ set: test, index })),
  ];
  for (const [i, { set, index }] of places.entries()) {
    images.set(set.images.subarray(index * size, (index + 1) * size), i * size);
    const label = set.labels[index] ?? NO_LABEL;
    // The page knows no labels of the images that have none for it.
    labels[i] = i >= counts.labeled && set === train ? 255 : label;
  }
  return { counts, images, labels };
}

/** Builds the page. */
export async function buildSite(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const bundle = new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--platform",
      "browser",
      "-o",
      `${folder}/main.js`,
      source("main.ts"),
    ],
  });
  const { success } = await bundle.spawn().status;
  if (!success) throw new Error("The page cannot be bundled");
  for (const name of ["index.html", "page.css"]) await Deno.copyFile(source(name), `${folder}/${name}`);
  await Deno.writeFile(`${folder}/digits.bin.gz`, await writeDigits(await chooseDigits()));
}

if (import.meta.main) {
  const [folder = "dist/site"] = Deno.args;
  await buildSite(folder);
  console.log(`Built ${folder}; serve it with any static server`);
}
