/** Made-up reports, and the properties that every page of a report has. */
import { parseHTML } from "npm:linkedom@0.18.12";
import { guessOf } from "../../cli/pictures/guess.ts";
import type { LabelReview } from "../../cli/pictures/label_review.ts";
import type { ReportedRun } from "../../cli/report/reported_run.ts";
import { readRun } from "../../cli/report/run_record.ts";
import { untestedRun } from "../../cli/report/run_tester.ts";
import type { TestResults } from "../../cli/report/test_results.ts";
import { thumbnailOf } from "../../cli/report/thumbnail.ts";
import type { UnlabelledReview } from "../../cli/report/unlabelled.ts";
import type { ViewedPicture } from "../../cli/report/views.ts";
import { ReportBuilder } from "../../semisup/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { type MadeUpRun, writeRun } from "./made_up_run.ts";

/** A name that must stay a text. */
export const evil = `<img src=x onerror=alert(1)> & "it's"`;

/** Results of six images of two classes: the teacher takes one of the second class for the first. */
export function resultsOf(classes: readonly string[]): TestResults {
  const builder = new ReportBuilder(classes.length);
  const logits = (first: number) => Float32Array.of(first, 0, ...classes.slice(2).map(() => -9));
  for (const [first, label] of [[3, 0], [3, 0], [-3, 1], [-3, 1], [-3, 1], [3, 1]] as const) {
    builder.add(logits(first), [label]);
  }
  const report = builder.report();
  const thumbnail = thumbnailOf(new Uint8Array(4), [1, 2, 2]);
  const mistake = {
    name: evil,
    label: 1,
    prediction: 0,
    labelProbability: 0.05,
    predictionProbability: 0.95,
    thumbnail,
  };
  return { step: 100, classes, student: report, teacher: report, scaling: null, mistakes: [mistake] };
}

/** Returns a review of one wrong label and one pair, all with a name. */
export function reviewOf(name: string): LabelReview {
  const thumbnail = thumbnailOf(new Uint8Array(4), [1, 2, 2]);
  const one = { name, label: 1, isHeldOut: false, thumbnail }, other = { ...one, label: 0, isHeldOut: true };
  const suspect = { ...other, suggested: 1, labelProbability: 0.123, suggestedProbability: 0.877 };
  return {
    labelled: 9,
    examined: 8,
    confident: 1,
    contradicted: 2,
    suspects: [suspect],
    pairs: [{ pictures: [one, other], relativeDistance: 0.1234 }],
    pairCount: 1,
  };
}

/** Returns predictions of two unlabelled pictures, one of them unsure. */
function unlabelledOf(name: string): UnlabelledReview {
  const thumbnail = thumbnailOf(new Uint8Array(4), [1, 2, 2]);
  const sure = { name, thumbnail, ...guessOf([0.001, 0.999]) };
  return { unlabelled: 9, examined: 2, surest: [sure], leastSure: [{ ...sure, ...guessOf([0.55, 0.45]) }] };
}

/** Returns the views of one picture, about which student and teacher disagree. */
function viewsOf(name: string): ViewedPicture[] {
  const thumbnail = thumbnailOf(new Uint8Array(4), [1, 2, 2]);
  const seen = (...probabilities: number[]) => ({ thumbnail, guess: guessOf(probabilities) });
  return [{ name, label: 1, student: seen(0.7, 0.3), teacher: seen(0.2, 0.8) }];
}

/** Writes the folder of a made-up run, and returns the run with made-up test results. */
export async function reported(
  directory: string,
  run: MadeUpRun,
  classes: readonly string[],
): Promise<ReportedRun> {
  await writeRun(directory, run);
  return {
    ...untestedRun(await readRun(directory, evil), "run-1"),
    results: resultsOf(classes),
    review: reviewOf(evil),
    unlabelled: unlabelledOf(evil),
    views: viewsOf(evil),
    untested: null,
    classes,
  };
}

/** Checks the properties of every page. @returns Its document. */
export function checkPage(page: string) {
  assert(page.startsWith("<!doctype html>"), page.slice(0, 40));
  const { document } = parseHTML(page);
  assertEquals(document.querySelectorAll("script, link, iframe, object, [onerror]").length, 0);
  for (const element of document.querySelectorAll("[src], [href]")) {
    const target = element.getAttribute("src") ?? element.getAttribute("href") ?? "";
    assert(/^(data:image\/png;base64,|#)/.test(target), target);
    if (target.startsWith("#")) assert(document.getElementById(target.slice(1)), `nothing is ${target}`);
  }
  assert(!/url\(|@import/.test(page), "the style loads something");
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  assertEquals(ids.length, new Set(ids).size);
  for (const svg of document.querySelectorAll("svg.plot")) {
    assertEquals(svg.getAttribute("role"), "img");
    assert(svg.getAttribute("aria-label"));
    assert(document.getElementById(svg.getAttribute("aria-describedby")!)?.textContent);
  }
  for (const element of document.querySelectorAll("svg.plot path, svg.plot line, svg.plot circle")) {
    assert(!element.outerHTML.includes("NaN"), element.outerHTML);
  }
  for (const table of document.querySelectorAll("table")) {
    const columns = new Set([...table.querySelectorAll("tr")].map((row) => row.children.length));
    assertEquals(columns.size, 1, table.outerHTML.slice(0, 200));
  }
  return document;
}

/** Returns the texts of elements. */
export const titlesOf = (document: ReturnType<typeof checkPage>, selector: string) =>
  [...document.querySelectorAll(selector)].map((element) => element.textContent.trim());
