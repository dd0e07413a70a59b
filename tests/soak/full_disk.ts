/** Runs on disks that become full: the last good checkpoint is readable and named, and after making room all is well. */
import { basename, join } from "node:path";
import { readCheckpoint } from "../../semisup/mod.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { commandOf, namesIn, run } from "../cli/command.ts";
import { type SmallDisk, withSmallDisk } from "./small_disk.ts";
import type { SoakRuns } from "./soak_run.ts";

/** End of a run on a disk. */
export interface DiskEnd {
  /** Options of the mount. */
  readonly size: string;
  /** "full": ended by the full disk; "refused": too small from the start; "finished": it had room. */
  readonly end: "full" | "refused" | "finished";
  /** Step of the last good checkpoint; null if there is none. */
  readonly step: number | null;
}

/** Options of {@linkcode fillDisk}. */
export interface FillOptions {
  readonly directory: string;
  /** Options of the mount, such as `size=500k`. */
  readonly size: string;
  /** Bytes that another program leaves free after the first checkpoint; if absent, there is no such program. */
  readonly left?: number;
}

/**
 * Trains on a small disk until it is full, checks what is there and what the user reads, makes room, and continues.
 * @returns null if the system does not allow small disks.
 */
export async function fillDisk(
  soak: SoakRuns,
  { directory, size, left }: FillOptions,
): Promise<DiskEnd | null> {
  const disk = join(directory, "disk"), name = join("disk", "run"), folder = join(directory, name);
  let result: DiskEnd | null = null;
  const isMounted = await withSmallDisk(disk, size, async (mounted) => {
    const controller = new AbortController();
    const filling = left === undefined ? undefined : fillAfterCheckpoint(disk, left, controller.signal);
    const { code, stderr } = await soak.start(name).finally(() => controller.abort());
    await filling;
    const step = await checkMessage(stderr, code, folder, directory);
    const end = code === 0 ? "finished" : stderr.includes("no space left on device") ? "full" : "refused";
    if (end === "refused") {
      assertMatch(stderr, /it needs about .+, but only .+ are free\. Make room, /, stderr);
    }
    result = { size, end, step };
    await continueWithRoom(soak, { name, directory, mounted });
  });
  return isMounted ? result : null;
}

/** Leaves so many bytes of a disk free, once its run has a checkpoint. */
async function fillAfterCheckpoint(disk: string, left: number, signal: AbortSignal): Promise<void> {
  const hasCheckpoint = () => {
    try {
      return namesIn(join(disk, "run")).some((name) => /^checkpoint-\d+\.safetensors$/.test(name));
    } catch {
      return false;
    }
  };
  while (!hasCheckpoint()) {
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const path = join(disk, "filler");
  using file = await Deno.open(path, { create: true, write: true });
  const piece = new Uint8Array(4096);
  try {
    for (;;) await file.write(piece);
  } catch {
    // The disk is full.
  }
  await file.truncate(Math.max(0, (await file.stat()).size - left));
}

/** Checks the message about a full disk, and all checkpoints. @returns the step of the last good one, if any. */
async function checkMessage(
  stderr: string,
  code: number,
  folder: string,
  directory: string,
): Promise<number | null> {
  const names = await Deno.stat(folder).then(() => namesIn(folder), () => []);
  assertEquals(names.filter((name) => name.endsWith(".part")), [], stderr);
  const checkpoints = names.filter((name) => name.endsWith(".safetensors") && !name.startsWith("model"));
  const steps = await Promise.all(checkpoints.map(async (name) => {
    return readCheckpoint(await Deno.readFile(join(folder, name)), name).step;
  }));
  const last = steps.length === 0 ? null : Math.max(...steps);
  if (code === 0) return last;
  assertEquals(code, 1, stderr);
  assert(!/^ +at |Uncaught/m.test(stderr), stderr);
  if (!stderr.includes("The last good") && !stderr.includes("No checkpoint was")) return last;
  const [, saved] = / is saved in (\S+)\. To continue/.exec(stderr) ?? [];
  assert(saved !== undefined, stderr);
  const state = readCheckpoint(await Deno.readFile(saved), saved);
  await Deno.remove(join(saved, ".."), { recursive: true });
  assert(last === null || state.step >= last, stderr);
  const [, named] = /The last good checkpoint is (\S+)\.\n$/.exec(stderr) ?? [];
  if (last === null) assertMatch(stderr, /No checkpoint was saved before\.\n$/);
  else assertEquals(readCheckpoint(await Deno.readFile(join(directory, named ?? "")), "").step, last, stderr);
  return last;
}

/** Makes room, continues by the same command, and checks the files and the report. */
async function continueWithRoom(
  soak: SoakRuns,
  { name, directory, mounted }: {
    readonly name: string;
    readonly directory: string;
    readonly mounted: SmallDisk;
  },
): Promise<void> {
  await mounted.enlarge();
  const { code, stderr } = await soak.start(name);
  assertEquals(code, 0, stderr);
  await soak.checkFiles(name);
  if (soak.isStandIn) return;
  const report = await run([...commandOf("report"), name], directory);
  assertEquals(report.code, 0, report.stderr);
  assert(namesIn(join(directory, name)).includes("report.html"), basename(name));
}
