/** Pages of reports in a browser: names never overlap, nothing is wider than the page, axe-core finds no serious fault. */
import { join } from "node:path";
import { pageHtml } from "../../cli/report/page.ts";
import { assertEquals } from "../assert.ts";
import { findChromium } from "../chromium.ts";
import { withFiles } from "../data/fixtures.ts";
import type { PageFault } from "../inspect_pages.ts";
import { reported } from "./made_up_report.ts";

const chromium = await findChromium();

/** Class names that are too long for any chart, in scripts of both widths. */
function longNames(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      i % 3 === 2
        ? `編み込みの上履きと冬の長い外套の種類 ${i}`
        : `${i} Ankle boots for the winter, with a zip and laces`,
  );
}

async function inspectPages(...files: readonly string[]): Promise<PageFault[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-lock", "--no-check", new URL("../inspect_pages.ts", import.meta.url).pathname],
      ...[chromium ?? "", ...files],
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
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
      assertEquals(await inspectPages(...files), []);
    });
  },
});
