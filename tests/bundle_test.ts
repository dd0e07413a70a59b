/** The script for browsers with its declarations, and the package, as their users get them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "./assert.ts";
import { withFiles } from "./data/fixtures.ts";
import config from "../deno.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
const typescript = "npm:typescript@6.0.3/tsc";

/** Runs Deno and returns what it printed. Fails if Deno fails. */
async function deno(cwd: string, ...args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  return text;
}

const program = `
import { Device, evaluate, Trainer, type TrainingData, variable } from "../mean_teacher/browser.js";

export async function trainOn(data: TrainingData): Promise<number[]> {
  const device = await Device.request({ gpu: navigator.gpu });
  console.log(device.gpu.limits.maxBufferSize, await evaluate(device, variable([1], [1])));
  const trainer = await Trainer.create(device, data, { epochs: 1 });
  const errors: number[] = [];
  for await (const record of trainer.run()) if (record.kind === "evaluation") errors.push(record.step);
  return errors;
}
// @ts-expect-error: there is no such option.
export const wrong = (device: Device, data: TrainingData) => Trainer.create(device, data, { epoch: 1 });
`;

const settings = {
  compilerOptions: {
    strict: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "esnext.disposable", "dom"],
    noEmit: true,
    skipLibCheck: false,
  },
  include: ["src"],
};

Deno.test("bundle: a TypeScript project for browsers is checked with the declarations of the script", async () => {
  const bytes = new TextEncoder();
  const files = {
    "src/main.ts": bytes.encode(program),
    "tsconfig.json": bytes.encode(JSON.stringify(settings)),
  };
  await withFiles(files, async (directory) => {
    const target = join(directory, "mean_teacher").replaceAll("\\", "/");
    const task = config.tasks.bundle.replaceAll(/\bdist\b/g, target);
    assert(task !== config.tasks.bundle);
    await deno(root, "task", "--eval", task);
    assert((await Deno.stat(join(target, "browser.js"))).size > 100_000);
    await deno(directory, "run", "-A", "--no-lock", typescript, "-p", ".");
  });
});

Deno.test("publish: the package has no slow types, and no tests or benchmarks", async () => {
  // Slow types would make the command fail.
  const text = await deno(root, "publish", "--dry-run", "--allow-dirty", "--no-check");
  const paths = [...text.matchAll(/file:\S+/g)].map(([url]) =>
    url.slice(new URL("..", import.meta.url).href.length)
  );
  assert(paths.includes("mod.ts") && paths.includes("kernels/ops/matmul/matmul.wgsl"), text);
  assertEquals(paths.filter((path) => /^(tests|bench|examples)\//.test(path)), []);
});
