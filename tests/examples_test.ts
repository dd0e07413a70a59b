/** The programs in examples/, each run as it stands, on a made-up MNIST of 160 images. */
import { join } from "node:path";
import { loadModel, modelOf, Trainer, writeModel } from "../mod.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { png, withFiles } from "./data/fixtures.ts";
import { gpuTest } from "./kernels/device.ts";
import { findDataset } from "./tiny_mnist.ts";

const folder = new URL("../examples/", import.meta.url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".ts"))
  .sort();

/** Returns a program that imports `library` instead of "../mod.ts". */
async function textOf(
  name: string,
  library = new URL("tiny_mnist.ts", import.meta.url).href,
): Promise<string> {
  const text = await Deno.readTextFile(new URL(name, folder));
  assertEquals(text.split(`"../mod.ts"`).length, 2, `${name} imports ../mod.ts once`);
  return text.replace(`"../mod.ts"`, JSON.stringify(library));
}

/** Starts a program in a process of its own. */
async function start(
  name: string,
  directory: string,
  ...args: readonly string[]
): Promise<Deno.ChildProcess> {
  await Deno.writeTextFile(join(directory, name), await textOf(name));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", join(directory, name), ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a program and returns what it printed. */
async function outputOf(name: string): Promise<string> {
  let text = "";
  await withFiles({}, async (directory) => {
    const { code, stdout, stderr } = await (await start(name, directory)).output();
    const decoder = new TextDecoder();
    // 134: Deno with WebGPU now and then aborts when all its work is done.
    assert([0, 134].includes(code), `${name} ended with ${code}: ${decoder.decode(stderr)}`);
    text = decoder.decode(stdout);
  });
  return text;
}

/** Output of each program, at the end or before. */
const outputs: Readonly<Record<string, RegExp>> = {
  "own_consistency_cost.ts": /^epoch 2: error [\d.]+\n$/m,
  "own_method.ts": /^epoch 2: error [\d.]+\n$/m,
  "own_network.ts": /^features\.3\.branch\.0 +Conv2d .*^epoch 2: error [\d.]+\n$/ms,
  "own_source.ts": /^epoch 8: error 0(\.[01]\d*)?\n$/m,
  "train_by_url.ts": /^epoch 2: error [\d.]+\n$/m,
  "training_curve.ts": /^ {2}teacher █*·* [\d.]+ %\n$/m,
};

Deno.test("examples: each begins with three lines on what it shows and how to run it, and has a test", async () => {
  assertEquals(names, [...Object.keys(outputs), "predict_server.ts"].sort());
  for (const name of names) {
    const lines = (await Deno.readTextFile(new URL(name, folder))).split("\n");
    assert(lines.slice(0, 3).every((line) => /^\/\/ \S.+[^:]$/.test(line)), name);
    assert(!lines[3]?.startsWith("//"), name);
    assertStringIncludes(lines[2] ?? "", `deno run -A examples/${name}`);
  }
});

for (const [name, output] of Object.entries(outputs)) {
  gpuTest(`examples: ${name} runs as it stands`, async () => {
    const text = await outputOf(name);
    assert(output.test(text), text);
  });
}

gpuTest(
  "examples: predict_server.ts answers with class and probability, or with the reason why not",
  async (device) => {
    const { train, test, classes } = await findDataset("mnist").load();
    using trainer = await Trainer.create(device, { train, test, classes }, {
      excludeUnlabeled: true,
      maxSteps: 1,
      evaluationEpochs: 0,
    });
    const file = writeModel(modelOf(await trainer.checkpoint()));
    using model = await loadModel(file, { device });
    assertEquals(model.description.classes, classes);
    await withFiles({ "model.safetensors": file }, async (directory) => {
      const server = await start("predict_server.ts", directory, join(directory, "model.safetensors"), "0");
      try {
        const address = await addressOf(server);
        const post = (body: Uint8Array<ArrayBuffer>) => fetch(address, { method: "POST", body });
        const answer = await (await post(new Uint8Array(png(28, 28, () => 90)))).json();
        assert(classes.includes(answer.class) && answer.probability > 0, JSON.stringify(answer));
        const refused = await post(new Uint8Array([1, 2, 3]));
        assertEquals(refused.status, 400);
        assertStringIncludes((await refused.json()).error, "Cannot decode the image");
        assertEquals((await fetch(address)).status, 405);
      } finally {
        server.kill();
        await server.status;
      }
    });
  },
);

/** Reads the address that a server prints, and discards the rest of its output. */
async function addressOf({ stdout, stderr }: Deno.ChildProcess): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  void stdout.pipeTo(new WritableStream());
  let text = "", address: string | undefined;
  while (!address) {
    const { done, value = "" } = await reader.read();
    assert(!done, `The server ended: ${text}`);
    text += value;
    address = /http:\/\/\S+:\d+/.exec(text)?.[0].replace("0.0.0.0", "127.0.0.1");
  }
  reader.releaseLock();
  return address;
}
