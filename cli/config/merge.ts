/**
 * Options of a file under those of the command line.
 * @module
 */
import { methodDefaults, ownOptionRows } from "../../semisup/mod.ts";
import { type Arguments, splitOptions } from "../command/options.ts";
import { findPreset, trainingOf } from "../plan/presets/presets.ts";

/** Options of a file that an option of the command line replaces, beside the one of the same name. */
const replacedBy: Readonly<Record<string, readonly string[]>> = {
  data: ["dataset", "dataDir", "download", "preset"],
  dataset: ["data", "channels", "findCopies", "holdOut", "preset", "dataDir", "imageSize", "labelPattern"],
  labels: ["labelsPerClass", "fileColumn", "labelColumn", "missing"],
  labelsPerClass: ["labels", "fileColumn", "labelColumn", "missing"],
  epochs: ["steps", "minutes"],
  steps: ["minutes"],
  minutes: ["epochs", "steps"],
  augment: ["flip", "translate", "rotate", "randomResizedCrop", "colorJitter"],
  baseline: ["folds"],
  folds: ["baseline"],
};

/**
 * Returns the options of a file and of the command line. An option of the command line replaces the one of the file,
 * and those that contradict it or that it determines: `--data` replaces the dataset, `--preset` all that the preset sets.
 * @throws as {@linkcode splitOptions} and {@linkcode findPreset} do.
 */
export function mergeOptions(
  file: Readonly<Record<string, unknown>>,
  chosen: Readonly<Record<string, unknown>>,
): Arguments {
  const replaced = new Set(Object.keys(chosen).flatMap((option) => replacedOptions(option, chosen[option])));
  const kept = Object.entries(file).filter(([option]) => !replaced.has(option));
  const { epochs, steps, ...others } = Object.fromEntries(kept);
  const below = splitOptions(others), above = splitOptions(chosen);
  // Files of runs have both lengths, of which steps then count; epochs alone reset the steps of a preset.
  const lengths = [epochs !== undefined && { epochs }, steps !== undefined && { steps }]
    .map((length) => splitOptions(length || {}).training);
  return {
    run: { ...below.run, ...above.run },
    training: Object.assign({}, below.training, ...lengths, above.training),
  };
}

function replacedOptions(option: string, value: unknown): readonly string[] {
  const others = Object.hasOwn(replacedBy, option) ? replacedBy[option] ?? [] : [];
  if (option === "algorithm") {
    const own = Object.keys(ownOptionRows()).filter((name) => !name.startsWith(`${value}.`));
    return [option, ...own, ...Object.keys(methodDefaults(`${value}`))];
  }
  if (option !== "preset") return [option, ...others];
  const preset = findPreset(`${value}`);
  return [
    option,
    "data",
    "dataset",
    "dataDir",
    "labels",
    "labelPattern",
    "labelsPerClass",
    ...Object.keys(trainingOf(preset)),
  ];
}
