/** A program elsewhere imports the project by URL, without its deno.json, and trains. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "./assert.ts";
import { png, withFiles } from "./data/fixtures.ts";
import { gpuTest } from "./kernels/device.ts";

const root = new URL("..", import.meta.url);

const types: Readonly<Record<string, string>> = {
  ".ts": "application/typescript",
  ".wgsl": "text/plain",
  ".json": "application/json",
};

/** A static server of the project's files. */
function serveProject(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const type = types[extname(pathname)];
    if (!type) return new Response(null, { status: 404 });
    try {
      const text = await Deno.readFile(fileURLToPath(new URL(`.${pathname}`, root)));
      return new Response(text, { headers: { "content-type": `${type}; charset=utf-8` } });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}

/** Trains on dark and bright images, and says what came of it. */
const program = (address: string) => `
import { Device, Trainer, type TrainingData, type TrainingRecord } from "${address}/mod.ts";

const labels = Int32Array.from({ length: 60 }, (_, i) => i % 2);
const images = Uint8Array.from({ length: 60 * 64 }, (_, i) => 60 + 120 * labels[Math.floor(i / 64)]! + i % 7);
const test = { images, labels, imageShape: [1, 8, 8] as const };
const data: TrainingData = {
  train: { ...test, labels: labels.map((label, i) => i < 20 ? label : -1) },
  test,
  classes: ["dark", "bright"],
  channelStatistics: { mean: [0.5], standardDeviation: [0.25], source: "made up" },
};
using device = await Device.request();
using trainer = await Trainer.create(device, data, { batchSize: 20, labeledBatchSize: 10, maxSteps: 3, evaluationEpochs: 0 });
const kinds: TrainingRecord["kind"][] = [];
let error = NaN;
for await (const record of trainer.run()) {
  kinds.push(record.kind);
  if (record.kind === "evaluation") error = record.teacher.testError;
}
console.log(JSON.stringify({ step: trainer.step, kinds, isShare: error >= 0 && error <= 1 }));
`;

/** Decodes images in workers, from files. */
const folderProgram = (address: string) => `
import { findDataset, readImages } from "${address}/mod.ts";

const { train } = await findDataset("folder").load({ dataDirectory: "pictures", memoryLimit: 1 });
const { images, labels } = await readImages(train, { indices: Int32Array.of(1, 0) });
console.log(JSON.stringify({ bytes: [...images].slice(0, 6), labels: [...labels] }));
`;

/** Runs Deno in a folder. */
async function deno(directory: string, ...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

gpuTest("import: a program in another folder imports by URL, is checked, and trains", async () => {
  const server = serveProject();
  const address = `http://127.0.0.1:${server.addr.port}`;
  const files = { "deno.json": "{}", "program.ts": program(address) };
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]);
  try {
    await withFiles(Object.fromEntries(bytes), async (directory) => {
      const checked = await deno(
        directory,
        "check",
        "--allow-import",
        "--no-lock",
        `--reload=${address}`,
        "program.ts",
      );
      assertEquals(checked.code, 0, checked.stderr);
      const trained = await deno(directory, "run", "-A", "--no-lock", `--reload=${address}`, "program.ts");
      assertEquals(
        trained.stdout,
        '{"step":3,"kinds":["diagnostics","evaluation","checkpoint"],"isShare":true}\n',
        trained.stderr,
      );
      // 134: Deno with WebGPU now and then aborts when all its work is done.
      assert([0, 134].includes(trained.code), `It ended with ${trained.code}:\n${trained.stderr}`);
      assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), Object.keys(files));
    });
  } finally {
    await server.shutdown();
  }
});

Deno.test("import: a program in another folder imports by path and is checked without this project's settings", async () => {
  const files = { "deno.json": "{}", "program.ts": program(root.href.replace(/\/$/, "")) };
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]);
  await withFiles(Object.fromEntries(bytes), async (directory) => {
    const { code, stderr } = await deno(directory, "check", "--no-lock", "program.ts");
    assertEquals(code, 0, stderr);
  });
});

Deno.test("import: workers that decode images start from the URL too", async () => {
  const server = serveProject();
  const address = `http://127.0.0.1:${server.addr.port}`;
  const pictures = ["train/a/1.png", "train/b/1.png", "val/a/1.png"].map((name, i) =>
    [`pictures/${name}`, png(1, 1, (_x, _y, c) => 10 * i + c)] as const
  );
  const text = new TextEncoder().encode(folderProgram(address));
  try {
    await withFiles({
      ...Object.fromEntries(pictures),
      "deno.json": new Uint8Array([123, 125]),
      "program.ts": text,
    }, async (directory) => {
      const { code, stdout, stderr } = await deno(
        directory,
        "run",
        "-A",
        "--no-lock",
        `--reload=${address}`,
        "program.ts",
      );
      assertEquals(stdout, '{"bytes":[10,11,12,0,1,2],"labels":[1,0]}\n', stderr);
      assertEquals(code, 0, stderr);
    });
  } finally {
    await server.shutdown();
  }
});
