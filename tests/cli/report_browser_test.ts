/** Pages of reports in a browser: names never overlap, nothing is wider than the page, axe-core finds no serious fault. */
import { join } from "node:path";
import { pageHtml } from "../../cli/report/page.ts";
import { assertEquals } from "../assert.ts";
import { findChromium, inspectPages } from "../chromium.ts";
import { withFiles } from "../data/fixtures.ts";
import { reported } from "./made_up_report.ts";

const chromium = await findChromium();

/** Class names that are too long for any chart: with blanks, without them, of wide letters, and from right to left. */
function longNames(count: number): string[] {
  const names = [
    "Ankle boots for the winter, with a zip and laces",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "編み込みの上履きと冬の長い外套の種類",
    "قميص قطني بأكمام طويلة ومطبوعات ملونة للأطفال",
  ];
  return Array.from({ length: count }, (_, i) => `${names[i % names.length]} ${i}`);
}

Deno.test({
  name: "report: ten long class names and a hundred fit their charts, at 1200 and 400 pixels",
  ignore: chromium === null,
  fn: async () => {
    await withFiles({}, async (directory) => {
      const files: string[] = [];
      for (const count of [2, 10, 100]) {
        const classes = count === 2 ? ["0", "1"] : longNames(count);
        const shares = classes.map((_, i) => (i + 1) / (count * (count + 1) / 2));
        const diagnostics = {
          ...{
            kind: "diagnostics",
            step: 100,
            agreement: 0.9,
            warnings: [{ code: "same-view", message: "…" }],
          },
          ...{ teacherClasses: shares, labelClasses: shares.map(() => 1 / count) },
        };
        const run = await reported(join(directory, `run-${count}`), { more: [diagnostics] }, classes);
        files.push(join(directory, `${count}.html`));
        await Deno.writeTextFile(files.at(-1) ?? "", pageHtml([run]));
      }
      assertEquals(await inspectPages(chromium ?? "", ...files), []);
    });
  },
});
