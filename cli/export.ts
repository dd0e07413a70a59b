/**
 * `deno run -A cli/export.ts MODEL --onnx FILE`: writes a model as an ONNX file, which other programs run.
 * @module
 */
import { writeAtomically } from "../data/files/mod.ts";
import { viewShape } from "../kernels/mod.ts";
import { exportOnnx, type ModelContents } from "../nn/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { checkNewFile } from "./command/given_file.ts";
import type { Outcome } from "./command/process.ts";
import {
  debugRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  switchRow,
  textRow,
} from "./command/rows.ts";
import { printNote, printResult } from "./terminal/output.ts";
import { openModel } from "./weights/open_model.ts";

/** Options of the command. */
const rows = {
  ...inGroup("network", {
    student: switchRow("export the student of a checkpoint instead of the teacher"),
    half: switchRow("compute the network in float16, which halves the file"),
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
  ...inGroup("output", {
    onnx: pathRow("FILE", "new .onnx file"),
    license: textRow(
      "NAME",
      "licence of the weights for the metadata, such as CC-BY-4.0 (default: not stated)",
    ),
  }),
  ...reportingRows,
} as const satisfies Rows;

type ExportCommandOptions = OptionsOf<typeof rows>;

/** Writes a model as an ONNX file. */
async function exportModel(model: string, options: ExportCommandOptions): Promise<Outcome> {
  const { onnx, student, half, license } = options;
  if (onnx === null) throw new RangeError("--onnx is missing: name the file to write, such as model.onnx");
  if (!/\.onnx$/i.test(onnx)) {
    throw new RangeError(`Cannot export a model to ${onnx}: the name must end with .onnx`);
  }
  await checkNewFile(onnx, "the model");
  const { path, contents } = await openModel(model, { student });
  const bytes = exportOnnx(contents, { half, source: path, ...(license !== null && { license }) });
  await writeAtomically(onnx, bytes);
  for (const note of notesOn(contents)) printNote(note);
  const shape = viewShape(contents), { classes } = contents, type = half ? "float16" : "float32";
  printResult(
    `${onnx}: ${(bytes.length / 1e6).toPrecision(3)} MB, ${type}, from images (uint8, N×${
      shape.join("×")
    }) to probabilities (float32, N×${classes.length})`,
    { kind: "export", output: onnx, bytes: bytes.length, type, imageShape: shape, classes },
  );
  return "finished";
}

/** Returns what users of the file must know about its images and probabilities. */
function notesOn({ randomResizedCrop, imageShape, temperature }: ModelContents): string[] {
  const [, height, width] = viewShape({ imageShape, randomResizedCrop });
  return [
    randomResizedCrop === null
      ? `Resize pictures to ${width}×${height} pixels before they are classified`
      : `Crop pictures to their central square, 7/8 of the shorter side, and resize it to ${width}×${height} pixels before they are classified`,
    ...(temperature === 1 ? ["The probabilities are not calibrated"] : []),
  ];
}

/** `export`. */
export const exportCommand = defineCommand({
  name: "export",
  permissions: { read: true, write: true, env: true },
  description:
    "Writes a model as an ONNX file, with normalisation, softmax and temperature. Resizing is left to the program that runs it.",
  rows,
  operands: [{ name: "MODEL", help: "folder of a run, checkpoint, or model" }],
  examples: [
    ["runs/a --onnx a.onnx", "the teacher in float32"],
    ["runs/a --onnx a.onnx --half", "in float16, half as large"],
    ["runs/a --onnx a.onnx --license CC0-1.0", "with the licence of the weights"],
  ],
  stopsAtOnce: true,
  run: async ({ options, operands: [model] }) => await exportModel(model, options),
});

if (import.meta.main) await exportCommand.start();
