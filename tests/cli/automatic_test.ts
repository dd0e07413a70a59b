/** `--resume auto`, and `--resume` of a folder: one command starts a run and continues it after every interruption. */
import { join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, type Ending, inFolder, jsonIn, linesIn, namesIn, short } from "./command.ts";
import { callOn } from "./in_process.ts";

const part = "log.jsonl.0b9f6e0e-6c52-4b9d-9f5e-1f5b4d0c8a11.part";

gpuTest(
  "resume auto: whatever a killed process left, the same command ends with the same weights",
  async (device) => {
    await inFolder(async (directory) => {
      const at = (...names: string[]) => join(directory, ...names), call = callOn(device);
      const command = (name: string): readonly string[] => [
        `--data-dir=${at("data")}`,
        ...short.slice(1),
        "--steps=8",
        "--evaluation-epochs=0",
        "--checkpoint-epochs=2steps",
        "--keep-checkpoints=3",
        `--output=${at(name)}`,
        "--resume=auto",
      ];
      const run = async (args: readonly string[], code = 0): Promise<Ending> => {
        const ending = await call("train", ...args);
        assertEnded(ending, code);
        return ending;
      };
      const weights = async (name: string) => await Deno.readFile(at(name, "final.safetensors"));
      await run(command("whole"));
      const whole = await weights("whole"), files = namesIn(at("whole"));
      assertEquals(files, [
        "checkpoint-000002.safetensors",
        "checkpoint-000004.safetensors",
        "checkpoint-000006.safetensors",
        "config.json",
        "final.safetensors",
        "labels.txt",
        "log.jsonl",
        "model.safetensors",
        "summary.json",
      ]);
      /** Copies the run as a process leaves it that is killed before some files are written. */
      const kill = async (name: string, missing: RegExp) => {
        await Deno.mkdir(at(name));
        for (const file of files) {
          if (!missing.test(file)) await Deno.copyFile(at("whole", file), at(name, file));
        }
        await Deno.writeTextFile(at(name, part), "{");
        await Deno.writeTextFile(at(name, "run.lock"), '{"process":');
      };

      await kill("late", /^final|-000006/);
      await run(command("late"));
      assertEquals(await weights("late"), whole);
      assertEquals(namesIn(at("late")), files);
      const steps = (await linesIn(at("late"), "log.jsonl")).map((line) => JSON.parse(line))
        .flatMap(({ kind, step }) => kind === "start" ? [step] : []);
      assertEquals(steps, [0, 4]);
      const again = await run(command("late"));
      assertMatch(again.stderr, /^The run in \S+late is finished\.\n$/);

      // The newest whole checkpoint counts; --resume of the folder finds it too.
      await kill("damaged", /^(final|model|summary)/);
      await Deno.writeTextFile(at("damaged", "checkpoint-000006.safetensors"), "{");
      const warned = await run([`--resume=${at("damaged")}`]);
      assertMatch(
        warned.stderr,
        /^Cannot resume from \S+-000006\.safetensors: it is not a complete checkpoint /,
      );
      assertEquals(await weights("damaged"), whole);

      // Before the first checkpoint the run starts again, even with other options.
      await kill("early", /safetensors|^summary/);
      const refused = await run([`--resume=${at("early")}`], 1);
      assertMatch(
        refused.stderr,
        /the folder has no checkpoint\. To start the run again, repeat its command with/,
      );
      await run([...command("early"), "--steps=9"]);
      await kill("earlier", /^(?!never)/);
      await run(command("earlier"));
      assertEquals([await weights("earlier"), namesIn(at("earlier"))], [whole, files]);
      assertEquals((await jsonIn(at("early"), "summary.json")).steps, 9);
      assertEquals(
        (await linesIn(at("early"), "log.jsonl")).filter((line) => line.includes('"start"')).length,
        1,
      );
      await kill("foreign", /safetensors/);
      await Deno.writeTextFile(at("foreign", "notes.txt"), "");
      assertStringIncludes((await run(command("foreign"), 1)).stderr, "the folder also holds notes.txt.");

      // Other options are refused, of a finished run other lengths too.
      await kill("other", /^final/);
      const other = await run([...command("other"), "--lr=1"], 1);
      assertStringIncludes(
        other.stderr,
        "it was started without --lr, but the command has 1. Set another --output.",
      );
      const longer = await run([...command("whole"), "--steps=9"], 1);
      assertMatch(
        longer.stderr,
        /was started with --steps 8, but the command has 9\. To make it longer, use --resume /,
      );
      await run([
        `--resume=${at("whole")}`,
        "--steps=9",
        `--output=${at("longer")}`,
        "--quiet",
        "--max-steps=8",
      ]);
      assertEquals(
        (await jsonIn(at("longer"), "config.json")).about.resume,
        at("whole", "final.safetensors"),
      );

      // A run that was resumed into this folder, and killed before it wrote a checkpoint, is resumed again.
      await Deno.mkdir(at("moved"));
      await Deno.writeTextFile(
        at("moved", "config.json"),
        (await Deno.readTextFile(at("longer", "config.json"))).replace("final", "checkpoint-000004"),
      );
      await run([`--output=${at("moved")}`, "--resume=auto"]);
      assertEquals(await weights("moved"), whole);
      assert((await jsonIn(at("moved"), "summary.json")).firstStep === 4);
    });
  },
);
