/** Each command with the permissions that its help names, and without each of them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { permissionFlags, type Permissions } from "../../cli/command/permissions.ts";
import { subCommands } from "../../cli/main.ts";
import { missingPermission } from "../../data/internal.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { idxDataset, numbered, png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { type Ending, run } from "./command.ts";

const short = ["--steps=1", "--batch-size=4", "--labeled-batch-size=2", "--arch=convnet_small", "--quiet"];

const experiment = [
  "--preset=mnist-20",
  "--labels-per-class=1",
  "--steps=1",
  "--seeds=1",
  "--data-dir=mnist",
];

/** Arguments of each command, on pictures where it reads some, and the permissions that these arguments need. */
const calls: readonly (readonly [name: string, args: readonly string[], ...needs: (keyof Permissions)[]])[] =
  [
    ["train", ["photos", ...short, "--output=run"], "read", "write", "env", "sys", "ffi"],
    ["predict", ["run", "photos", "--output=a.csv"], "read", "write", "env", "ffi"],
    ["evaluate", ["run", "photos", "--output=a.json"], "read", "write", "env", "ffi"],
    ["label", ["photos", "--output=labelled"], "read", "write", "env", "sys", "net", "ffi"],
    ["suggest", ["run", "--count=2"], "read", "write", "env", "ffi"],
    ["embed", ["run", "photos", "--output=e"], "read", "write", "env", "ffi"],
    ["export", ["run", "--onnx=a.onnx"], "read", "write", "env"],
    ["report", ["run"], "read", "write", "env", "ffi"],
    ["labels", ["--data-dir=mnist", "--labels-per-class=1", "--output=l.txt"], "read", "write", "env"],
    ["networks", [], "env"],
    ["serve", ["run", "--port=0", "--batch-size=1"], "read", "env", "net"],
    ["dashboard", ["run"], "read", "env", "net"],
    ["experiment", [...experiment, ...short.slice(1), "--output=all"], "read", "write", "env", "sys"],
  ];

function call(
  directory: string,
  name: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<Ending> {
  const program = fileURLToPath(new URL(`../../cli/${name}.ts`, import.meta.url));
  // Servers run until they are stopped.
  const stop = (line: string, kill: (signal: Deno.Signal) => void) => {
    if (/^serving |(page|dashboard): http/.test(line)) kill("SIGINT");
  };
  return run([Deno.execPath(), "run", "--no-prompt", ...flags, program, ...args], directory, stop);
}

Deno.test("permissions: Deno's error about a missing one becomes a clause with the flag", () => {
  const message = 'Requires write access to "a b\n.part", run again with the --allow-write flag';
  assertEquals(
    missingPermission(message),
    "permission for write access is missing: add --allow-write",
  );
  assertEquals(missingPermission("Requires patience"), undefined);
});

Deno.test("permissions: each command names its own, and its task has them and no others", async () => {
  for (const [name, { load }] of Object.entries(subCommands)) {
    const { permissions } = await load();
    assert(permissions, `${name} names no permissions`);
    const task = (config.tasks as Record<string, string>)[name] ?? "";
    const flags = (text: string) => [...new Set(text.match(/--allow-[a-z]+/g) ?? [])].sort();
    assertEquals(flags(task), flags(permissionFlags(permissions)), name);
    assert(!task.includes("-A"), task);
  }
});

Deno.test("permissions: each command is tried here", () => {
  assertEquals(calls.map(([name]) => name).sort(), Object.keys(subCommands).sort());
});

gpuTest(
  "permissions: each command passes with those it needs, and names the one that is missing",
  async () => {
    const files: Record<string, Uint8Array> = {};
    for (const [c, name] of ["cat", "dog", "unlabeled"].entries()) {
      for (let i = 0; i < 10; i++) {
        files[`photos/${name}/${i}.png`] = png(
          8,
          8,
          numbered(10 * c + i, () => 90 * c),
        );
      }
    }
    for (const [name, bytes] of Object.entries(idxDataset(20, 10))) files[`mnist/${name}`] = bytes;
    await withFiles(files, async (directory) => {
      for (const [name, args, ...needs] of calls) {
        for (const missing of needs) {
          const flags = needs.filter((need) => need !== missing).map((need) => `--allow-${need}`);
          const { code, stderr } = await call(directory, name, args, flags);
          assertEquals(code, 1, `${name} without ${missing}: ${stderr}`);
          const [last = ""] = stderr.trim().split("\n").slice(-1);
          assertStringIncludes(last, `add --allow-${missing}`, `${name} without ${missing}`);
          assertStringIncludes(last, `The command ${name} needs --allow-`);
          assert(!/^ +at /m.test(stderr), stderr);
          await Deno.remove(join(directory, "run/report.html")).catch(() => {});
          for (const folder of [...(name === "train" ? ["run"] : []), "all"]) {
            await Deno.remove(join(directory, folder), { recursive: true }).catch(() => {});
          }
        }
        const { code, stderr } = await call(directory, name, args, needs.map((need) => `--allow-${need}`));
        assertEquals(code, 0, `${name}: ${stderr}`);
      }
    });
  },
);
