/** The page of a report: that it is whole, says what it should, and takes no name for HTML. */
import { join } from "node:path";
import { parseHTML } from "npm:linkedom@0.18.12";
import { guessOf, leastSureOf, surestOf } from "../../cli/pictures/guess.ts";
import { escapeHtml, html, tableHtml } from "../../cli/report/html.ts";
import { suspectsHtml } from "../../cli/report/sections/labels.ts";
import { pointsOf } from "../../cli/report/sections/learning.ts";
import { pageHtml } from "../../cli/report/page.ts";
import { untestedRun } from "../../cli/report/run_tester.ts";
import type { ReportedRun } from "../../cli/report/reported_run.ts";
import { readRun, readRuns } from "../../cli/report/run_record.ts";
import { thumbnailsOf, WorstMistakes } from "../../cli/report/test_results.ts";
import { thumbnailOf } from "../../cli/report/thumbnail.ts";
import { decodeImage, streamFiles } from "../../data/files/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { assertClose } from "../kernels/close.ts";
import { checkPage, evil, reported, reviewOf, titlesOf } from "./made_up_report.ts";
import { type MadeUpRun, writeRun } from "./made_up_run.ts";

Deno.test("report: values put into HTML are escaped, unless they are HTML themselves", () => {
  assertEquals(
    escapeHtml(`<a href="b">'&'</a>\u0000\u0085\n`),
    "&lt;a href=&quot;b&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;\ufffd\ufffd\n",
  );
  const inner = html`<b>${"<i>"}</b>`;
  assertEquals(
    html`${inner}|${[inner, "&", 1]}|${null}${undefined}${false}|${0}`.text,
    "<b>&lt;i&gt;</b>|<b>&lt;i&gt;</b>&amp;1||0",
  );
  const { document } = parseHTML(`<p title="${escapeHtml(evil)}">${escapeHtml(evil)}</p>`);
  const paragraph = document.querySelector("p")!;
  assertEquals([paragraph.getAttribute("title"), paragraph.textContent], [evil, evil]);
  const table = tableHtml<string>({
    caption: "<c>",
    columns: [{ title: "<t>", isText: true, cell: (row) => row }, null, { title: "n", cell: () => 1 }],
    rows: ["<r>"],
  });
  const cells = parseHTML(table.text).document.querySelectorAll("caption, th, td");
  assertEquals([...cells].map((cell) => cell.textContent.trim()), ["<c>", "<t>", "n", "<r>", "1"]);
});

Deno.test("report: thumbnails are PNG files of the same pixels, or of means if they are smaller", async () => {
  const pixelsOf = async (url: string, channels: 1 | 3, size: readonly [number, number]) => {
    const [, base64] = url.split("data:image/png;base64,");
    const bytes = Uint8Array.from(atob(base64!), (character) => character.charCodeAt(0));
    return await decodedPixels(bytes, channels, size);
  };
  const random = Uint8Array.from({ length: 3 * 5 * 7 }, (_, i) => (i * 89) % 256);
  const own = thumbnailOf(random, [3, 5, 7]);
  assertEquals([own.width, own.height], [7, 5]);
  assertEquals(await pixelsOf(own.url, 3, [5, 7]), [...random]);
  const grey = thumbnailOf(random.subarray(0, 35), [1, 5, 7]);
  assertEquals(await pixelsOf(grey.url, 1, [5, 7]), [...random.subarray(0, 35)]);
  // 192 pixels become 96: each is the mean of four.
  const large = Uint8Array.from({ length: 192 * 192 }, (_, i) => i % 2 === 0 ? 10 : 30);
  const small = thumbnailOf(large, [1, 192, 192]);
  assertEquals([small.width, small.height], [96, 96]);
  assertEquals(new Set(await pixelsOf(small.url, 1, [96, 96])), new Set([20]));
  // Seen twice as wide as high, whatever its pixels are.
  const wide = thumbnailOf(large, [1, 192, 192], 2);
  assertEquals([wide.width, wide.height], [96, 48]);
  assertThrows(() => thumbnailOf(random, [2, 5, 7]), RangeError, "it must have 1 or 3 channels, but has 2");
});

Deno.test("report: thumbnails of streamed images equal those of images in memory", async () => {
  const images = Uint8Array.from({ length: 3 * 3 * 4 * 5 }, (_, i) => (i * 53) % 256);
  const labels = Int32Array.of(0, 1, 0);
  const inMemory = { images, labels, imageShape: [3, 4, 5] as const };
  const expected = await thumbnailsOf([2, 0], inMemory);
  const bytesOf = ({ url }: { readonly url: string }) =>
    Uint8Array.from(atob(url.split(",")[1]!), (character) => character.charCodeAt(0));
  const [third, first] = [...expected.values()].map(bytesOf);
  await withFiles({ "0.png": first!, "1.png": first!, "2.png": third! }, async (directory) => {
    const names = ["0.png", "1.png", "2.png"];
    const streamed = streamFiles({ directory, names, labels, imageShape: [3, 4, 5] });
    assertEquals(await thumbnailsOf([2, 0], streamed), expected);
    assert(expected.get(2)!.url !== expected.get(0)!.url);
    assertEquals(await thumbnailsOf([], streamed), new Map());
  });
});

async function decodedPixels(
  bytes: Uint8Array,
  channels: 1 | 3,
  size: readonly [number, number],
): Promise<number[]> {
  const target = new Uint8Array(channels * size[0] * size[1]);
  await decodeImage(bytes, size, target, channels);
  return [...target];
}

Deno.test("report: the worst mistakes are the wrong answers of highest probability, in their order", () => {
  const worst = new WorstMistakes(2);
  const logits = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);
  worst.add(0, 0, logits(0.9, 0.06, 0.04)); // right
  worst.add(1, 0, logits(0.3, 0.6, 0.1));
  worst.add(2, 2, logits(0.1, 0.8, 0.1));
  worst.add(3, 1, logits(0.7, 0.2, 0.1));
  worst.add(4, 1, logits(0.5, 0.2, 0.3));
  assertEquals(worst.list.map(({ index, label, prediction }) => [index, label, prediction]), [[2, 2, 1], [
    3,
    1,
    0,
  ]]);
  assertClose(worst.list.flatMap((each) => [each.predictionProbability, each.labelProbability]), [
    0.8,
    0.1,
    0.7,
    0.2,
  ], {
    rtol: 1e-6,
    atol: 0,
  });
  const none = new WorstMistakes(0);
  none.add(1, 0, logits(0.3, 0.7));
  assertEquals(none.list, []);
});

Deno.test("report: the page of a run has all sections, and names that look like HTML are text in it", async () => {
  await withFiles({}, async (directory) => {
    const classes = [evil, "b"];
    const diagnostics = {
      kind: "diagnostics",
      step: 100,
      agreement: 0.9,
      consistencyGradient: 0.1,
      classificationGradient: 0.2,
      teacherClasses: [0.4, 0.6],
      labelClasses: [0.5, 0.5],
      warnings: [{ code: "same-view", message: evil }],
    };
    const run = { labels: { [evil]: 3, b: 4 }, dataset: evil, more: [diagnostics] };
    const described = await reported(join(directory, "run"), run, classes);
    assert(described.results);
    const scaling = { network: "teacher", temperature: 1.2345, errorBefore: 0.0678 } as const;
    const page = pageHtml([{ ...described, results: { ...described.results, scaling } }]);
    assertStringIncludes(
      page,
      "divided by a temperature of 1.23, without which its calibration error is 6.78 %",
    );
    const document = checkPage(page);
    assertEquals(
      titlesOf(document, ".verdict"),
      ["The teacher misclassifies 2.00 % of 10,000 test images (95 % interval: 1.74 to 2.29 %)."],
    );
    assertEquals(document.querySelector("h1")!.textContent.trim(), evil);
    assertEquals(titlesOf(document, "h2"), [
      "Surest mistakes",
      "As the networks see them",
      "Unlabelled pictures",
      "Labels to check",
      "Near-duplicates",
      "What to do next",
      "Learning",
      "Self-check",
      "Confusions",
      "Classes",
      "Calibration",
      "Options",
      "Environment",
    ]);
    assertEquals(titlesOf(document, "figcaption b"), [
      "Test error",
      "Costs",
      "Learning rate",
      "Consistency weight",
      "EMA decay",
      "Gradients at the logits",
      "Agreement of teacher and student",
      "Classes predicted by the teacher",
      "Reliability",
      "Confidence of the teacher",
    ]);
    // All that is left of the name's tag is escaped.
    assert(!page.includes("<img src=x"), "a name became HTML");
    assertEquals(titlesOf(document, ".warnings b"), ["same-view"]);
    assertStringIncludes(document.querySelector(".warnings")!.textContent, evil);
    assertEquals(titlesOf(document, ".tiles dd").slice(0, 2).map((text) => text.replace(/\s+/g, " ")), [
      "2.00 %step 100",
      "3.00 %step 100",
    ]);
    const matrix = [...document.querySelectorAll(".confusion tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => cell.textContent)
    );
    assertEquals(matrix, [["2", "0"], ["1", "3"]]);
    const mistake = [evil, "b", evil], suspect = [evil, "b", evil], pair = ["b", evil, evil, evil];
    const views = [evil, "b", "b", evil], sure = ["b", evil, evil], unsure = [evil, "b", evil];
    assertEquals(titlesOf(document, ".pictures bdi"), [
      ...[mistake, views, sure, unsure, suspect, pair].flat(),
    ]);
    assertEquals(titlesOf(document, ".pictures dd span"), [
      ...["95 %", "5 %", "70 %", "80 %", "99 %", "<1 %", "55 %", "45 %", "12 %", "88 %", "0.12"],
    ]);
    assertStringIncludes(document.querySelector(".next")!.textContent, "cli/suggest.ts");
    const environment = titlesOf(document, ".facts dd");
    assert(environment.includes("made up <GPU> & co"), environment.join("\n"));
  });
});

Deno.test("report: missing parts of a run are mentioned, not left out", async () => {
  await withFiles({}, async (directory) => {
    const stopped = join(directory, "stopped"), blind = join(directory, "blind");
    await writeRun(stopped, { isFinished: false });
    await writeRun(blind, { teacher: null });
    const textOf = async (path: string, untested: string) => {
      const run: ReportedRun = { ...untestedRun(await readRun(path), "run-1"), untested };
      return checkPage(pageHtml([run])).querySelector("main")!.textContent.replace(/\s+/g, " ");
    };
    const first = await textOf(stopped, "No weights <at all>.");
    assertStringIncludes(first, "This run is not finished: its log ends at step 100.");
    assertStringIncludes(first, "Its folder has no checkpoint.");
    assertStringIncludes(first, "No weights <at all>.");
    assertStringIncludes(first, "The log has no records of the self-check.");
    const second = await textOf(blind, "No test images.");
    assertStringIncludes(second, "There were no labelled test images");
    assert(!second.includes("not finished"), second);
    await Deno.writeTextFile(join(blind, "log.jsonl"), "");
    assertStringIncludes(await textOf(blind, ""), "The log has neither costs nor errors");
  });
});

Deno.test("report: errors on few images have their intervals in tiles, tables and curves", async () => {
  await withFiles({}, async (directory) => {
    for (const seed of [1, 2]) {
      const run = { teacher: 0.2 + 0.05 * (seed - 1), student: 0.225, examples: 40, options: { seed } };
      await writeRun(join(directory, `seed-${seed}`), run);
    }
    const runs = (await readRuns([directory])).map((record, i) => untestedRun(record, `run-${i + 1}`));
    const page = pageHtml(runs);
    const one = titlesOf(checkPage(pageHtml(runs.slice(0, 1))), ".tiles dd");
    assertStringIncludes(one[0]?.replace(/\s+/g, "") ?? "", "20.0%10.5to34.8%step100");
    const text = checkPage(page).querySelector("main")!.textContent.replace(/\s+/g, " ");
    assertStringIncludes(text, "22.50 ± 3.54 % (12.3 to 37.5 %)");
    assertStringIncludes(text, "25.0 % (14.2 to 40.2 %)");
    assertStringIncludes(page, "student: 22.5 % (12.3 to 37.5 %) at step 100");
  });
});

Deno.test("report: a run without test images has the figures of its labels", async () => {
  await withFiles({}, async (directory) => {
    const probe = { testError: 0.1, examples: 20 }, folds = { count: 5, student: probe, teacher: probe };
    for (
      const [summary, tile, text] of [
        [
          { probe },
          "error of a linear probe",
          "Estimated error: 10.0 % (2.8 to 30.1 %), by a linear probe",
        ],
        [
          { probe, folds },
          "error by 5-fold cross-validation",
          "5-fold cross-validation, each of 20 labelled images tested once",
        ],
      ] as const
    ) {
      const path = join(directory, tile);
      await writeRun(path, { teacher: null, summary });
      const document = checkPage(pageHtml([untestedRun(await readRun(path), "run-1")]));
      assert(titlesOf(document, ".tiles dt").includes(tile));
      assertStringIncludes(document.querySelector("main")!.textContent.replace(/\s+/g, " "), text);
    }
  });
});

Deno.test("report: with very many records, each point of a line is a mean of several, including the last ones", () => {
  const costs = Array.from(
    { length: 200_001 },
    (_, i) => ({ kind: "costs", step: i + 1, costs: { cost: i }, hyperparameters: {} }) as const,
  );
  const points = pointsOf(costs, "costs", "cost", "cost");
  // Of 251 each: the first 250 are 0 to 250, the last begin at 796 · 251.
  assertEquals([points.length, points[0]!.x, points[0]!.y], [797, 251, 125]);
  assertEquals([points.at(-1)!.x, points.at(-1)!.y], [200_001, (796 * 251 + 200_000) / 2]);
  assertEquals(pointsOf(costs.slice(0, 3), "costs", "cost", "cost").map(({ x, y }) => [x, y]), [[1, 0], [
    2,
    1,
  ], [
    3,
    2,
  ]]);
  assertEquals(pointsOf([], "costs", "cost", "cost"), []);
});

Deno.test("report: the verdict names interval, baseline and chance, and the advice follows from the results", async () => {
  await withFiles({}, async (directory) => {
    const pageOf = async (
      name: string,
      run: MadeUpRun,
      baseline: number | null,
      more: Partial<ReportedRun> = {},
    ) => {
      const path = join(directory, name);
      await writeRun(path, run);
      if (baseline !== null) {
        await writeRun(join(path, "baseline"), {
          ...run,
          teacher: baseline,
          student: 1,
          options: { excludeUnlabeled: true },
        });
      }
      const document = checkPage(pageHtml([{ ...untestedRun(await readRun(path), "run-1"), ...more }]));
      return [".verdict", ".next"].map((each) =>
        document.querySelector(each)!.textContent.replace(/\s+/g, " ").trim()
      );
    };
    assertEquals(
      (await pageOf("helped", { teacher: 0.01 }, 0.04))[0],
      [
        "The teacher misclassifies 1.00 % of 10,000 test images (95 % interval: 0.82 to 1.21 %), ",
        "75 % fewer than a network trained with the 10 labels alone (4.00 %).",
      ].join(""),
    );
    const [chance, measure] = await pageOf("chance", { teacher: 0.2, examples: 40 }, 0.15, {
      isHeldOut: true,
    });
    assertStringIncludes(
      chance!,
      "of 40 held-out images (95 % interval: 10.5 to 34.8 %), 33 % more than a network",
    );
    assertStringIncludes(chance!, "(15.0 %), a difference that may be chance.");
    assertStringIncludes(measure!, "40 held-out images leave the error uncertain by 24 points");
    assertStringIncludes(measure!, "The unlabelled images have not helped measurably");
    const [guessed] = await pageOf("guessed", { teacher: 0.4, examples: 40 }, null, {
      classes: ["cat", "dog"],
    });
    assertStringIncludes(guessed!, ": 26.3 to 55.4 %). That may be no better than guessing among 2 classes.");
    const [stopped, resume] = await pageOf("stopped", { isFinished: false }, null);
    assert(/^At step 100, the teacher misclassifies/.test(stopped!), stopped);
    assert(!resume!.includes("predict"), "an unfinished run has no model");
    assertStringIncludes(resume!, "train again with --baseline");
    const untested = { isFinished: false, teacher: null };
    const [unknown, finish] = await pageOf("unknown", untested, null);
    assert(!finish!.includes("Measure the error"), "an unfinished run may have test images");
    assertEquals(unknown, "The networks have not been tested yet.");
    // The report itself has tested the last checkpoint.
    const { results } = await reported(join(directory, "other"), {}, ["cat", "dog"]);
    const [tested] = await pageOf("tested", untested, null, { results, isHeldOut: true });
    assertMatch(tested!, /^At step \d+, the teacher misclassifies .+ held-out images/);
    const classes = ["cat", "dog"], review = reviewOf("a.png");
    const [, check] = await pageOf("checked", {}, null, { review, classes });
    assertStringIncludes(check!, "Check 1 label");
    const unlearnt = { ...review, contradicted: 5 };
    const [, trust] = await pageOf("unlearnt", {}, null, { review: unlearnt, classes });
    assert(!trust!.includes("Check 1 label"), "features that contradict most labels judge none");
    assertStringIncludes(suspectsHtml(unlearnt, classes, "run").text, "little about the labels");
    const [none, label] = await pageOf("none", { teacher: null }, null);
    assertEquals(none, "The error is unknown: there were no labelled test images.");
    assertStringIncludes(label!, "Measure the error: label more pictures");
    const falling = { more: [{ kind: "evaluation", step: 100, ...bothErrors(0.001) }] };
    assertStringIncludes(
      (await pageOf("falling", falling, null))[1]!,
      "Train longer: the error was still falling",
    );
  });
});

/** Returns the fields of an evaluation of both networks. */
function bothErrors(testError: number) {
  const errors = { testError, examples: 10_000, testCost: 0.1 };
  return { epoch: 1, seconds: 60, student: errors, teacher: errors };
}

Deno.test("report: the surest pictures are of each predicted class in turn, the least sure ones of any", () => {
  const guesses = [[0.9, 0.1], [0.97, 0.03], [0.3, 0.7], [0.99, 0.01], [0.45, 0.55]]
    .map((probabilities, index) => ({ index, ...guessOf(probabilities) }));
  assertEquals(surestOf(guesses, 4).map(({ index }) => index), [3, 2, 1, 4]);
  assertEquals(leastSureOf(guesses, 2).map(({ index }) => index), [4, 2]);
  assertEquals(guessOf([1]), { prediction: 0, probability: 1, second: null });
  assertEquals(guessOf([0.2, 0.2, 0.6]).second, { prediction: 0, probability: 0.2 });
});

Deno.test("report: many classes have a list of confusions instead of the matrix", async () => {
  await withFiles({}, async (directory) => {
    const classes = Array.from({ length: 21 }, (_, i) => `class ${i}`);
    const document = checkPage(pageHtml([await reported(join(directory, "run"), {}, classes)]));
    assertEquals(document.querySelector(".confusion"), null);
    const [list] = document.querySelectorAll(".confusions table");
    assertEquals([...list!.querySelectorAll("tbody th, tbody td")].map((cell) => cell.textContent), [
      "class 1",
      "class 0",
      "1",
      "25.0 %",
    ]);
  });
});

Deno.test("report: several runs are compared, with their baselines and the curve over labels", async () => {
  await withFiles({}, async (directory) => {
    for (const count of [2, 4]) {
      for (const seed of [1, 2]) {
        const run = { labels: { a: count, b: count }, teacher: 0.2 / count + seed / 100 };
        const path = join(directory, `labels-${count}`, `seed-${seed}`);
        await writeRun(path, { ...run, options: { seed } });
        const baseline = {
          ...run,
          student: 0.9,
          teacher: 0.8 / count,
          options: { seed, excludeUnlabeled: true },
        };
        await writeRun(join(path, "baseline"), baseline);
      }
    }
    await writeRun(join(directory, "other", "seed-1"), { dataset: "cifar10", labels: { a: 1 } });
    const records = await readRuns([directory]);
    const runs = records.map((record, i) => untestedRun(record, `run-${i + 1}`));
    const tiles = titlesOf(checkPage(pageHtml(runs.slice(0, 1))), ".tiles dd").map((text) =>
      text.replace(/\s+/g, " ")
    );
    assertEquals(tiles.slice(0, 3), [
      "11.00 %step 100",
      "3.00 %step 100",
      "40.00 %29.00 points above the teacher",
    ]);
    const document = checkPage(pageHtml(runs));
    assertEquals(document.querySelectorAll("details.run").length, 5);
    assertEquals(titlesOf(document, "#overview ~ .charts figcaption b"), [
      "Test error by number of labels, mnist",
      "Test error, mnist",
      "Test error by number of labels, cifar10",
      "Test error, cifar10",
    ]);
    const groups = [...document.querySelectorAll("table")].find((table) =>
      table.textContent.includes("mean test error ± standard deviation")
    )!;
    const rows = [...groups.querySelectorAll("tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent.trim())
    );
    assertEquals(rows, [
      ["cifar10", "1", "Mean Teacher", "1", "3.00 %", "2.00 %", "–"],
      ["mnist", "4", "Mean Teacher", "2", "3.00 ± 0.00 %", "11.50 ± 0.71 %", "29 %"],
      ["mnist", "4", "Supervised training", "2", "90.00 ± 0.00 %", "40.00 ± 0.00 %", "–"],
      ["mnist", "8", "Mean Teacher", "2", "3.00 ± 0.00 %", "6.50 ± 0.71 %", "33 %"],
      ["mnist", "8", "Supervised training", "2", "90.00 ± 0.00 %", "20.00 ± 0.00 %", "–"],
    ]);
    const [table] = document.querySelectorAll("#overview ~ .scroll table");
    const [first] = [...table!.querySelectorAll("tbody tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent.trim())
    );
    assertEquals(first, ["labels-2/seed-1", "11.00 %", "3.00 %", "40.00 %", "mnist", "4", "1"]);
    assertMatch(
      table!.querySelector("caption")!.textContent,
      /\. The same for all runs: method Mean Teacher, steps 100, state finished\.$/,
    );
  });
});

Deno.test("report: facts about a run are no options; without test images there are no errors of networks", async () => {
  await withFiles({}, async (directory) => {
    const names = ["one", "two"];
    for (const [i, name] of names.entries()) {
      const path = join(directory, name);
      await writeRun(path, { teacher: null, options: { seed: i, steps: 100 + i } });
      const config = JSON.parse(await Deno.readTextFile(join(path, "config.json")));
      // As runs write it since facts have a place of their own.
      const about = { given: { steps: 100 + i }, files: `digest-${i}`, dataset: "mnist" };
      await Deno.writeTextFile(
        join(path, "config.json"),
        JSON.stringify({ $schema: "x", ...config, data: `/photos/${name}`, about }),
      );
    }
    const runs = (await readRuns([directory])).map((record, i) => untestedRun(record, `run-${i + 1}`));
    const [differences] = [...checkPage(pageHtml(runs)).querySelectorAll("table")].filter((table) =>
      table.textContent.includes("Options that differ")
    );
    const cells = (selector: string) =>
      [...differences!.querySelectorAll(selector)].map((row) =>
        [...row.children].map((cell) => cell.textContent.trim())
      );
    assertEquals(cells("thead tr"), [["option", "one", "two"]]);
    assertEquals(cells("tbody tr"), [["--steps", "100", "101"], ["--data", "/photos/one", "/photos/two"]]);
    const page = checkPage(pageHtml(runs.slice(0, 1)));
    assertEquals(titlesOf(page, ".tiles dt"), ["labels", "steps"]);
    await writeRun(join(directory, "three"), {
      teacher: null,
      summary: {
        folds: {
          count: 3,
          student: { testError: 0.25, examples: 40 },
          teacher: { testError: 0.2, examples: 40 },
        },
      },
    });
    const overview = checkPage(
      pageHtml((await readRuns([directory])).map((record, i) => untestedRun(record, `run-${i + 1}`))),
    );
    const errors = [...overview.querySelectorAll("#overview ~ .scroll tbody tr")].slice(0, 3).map((row) =>
      row.children[1]!.textContent.replace(/\s+/g, " ").trim()
    );
    assertEquals(errors, ["–", "20.0 % (10.5 to 34.8 %) 3 folds", "–"]);
    const options = titlesOf(page, "tbody th code");
    assert(options.includes("--data") && options.includes("--ema-decay"), `${options}`);
    assert(
      options.every((name) => name.startsWith("--")),
      `${options.filter((name) => !name.startsWith("--"))}`,
    );
  });
});
