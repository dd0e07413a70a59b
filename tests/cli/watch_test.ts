/** Pictures that arrive in folders: half-written files, renames, deletions, new folders, and the command. */
import { join } from "node:path";
import { arrivingPictures } from "../../cli/pictures/arriving_pictures.ts";
import { writeModel } from "../../nn/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { assertEnded, commandOf, namesIn, run } from "./command.ts";

const content = new TextEncoder().encode("a picture");

/** Collects what arrives in a folder while `change` changes it; `next` waits for the next arrival. */
async function watched(
  directory: string,
  change: (next: () => Promise<string[]>, at: (name: string) => string) => Promise<void>,
  searchInterval = 60_000,
): Promise<void> {
  const controller = new AbortController(), at = (name: string) => join(directory, name);
  const options = { signal: controller.signal, quietTime: 40, searchInterval };
  const isExcluded = (path: string) => path.startsWith(at("sorted"));
  const arrivals = arrivingPictures([directory], { ...options, isExcluded });
  await change(async () => {
    const { value, done } = await arrivals.next();
    assert(!done);
    return value.files.map((file: string) => file.slice(directory.length + 1));
  }, at);
  controller.abort();
  assertEquals((await arrivals.next()).done, true);
}

/** A file that was written long ago, as those that are moved. */
async function writeOld(path: string): Promise<void> {
  await Deno.writeFile(path, content);
  await Deno.utime(path, 1e9, 1e9);
}

Deno.test("watch: pictures that are there come first, then new ones once, in new folders too", async () => {
  await withFiles({ "a.png": content, "notes.txt": content, "sorted/x.png": content }, async (directory) => {
    await watched(directory, async (next, at) => {
      assertEquals(await next(), ["a.png"]);
      await Deno.writeFile(at("b.jpg"), content);
      await Deno.writeFile(at("b.txt"), content);
      await Deno.writeFile(at(".hidden.png"), content);
      await Deno.writeFile(at("sorted/y.png"), content);
      assertEquals(await next(), ["b.jpg"]);
      await Deno.mkdir(at("new/deep"), { recursive: true });
      await Deno.writeFile(at("new/deep/c.png"), content);
      assertEquals(await next(), ["new/deep/c.png"]);
      // Reading a file, its permissions and its other names are no arrivals.
      await Deno.readFile(at("a.png"));
      await Deno.chmod(at("a.png"), 0o600);
      await Deno.writeFile(at("d.png"), content);
      assertEquals(await next(), ["d.png"]);
    });
  });
});

Deno.test("watch: a file that is being written arrives when it is complete; when it changes, it arrives again", async () => {
  await withFiles({}, async (directory) => {
    await watched(directory, async (next, at) => {
      const file = await Deno.open(at("slow.png"), { write: true, createNew: true });
      const arrival = next();
      let isWritten = false;
      for (let part = 0; part < 8; part++) {
        await file.write(content);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      isWritten = true;
      file.close();
      assertEquals(await arrival.then((files) => [...files, isWritten]), ["slow.png", true]);
      await Deno.writeFile(at("slow.png"), content, { append: true });
      assertEquals(await next(), ["slow.png"]);
    });
  });
});

Deno.test("watch: renamed files and folders arrive under their new names, deleted ones never, restored ones again", async () => {
  await withFiles({ "a.png": content, "folder/b.png": content }, async (directory) => {
    await watched(directory, async (next, at) => {
      assertEquals((await next()).sort(), ["a.png", "folder/b.png"]);
      await Deno.writeFile(at("upload.part"), content);
      await Deno.rename(at("upload.part"), at("upload.png"));
      assertEquals(await next(), ["upload.png"]);
      await Deno.rename(at("folder"), at("other"));
      assertEquals(await next(), ["other/b.png"]);
      await Deno.writeFile(at("gone.png"), content);
      await Deno.remove(at("gone.png"));
      await Deno.remove(at("a.png"));
      await Deno.writeFile(at("c.png"), content);
      assertEquals(await next(), ["c.png"]);
      await writeOld(at("a.png"));
      assertEquals(await next(), ["a.png"]);
    });
  });
});

Deno.test("watch: a file that changes while it is read is told apart; a folder that is deleted is an error", async () => {
  await withFiles({ "in/a.png": content }, async (directory) => {
    const controller = new AbortController(), path = join(directory, "in/a.png");
    const options = { signal: controller.signal, quietTime: 20, searchInterval: 100 };
    const arrivals = arrivingPictures([join(directory, "in")], options);
    const { value } = await arrivals.next();
    assert(value?.isUnchanged(path));
    await Deno.writeFile(path, content, { append: true });
    assert(!value.isUnchanged(path));
    assertEquals((await arrivals.next()).value?.files, [path]);
    await Deno.remove(join(directory, "in"), { recursive: true });
    await assertRejects(() => arrivals.next(), RangeError, "Cannot watch");
  });
});

gpuTest("watch: predict --watch classifies and sorts what arrives, and ends with Ctrl-C", async () => {
  const whole = png(9, 9, (x, y) => x * 20 + y);
  const model = writeModel(madeUpModel("convnet_small", { imageShape: [1, 8, 8], classes: ["a", "b"] }));
  const files = { "in/0.png": whole, "in/1.png": whole.subarray(0, 40), "m.safetensors": model };
  await withFiles(files, async (directory) => {
    const seen: string[] = [], at = (name: string) => join(directory, name);
    const args = ["m.safetensors", "in", "--watch", "--sort-into=in/sorted", "--json"];
    const ending = await run([...commandOf("predict"), ...args], directory, async (line, kill) => {
      const { file = "" } = JSON.parse(line);
      seen.push(file);
      if (seen.length === 1) await Deno.writeFile(at("in/2.png"), whole);
      if (file === "in/2.png") await Deno.writeFile(at("in/1.png"), whole);
      if (seen.length === 3) kill("SIGINT");
    });
    assertEnded(ending, 0);
    assertEquals(seen, ["in/0.png", "in/2.png", "in/1.png", ""]);
    assertStringIncludes(ending.stderr, "Watching in; Ctrl-C ends");
    assertMatch(ending.stderr, /in\/1\.png \(.+\); files that change are tried again/);
    assertStringIncludes(ending.stderr, "3 of 3 images classified by the network");
    const [folder = ""] = namesIn(at("in/sorted")).filter((name) => name !== ".sorted");
    assertEquals(namesIn(at(`in/sorted/${folder}`)), ["0.png", "1.png", "2.png"]);
    for (
      const [args, message] of [
        [["in/0.png", "--watch"], "Cannot watch in/0.png: it must be a folder"],
        [["nowhere", "--watch"], "Cannot watch nowhere: it must be a folder"],
        [["in", "--watch", "--output=p.json"], "a JSON array needs an end"],
      ] as const
    ) {
      const refused = await run([...commandOf("predict"), "m.safetensors", ...args], directory);
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, message);
    }
  });
});
