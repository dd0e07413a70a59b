/** Probable label errors of a run: named in the report, listed by suggest --review, and corrected in the next run. */
import { join } from "node:path";
import { CORRECTED } from "../../data/internal.ts";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { randomWords } from "../kernels/reference.ts";
import { assertEnded } from "./command.ts";
import { callOn } from "./in_process.ts";

const classes = ["bars", "dots", "frame", "slope", "wave"];

/** Draws a picture of a class on noise; names end with the true class, as folders may be wrong. */
function draw(kind: number, seed: number): Uint8Array {
  const next = randomWords(seed), phase = next() % 4;
  return png(12, 12, (x, y) => {
    const shapes = [(y + phase) % 4 < 2, (x + phase) % 3 + y % 3 === 0, Math.min(x, y, 11 - x, 11 - y) === 2];
    const isBright = kind < 3 ? shapes[kind] : kind === 3 ? x > y + phase - 2 : (x + y + phase) % 6 < 2;
    return 40 + next() % 60 + (isBright ? 110 : 0);
  });
}

/** Returns 300 pictures in folders of classes, ten of them in a wrong one, and a copy with a little more light. */
function pictures(): Record<string, Uint8Array> {
  const files = Array.from({ length: 300 }, (_, i) => {
    const kind = i % 5, folder = i < 10 ? classes[(kind + 1 + i % 4) % 5] : classes[kind];
    return [`p/${folder}/${i}-${classes[kind]}.png`, draw(kind, 1000 + i)] as const;
  });
  return Object.fromEntries(files);
}

const trueClass = (name: string) => /-(\w+)\.png$/.exec(name)?.[1] ?? "";
const isWrong = (name: string) => trueClass(name) !== name.split("/")[0];

gpuTest(
  "ten planted wrong labels of 300: eight are among the first 20 named, and a list corrects them",
  async (device) => {
    await withFiles(pictures(), async (directory) => {
      const call = callOn(device), at = (...names: string[]) => join(directory, ...names);
      const short = ["--arch=convnet_small", "--steps=24", "--batch-size=32", "--labeled-batch-size=24"];
      assertEnded(await call("train", at("p"), ...short, `--output=${at("a")}`), 0);

      assertEnded(await call("report", at("a")), 0);
      const page = await Deno.readTextFile(at("a", "report.html"));
      const [, section = ""] = page.split('id="run-1-labels"'), [suspects = ""] = section.split("</ol>");
      const shown = [...suspects.matchAll(/<p class="file" title="([^"]+)"/g)].flatMap(([, name]) =>
        name ?? []
      );
      const found = shown.slice(0, 20).filter(isWrong);
      assert(found.length >= 8, `${found.length} of ${shown}`);
      assertMatch(
        section,
        /Of 300 labelled pictures, the teacher's features contradict \d+ labels, \d+ confidently/,
      );
      assertEnded(await call("report", at("a"), "--review=0", `--output=${at("none.html")}`), 0);
      assert(!(await Deno.readTextFile(at("none.html"))).includes("Labels to check"));

      const ending = await call("suggest", at("a"), "--review");
      assertEnded(ending, 0);
      const review = await Deno.readTextFile(at("a", "review.txt"));
      const [mark, ...lines] = review.trimEnd().split("\n");
      assertEquals([mark, lines.length], [CORRECTED, Math.min(20, shown.length)]);
      assertEquals(lines.map((line) => line.split(" ")[0]), shown.slice(0, 20));
      assert(lines.every((line) => line.split(" ")[1] === line.split("/")[0]));
      assertStringIncludes(await Deno.readTextFile(at("a", "review.html")), "labels to check</h1>");

      // Wrong labels are replaced but for the first, and one label is removed; the next run has all others as before.
      const heldOut = parseLabelList(await Deno.readTextFile(at("a", "held-out.txt")));
      const [overlooked, ...others] = lines;
      const removed = others.find((line) => heldOut.has(line.split(" ")[0] ?? "")) ?? others[0];
      const filled = lines.map((line) => {
        const [name = ""] = line.split(" ");
        if (line === overlooked) return line;
        return line === removed ? `${name} ?` : `${name} ${trueClass(name)}`;
      });
      await Deno.writeTextFile(at("a", "review.txt"), [mark, ...filled, ""].join("\n"));
      const command = ending.stdout.trimEnd().split("\n").at(-1)?.split(" ") ?? [];
      const args = command.slice(command.indexOf("--data"));
      assertEnded(await call("train", ...args, ...short, "--max-steps=1", `--output=${at("b")}`), 0);
      const labels = new Map(
        (await Promise.all(["labels.txt", "held-out.txt"].map((name) => Deno.readTextFile(at("b", name)))))
          .flatMap((text) => [...parseLabelList(text)]),
      );
      assertEquals(labels.size, 299);
      const wrong = [...labels].filter(([name, className]) => className !== trueClass(name));
      const named = lines.filter((line) => isWrong(line.split(" ")[0] ?? ""));
      assertEquals(wrong.length, 10 - named.length + Number(isWrong(overlooked?.split(" ")[0] ?? "")));

      // The next round passes the earlier corrections on.
      const next = await call("suggest", at("b"), "--review", "--count=3");
      assertEnded(next, 0);
      assertMatch(
        next.stdout,
        /--labels \S+labels\.txt,\S+held-out\.txt,\S+a\/review\.txt,\S+b\/review\.txt /,
      );
    });
  },
);
