/** The command that makes reports. */
import { join } from "node:path";
import { parseHTML } from "npm:linkedom@0.18.12";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, commandOf, inFolder, jsonIn, namesIn, run, short, snapshot, train } from "./command.ts";
import { writeRun } from "./made_up_run.ts";

const report = (directory: string, ...args: readonly string[]) =>
  run([...commandOf("report"), ...args], directory);

async function documentIn(...path: string[]) {
  return parseHTML(await Deno.readTextFile(join(...path))).document;
}

Deno.test("report: without weights and images it is made from logs, and replaces only an older report", async () => {
  await inFolder(async (directory) => {
    await writeRun(join(directory, "run"));
    for (let times = 0; times < 2; times++) {
      const ending = await report(directory, "run", "--no-tests");
      assertEnded(ending, 0);
      assertEquals(ending, { ...ending, stdout: "Report on run: run/report.html\n", stderr: "" });
    }
    const document = await documentIn(directory, "run", "report.html");
    assertStringIncludes(document.querySelector("main")!.textContent, "made with --no-tests");
    await Deno.writeTextFile(join(directory, "notes.html"), "my notes");
    const before = snapshot(directory);
    for (
      const [args, message] of [
        [
          ["run", "--output=notes.html"],
          "Cannot write the report to notes.html: the file exists and is not a report",
        ],
        [["run", "--output=run"], "Cannot write the report to run: it is a folder"],
        [["none"], "Cannot read none as a run: no such file or folder"],
        [["data"], "Cannot read data as a run: neither it nor a folder in it has a config.json"],
        [["run", "--mistakes=-1"], "--mistakes must be"],
        [[], "RUN is missing"],
      ] as const
    ) {
      const refused = await report(directory, ...args, "--no-tests");
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, message);
      assert(/^\S[^\n]+\n$/.test(refused.stderr), refused.stderr);
    }
    assertEquals(snapshot(directory), before);
  });
});

gpuTest("report: figures of the test images equal those of the run", async () => {
  await inFolder(async (directory) => {
    assertEnded(await train(directory, [...short, "--output=out", "--max-steps=6"]), 0);
    assertEnded(await report(directory, "out", "--mistakes=5"), 0);
    const { teacher, student } = await jsonIn(directory, "out", "summary.json");
    const document = await documentIn(directory, "out", "report.html");
    const rows = [...document.querySelectorAll(".confusion tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))
    );
    assertEquals(rows.map((row) => row.reduce((sum, count) => sum + count, 0)), new Array(10).fill(6));
    const right = rows.reduce((sum, row, label) => sum + row[label]!, 0);
    assertEquals((60 - right) / 60, teacher.testError);
    assert(teacher.testError > 0.1, "nearly no mistakes to be shown");
    assertEquals(document.querySelector(".pictures.large")!.querySelectorAll("li").length, 5);
    const errors = [...document.querySelectorAll(".tiles dd")].slice(0, 2).map((tile) =>
      parseFloat(tile.textContent)
    );
    assertEquals(errors, [teacher, student].map(({ testError }) => Number((100 * testError).toFixed(1))));

    assertStringIncludes(
      document.querySelector("main")!.textContent,
      "Weights of step 6, on 60 test images.",
    );

    // Of a run that was stopped, the last checkpoint is what is tested.
    await Deno.remove(join(directory, "out", "summary.json"));
    await Deno.rename(
      join(directory, "out", "final.safetensors"),
      join(directory, "out", "checkpoint-000006.safetensors"),
    );
    const stopped = await report(directory, "out", "--output=stopped.html", "--data-dir=data");
    assertEnded(stopped, 0);
    const text = (await documentIn(directory, "stopped.html")).querySelector("main")!.textContent;
    assertStringIncludes(
      text.replace(/\s+/g, " "),
      "Its last checkpoint was tested.",
    );
    assertStringIncludes(
      text.replace(/\s+/g, " "),
      "Weights of step 6, the last checkpoint, on 60 test images.",
    );

    await Deno.rename(join(directory, "data"), join(directory, "elsewhere"));
    const lost = await report(directory, "out", "--output=lost.html");
    assertEnded(lost, 1);
    assert(
      /^Cannot test the run in out: Cannot .*Use --no-tests to report without/.test(
        lost.stderr,
      ),
      lost.stderr,
    );
    await Deno.writeTextFile(join(directory, "out", "checkpoint-000007.safetensors"), "half");
    const damaged = await report(directory, "out", "--output=lost.html");
    assertEnded(damaged, 1);
    assertStringIncludes(damaged.stderr, "out/checkpoint-000007.safetensors");
    assertEquals(namesIn(directory).includes("lost.html"), false);
  });
});
