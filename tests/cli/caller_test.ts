/** Paths of arguments start where the user is, however a command is started. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { assertEnded, commandOf, inFolder, namesIn, run } from "./command.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const labels = ["--dataset=mnist", "--labels-per-class=1", "--data-dir=data"];

Deno.test("paths: tasks, the launcher and programs read and write where the user is", async () => {
  await inFolder(async (directory) => {
    await Deno.mkdir(join(directory, "in ner"));
    const starts: readonly (readonly string[])[] = [
      commandOf("labels"),
      [Deno.execPath(), "task", "--quiet", "--config", join(root, "deno.json"), "labels"],
      ...(Deno.build.os === "windows" ? [] : [[join(root, "run"), "labels"]]),
    ];

    for (const [i, start] of starts.entries()) {
      const args = [...start, ...labels, `--output=in ner/${i}.txt`];
      assertEnded(await run(["env", "-u", "INIT_CWD", `DENO=${Deno.execPath()}`, ...args], directory), 0);
      assertEquals(namesIn(join(directory, "in ner")).at(-1), `${i}.txt`);
    }
    const below = await run(
      ["env", "-u", "INIT_CWD", ...starts[1]!, ...labels.slice(0, 2), "--data-dir=../data", "--output=3.txt"],
      join(directory, "in ner"),
    );
    assertEnded(below, 0);
    assertEquals(namesIn(join(directory, "in ner")), ["0.txt", "1.txt", "2.txt", "3.txt"]);
  });
});

Deno.test("paths: the caller's folder is ignored outside the project's folder", async () => {
  await inFolder(async (directory) => {
    // As where a script of another project, started as a task from elsewhere, goes to its own folder.
    const other = await run(
      ["env", `INIT_CWD=${join(directory, "data")}`, ...commandOf("labels"), ...labels, "--output=a.txt"],
      directory,
    );
    assertEnded(other, 0);
    assertEquals(namesIn(directory), ["a.txt", "data"]);
    const refused = await run([...commandOf("labels"), ...labels, "--output=a.txt"], directory);
    assertEnded(refused, 1);
    assertStringIncludes(refused.stderr, "a.txt");
  });
});
