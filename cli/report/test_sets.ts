/**
 * Which runs can be compared: those that are tested on the same images.
 * @module
 */
import { basename } from "node:path";
import { subjectOf } from "./groups.ts";
import { type Html, html, nameHtml } from "./html.ts";
import { lastErrorsOf, type RunRecord } from "./run_record.ts";

/** Runs that are tested on the same images. */
export interface TestSet {
  readonly subject: string;
  /** How many images. */
  readonly images: number;
  /** Title of its charts: the subject, and a letter where there are several of it. */
  readonly title: string;
  /** `"A"`, `"B"` and so on; empty where there is only one of the subject. */
  readonly letter: string;
  /** The runs that were tested, in their order. */
  readonly runs: readonly RunRecord[];
}

/** The test sets of runs, in the order in which they come; runs that were never tested are in none. */
export function testSetsOf(runs: readonly RunRecord[]): TestSet[] {
  const sets = Map.groupBy(runs.filter((run) => lastErrorsOf(run)), keyOf);
  const all = [...sets.values()].flatMap((own) => {
    const [first] = own;
    return first ? [{ own, subject: subjectOf(first), images: imagesOf(first) }] : [];
  });
  return all.map(({ own, subject, images }) => {
    const ofSubject = all.filter((other) => other.subject === subject);
    const place = ofSubject.findIndex((other) => other.own === own);
    const letter = ofSubject.length === 1 ? "" : letterOf(place);
    const title = letter === "" ? basename(subject) : `${basename(subject)}, test images ${letter}`;
    return { subject, images, title, letter, runs: own };
  });
}

function imagesOf({ log }: RunRecord): number {
  return log.evaluations.at(-1)?.teacher.examples ?? 0;
}

/** `A` to `Z`, then numbers. */
function letterOf(place: number): string {
  return place < 26 ? String.fromCharCode(65 + place) : `${place + 1}`;
}

function keyOf(run: RunRecord): string {
  return JSON.stringify([subjectOf(run), run.testSet]);
}

/** Which runs cannot be compared, as they are tested on other images. */
export function testSetsHtml(sets: readonly TestSet[]): Html | false {
  const several = Map.groupBy(sets.filter(({ letter }) => letter !== ""), ({ subject }) => subject);
  if (several.size === 0) return false;
  return html`${
    [...several].map(([subject, own]) =>
      html`
        <p
          class="warning">Runs on ${nameHtml(
            basename(subject),
          )} are tested on different images, so that their errors cannot be compared: ${own.map((
            { letter, images, runs },
            i,
          ) =>
            html`${i > 0 && "; "}${letter}, ${images} images, ${
              runs.map(({ name }, j) => html`${j > 0 && ", "}${nameHtml(name)}`)
            }`
          )}. With <code>--hold-out</code> and the held-out.txt of a run, others are tested on the same.</p>
      `
    )
  }`;
}

/** Which runs are counted in the place of those that they go on from. */
export function continuedHtml(runs: readonly RunRecord[]): Html | false {
  const names = new Map(runs.map(({ realPath, name }) => [realPath, name]));
  const pairs = runs.flatMap(({ name, realPath, continues }) => {
    const before = continues !== realPath && continues !== null ? names.get(continues) : undefined;
    return before === undefined ? [] : [[name, before] as const];
  });
  if (pairs.length === 0) return false;
  return html`<p>Counted once: ${
    pairs.map(([name, before], i) =>
      html`${i > 0 && "; "}${nameHtml(name)}, which goes on from ${nameHtml(before)}`
    )
  }.</p>`;
}
