/** The launch files in examples/launch. */
import { experimentCommand } from "../cli/experiment.ts";
import { assert, assertEquals } from "./assert.ts";

const folder = new URL("../examples/launch/", import.meta.url);

Deno.test("launch files: their commands are valid, and so are the scripts", async () => {
  let count = 0;
  for await (const { name } of Deno.readDir(folder)) {
    const text = (await Deno.readTextFile(new URL(name, folder))).replaceAll(/\\?\n\s*/g, " ");
    const [, command = ""] = /cli\/experiment\.ts (.*?)(?:"\$@"|resources:)/.exec(text) ?? [];
    const args = command.trim().replaceAll("$JOB_COMPLETION_INDEX", "0").replaceAll("{}", "0").split(/\s+/);
    const { options } = experimentCommand.parse(args);
    assertEquals([options.preset?.length, options.seeds?.length], [2, 3], name);
    if (name.endsWith(".sh")) {
      const { success } = await new Deno.Command("sh", { args: ["-n", name], cwd: folder }).output();
      assert(success, name);
    }
    count++;
  }
  assertEquals(count, 4);
});

Deno.test("launch files: the Job is valid by the schema of Kubernetes", async () => {
  // In a process of its own, so that the schema's packages stay out of deno.lock.
  const program = `
    import { Job } from "npm:kubernetes-models@4.5.1/batch/v1/Job";
    import { parse } from "npm:yaml@2.9.1";
    const [file, wrong] = Deno.args, text = Deno.readTextFileSync(file);
    new Job(parse(wrong ? text.replace("Indexed", "[]") : text)).validate();
  `;
  const validate = async (...wrong: readonly string[]) => {
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(path, program);
      const file = new URL("kubernetes.yaml", folder).pathname;
      const args = ["run", "-A", "--no-lock", "--no-check", path, file, ...wrong];
      return await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    } finally {
      await Deno.remove(path);
    }
  };
  const [valid, invalid] = await Promise.all([validate(), validate("wrong")]);
  assert(valid.success, new TextDecoder().decode(valid.stderr));
  assert(!invalid.success);
});
