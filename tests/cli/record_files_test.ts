/** `--tensorboard` and `--csv`, read back by libraries that have no part in writing. */
import { join } from "node:path";
import { parse } from "npm:csv-parse@7.0.3/sync";
import protobuf from "npm:protobufjs@8.8.1";
import { decode } from "npm:fast-png@8.0.0";
import recordReader from "npm:tfrecord@0.2.0/lib/record_reader.js";
import { csvOf } from "../../cli/record_files/csv_file.ts";
import { countConfusions, pictureOfConfusions } from "../../cli/record_files/pictures.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, inFolder, linesIn, namesIn, short } from "./command.ts";
import { callOn } from "./in_process.ts";

/** The fields of tensorflow/core/util/event.proto and framework/summary.proto that are written here. */
const { root } = protobuf.parse(
  `
syntax = "proto3";
message Event {
  double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7;
}
message SessionLog { int32 status = 1; }
message Summary { repeated Value value = 1; }
message Value { string tag = 1; optional float simple_value = 2; Tensor tensor = 8; Metadata metadata = 9; }
message Tensor { int32 dtype = 1; Shape tensor_shape = 2; repeated bytes string_val = 8; }
message Shape { repeated Dim dim = 2; }
message Dim { int64 size = 1; }
message Metadata { PluginData plugin_data = 1; string summary_description = 3; int32 data_class = 4; }
message PluginData { string plugin_name = 1; }
`,
  { keepCase: true },
);

/** An event, as it is decoded. */
interface Event {
  readonly step: number;
  readonly file_version: string;
  readonly session_log: { readonly status: number } | null;
  readonly summary: {
    readonly value: readonly {
      readonly tag: string;
      readonly simple_value?: number;
      readonly tensor: { readonly string_val: readonly Uint8Array[] } | null;
      readonly metadata: { readonly plugin_data: { readonly plugin_name: string } | null } | null;
    }[];
  } | null;
}

/** The events of a file; its checksums are checked. */
async function eventsIn(path: string): Promise<Event[]> {
  const reader = await recordReader.RecordReader.create(path), events: Event[] = [];
  const type = root.lookupType("Event");
  for (let record = await reader.readRecord(); record; record = await reader.readRecord()) {
    events.push(type.toObject(type.decode(record.slice()), { longs: Number, defaults: true }) as Event);
  }
  return events;
}

/** A scalar at a step. */
type Point = readonly [step: number, tag: string, value: number];

/** The scalars of files in their order; a start drops what earlier files have from its step on, as TensorBoard does. */
async function scalarsIn(paths: readonly string[]): Promise<Point[]> {
  let points: Point[] = [];
  for (const path of paths) {
    for (const { step, session_log, summary } of await eventsIn(path)) {
      if (session_log?.status === 1) points = points.filter(([other]) => other < step);
      for (const { tag, simple_value, metadata } of summary?.value ?? []) {
        if (!metadata) points.push([step, tag, simple_value ?? NaN]);
      }
    }
  }
  return points;
}

const isDate = (name: string) => ["kind", "step", "epoch", "seconds"].includes(name);

/** The numbers of a line of the log by the tags that they must have. */
function pointsOf(line: string): Point[] {
  const record: Record<string, unknown> = JSON.parse(line);
  const { kind, step } = record;
  if (kind === "start") return [];
  const points: Point[] = [];
  const add = (tag: string, value: unknown) => {
    if (typeof value === "number" || typeof value === "boolean") {
      points.push([Number(step), tag, Number(value)]);
    }
  };
  for (const [name, value] of Object.entries(record)) {
    if (isDate(name)) continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [inner, each] of Object.entries(value)) add(`${name}/${inner}`, each);
    } else add(`${kind === "diagnostics" ? "self-check" : kind}/${name}`, value);
  }
  add(`epoch/${kind}`, record["epoch"]);
  add(`seconds/${kind}`, record["seconds"]);
  return points;
}

gpuTest(
  "records: event files and table have the values of the log, over a resumption",
  async (device) => {
    const call = callOn(device);
    await inFolder(async (directory) => {
      const folder = join(directory, "run"), at = (name: string) => join(folder, name);
      const options = ["--tensorboard", "--csv", "--print-freq=1", "--evaluation-epochs=2steps"];
      const data = short.filter((each) => !each.startsWith("--data-dir"));
      const start = [...data, `--data-dir=${join(directory, "data")}`, "--checkpoint-epochs=2steps"];
      assertEnded(
        await call("train", ...start, ...options, "--steps=5", "--max-steps=3", `--output=${folder}`),
        0,
      );
      const isEvents = (name: string) => name.includes("tfevents");
      const [first = ""] = namesIn(folder).filter(isEvents);
      const written = await Deno.readFile(at(first));
      // As if it had been stopped after step 3, without saving again.
      for (const name of ["final.safetensors", "model.safetensors", "summary.json", "log.csv"]) {
        await Deno.remove(at(name));
      }
      const resumed = await call("train", `--resume=${at("checkpoint-000002.safetensors")}`, ...options);
      assertEnded(resumed, 0);
      const files = namesIn(folder).filter(isEvents);
      assertEquals([files.length, files[0]], [2, first]);
      assertEquals(await Deno.readFile(at(first)), written, "the first file stays as it was");

      const [version, session, ...events] = await eventsIn(at(files[1] ?? ""));
      assertEquals([version?.file_version, session?.session_log?.status, session?.step], [
        "brain.Event:2",
        1,
        3,
      ]);
      const lines = await linesIn(folder, "log.jsonl");
      const steps = lines.map((line) => JSON.parse(line));
      assertEquals(steps.filter(({ kind }) => kind === "start").map(({ step }) => step), [0, 2]);
      const restart = steps.findLastIndex(({ kind }) => kind === "start");
      const kept = lines.filter((_, i) => i >= restart || steps[i].step <= 2);
      const points = await scalarsIn(files.map(at));
      // Scalars of the format are float32.
      const expected = kept.flatMap(pointsOf).map((
        [step, tag, value],
      ): Point => [step, tag, Math.fround(value)]);
      assertEquals(points, expected);
      assert(points.length > 50 && new Set(points.map(([step]) => step)).size === 5);

      const images = events.flatMap(({ summary }) => summary?.value ?? [])
        .filter(({ metadata }) => metadata?.plugin_data?.plugin_name === "images");
      assertEquals(images.map(({ tag }) => tag), ["views", "views", "confusions/teacher"]);
      for (const { tensor } of images) {
        const [width, height, png = new Uint8Array()] = tensor?.string_val ?? [];
        const decoded = decode(png), sizes = [width, height].map((size) => new TextDecoder().decode(size));
        assertEquals([`${decoded.width}`, `${decoded.height}`], sizes);
      }

      const rows: Record<string, string>[] = parse(await Deno.readTextFile(at("log.csv")), {
        columns: true,
        bom: true,
      });
      assertEquals(rows.length, kept.length);
      for (const [i, row] of rows.entries()) {
        const { kind, step, seconds } = JSON.parse(kept[i] ?? "");
        assertEquals([row["kind"], row["step"]], [kind, `${step}`]);
        if (kind !== "start") assertEquals(Number(row["seconds"]), seconds);
        for (const [, tag, value] of pointsOf(kept[i] ?? "").filter(([, tag]) => tag in row)) {
          assertEquals(Number(row[tag]), value, tag);
        }
      }
      assert(Object.keys(rows[0] ?? {}).includes("self-check/teacherClasses/9"));
    });
  },
);

Deno.test("records: a table escapes names, keeps its columns, and leaves out what was repeated or cut off", () => {
  const log = [
    { kind: "start", step: 0, device: '=HYPERLINK("x")' },
    { kind: "costs", step: 1, epoch: 0.5, costs: { cost: 1e-8 }, seconds: 1 },
    { kind: "diagnostics", step: 1, teacherClasses: [0.1, 0.9], isNoisy: false, warnings: [{ code: "a" }] },
    { kind: "costs", step: 2, costs: { cost: -3 } },
    { kind: "start", step: 1, device: "other" },
    { kind: "evaluation", step: 2, teacher: { testError: 0.25, top5Error: null } },
  ].map((record) => `${JSON.stringify(record)}\n`).join("");
  const names = ["=1+1", 'a, "b"\nc'];
  const text = csvOf(`${log}{"kind":"cos`, names);
  assertMatch(text, /^\uFEFFkind,step,epoch,seconds,device,/);
  const [head, ...rows]: string[][] = parse(text, { bom: true });
  const [start, costs, check, restart, evaluation] = rows;
  assertEquals(head, [
    ...["kind", "step", "epoch", "seconds", "device", "costs/cost", "self-check/isNoisy"],
    ...["self-check/teacherClasses/=1+1", 'self-check/teacherClasses/a, "b"\nc', "self-check/warnings"],
    "teacher/testError",
  ]);
  assertEquals(start?.slice(0, 5), ["start", "0", "", "", `'=HYPERLINK("x")`]);
  assertEquals(costs?.slice(0, 6), ["costs", "1", "0.5", "1", "", "1e-8"]);
  assertEquals(check?.slice(6), ["0", "0.1", "0.9", "a", ""]);
  assertEquals(restart?.slice(0, 5), ["start", "1", "", "", "other"]);
  assertEquals([evaluation?.length, evaluation?.at(-1), rows.length], [11, "0.25", 5]);
  assertEquals(csvOf("", names), "\uFEFFkind,step,epoch,seconds\r\n");
});

Deno.test("records: confusions are counted and drawn, true classes in rows", () => {
  const counts = countConfusions(Int32Array.of(0, 0, 1), Float32Array.of(3, 1, 0, 2, 0, 1), 2);
  assertEquals(counts, [[1, 1], [0, 1]]);
  const { bytes, width, height, description } = pictureOfConfusions(counts, ["cat", "dog"]);
  const { data, channels } = decode(bytes);
  const colourAt = (x: number, y: number) => [...data.subarray(channels * (y * width + x))].slice(0, 3);
  assertEquals([width, height], [320, 320]);
  const [right, wrong, none] = [colourAt(250, 250), colourAt(250, 50), colourAt(50, 250)];
  assert((right[1] ?? 0) > (right[0] ?? 0) && (wrong[0] ?? 0) > (wrong[1] ?? 0));
  assertEquals(none, [255, 255, 255]);
  assertMatch(description, /in this order: cat, dog\.$/);
});
