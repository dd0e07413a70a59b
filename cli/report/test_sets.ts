/**
 * Test sets: only runs tested on the same images can be compared.
 * @module
 */
import { basename } from "node:path";
import { dataSourceOf } from "./groups.ts";
import { type Html, html, nameHtml } from "./html.ts";
import { lastErrorsOf, type RunRecord } from "./run_record.ts";

/** A set of test images, with the runs tested on it. */
export interface TestSet {
  readonly dataSource: string;
  /** Number of images. */
  readonly images: number;
  /** Title of the charts: the data source, with a letter if it has several test sets. */
  readonly title: string;
  /** `"A"`, `"B"` and so on; empty if the data source has only one test set. */
  readonly letter: string;
  /** Runs tested on the set, in their order. */
  readonly runs: readonly RunRecord[];
}

/** Groups runs by test set, in the order of the runs. Runs that were never tested are left out. */
export function testSetsOf(runs: readonly RunRecord[]): TestSet[] {
  const sets = Map.groupBy(runs.filter((run) => lastErrorsOf(run)), keyOf);
  const all = [...sets.values()].flatMap((own) => {
    const [first] = own;
    return first ? [{ own, dataSource: dataSourceOf(first), images: imagesOf(first) }] : [];
  });
  return all.map(({ own, dataSource, images }) => {
    const ofSource = all.filter((other) => other.dataSource === dataSource);
    const place = ofSource.findIndex((other) => other.own === own);
    const letter = ofSource.length === 1 ? "" : letterOf(place);
    const title = letter === "" ? basename(dataSource) : `${basename(dataSource)}, test images ${letter}`;
    return { dataSource, images, title, letter, runs: own };
  });
}

function imagesOf({ log }: RunRecord): number {
  return log.evaluations.at(-1)?.teacher.examples ?? 0;
}

/** Returns `A` to `Z`, then numbers. */
function letterOf(place: number): string {
  return place < 26 ? String.fromCharCode(65 + place) : `${place + 1}`;
}

function keyOf(run: RunRecord): string {
  return JSON.stringify([dataSourceOf(run), run.testSet]);
}

/** Returns a warning about runs on the same data with different test images; false if there are none. */
export function testSetsHtml(sets: readonly TestSet[]): Html | false {
  const several = Map.groupBy(sets.filter(({ letter }) => letter !== ""), ({ dataSource }) => dataSource);
  if (several.size === 0) return false;
  return html`${
    [...several].map(([dataSource, own]) =>
      html`
        <p
          class="warning">Runs on ${nameHtml(
            basename(dataSource),
          )} were tested on different images, so their errors cannot be compared: ${own.map((
            { letter, images, runs },
            i,
          ) =>
            html`${i > 0 && "; "}${letter}, ${images} images, ${
              runs.map(({ name }, j) => html`${j > 0 && ", "}${nameHtml(name)}`)
            }`
          )}. To test new runs on the images of an earlier one, pass its held-out.txt to <code>--hold-out</code>.</p>
      `
    )
  }`;
}

/** Returns a note about runs that were resumed from others and are counted once; false if there are none. */
export function continuedHtml(runs: readonly RunRecord[]): Html | false {
  const names = new Map(runs.map(({ realPath, name }) => [realPath, name]));
  const pairs = runs.flatMap(({ name, realPath, continues }) => {
    const before = continues !== realPath && continues !== null ? names.get(continues) : undefined;
    return before === undefined ? [] : [[name, before] as const];
  });
  if (pairs.length === 0) return false;
  return html`<p>Counted once: ${
    pairs.map(([name, before], i) =>
      html`${i > 0 && "; "}${nameHtml(name)}, resumed from ${nameHtml(before)}`
    )
  }.</p>`;
}
