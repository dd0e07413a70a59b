/**
 * Assignment of pretrained weights to the variables of a network.
 * @module
 */
import { type Device, sameShape, type Shape, type Variable } from "../../kernels/mod.ts";
import type { ClassifierNetwork } from "../classifier.ts";
import { stateOf } from "../module.ts";
import type { HostTensor } from "../safetensors/safetensors.ts";
import { featureVariables } from "./feature_variables.ts";
import type { PretrainedWeights } from "./pretrained_weights.ts";
import { headNames } from "./published.ts";
import { describeDesign, describeMisfit, fitWeights, isBatchCounter } from "./weight_fit.ts";
import { firstPart, type RenamedWeights } from "./renamed_weights.ts";

/** A head whose weights are not loaded. */
export interface DrawnHead {
  /** Name of the head, the beginning of its variables' names. */
  readonly name: string;
  /** Reason, as the end of a sentence. */
  readonly reason: string;
}

/** Assignment of pretrained weights to a network. */
export interface WeightMatch {
  /** Values by the network's names. */
  readonly values: ReadonlyMap<string, HostTensor>;
  /** Heads that keep the values that were drawn for them. */
  readonly drawnHeads: readonly DrawnHead[];
  /** Names in the file that have no use in the network, batch counters of PyTorch excluded. */
  readonly unused: readonly string[];
  /** Number of PyTorch's batch counters in the file, which are ignored. */
  readonly batchCounters: number;
  /** Prefix that was removed from the file's names; often empty. */
  readonly prefix: string;
}

/** Facts about the network that receives weights. */
export interface MatchOptions {
  /** Shape `[C, H, W]` of its images. */
  readonly imageShape: Shape;
  /** Its class names. */
  readonly classes: readonly string[];
}

/**
 * Assigns pretrained weights to a network's variables. The features must fit completely: each variable needs a
 * value of its shape, and no value may be left over between them. A head is loaded if all of its shapes fit
 * and the classes are the same; otherwise its own values stay.
 * @throws {RangeError} that lists all differences, if the features do not fit.
 */
export function matchWeights(
  network: ClassifierNetwork,
  pretrained: PretrainedWeights,
  { imageShape, classes }: MatchOptions,
): WeightMatch {
  const { source, weights, architecture } = pretrained;
  const features = featureVariables(network, imageShape), fit = fitWeights(weights, features);
  const { renamed } = fit, misfit = describeMisfit(fit);
  if (!renamed || misfit.length > 0) {
    const design = describeDesign(weights.keys());
    const state = renamed ? misfit.join("; ") : "no name in the file is one of the network's";
    throw new RangeError(
      `Cannot start from ${source}: its values must fit the network${
        architecture === null ? "" : ` ${architecture}`
      }, but ${state}${design ? `. The names are those of a network with ${design}` : ""}. ${
        adviceFor(pretrained, imageShape)
      }`,
    );
  }
  const values = new Map<string, HostTensor>();
  const used = new Set<string>();
  const take = (name: string, value: HostTensor, origin: string) => {
    values.set(name, value);
    used.add(origin);
  };
  for (const name of features.keys()) {
    const value = renamed.values.get(name);
    if (value) take(name, value, renamed.origins.get(name) ?? name);
  }
  const drawnHeads: DrawnHead[] = [];
  for (const [head, variables] of headsOf(network, features)) {
    const reason = differentClasses(pretrained, classes) ?? headFault(variables, renamed);
    if (reason !== undefined) drawnHeads.push({ name: head, reason });
    else {
      for (const [name] of variables) {
        const found = findHeadValue(name, renamed);
        if (found) take(name, ...found);
      }
    }
  }
  const left = [...weights.keys()].filter((name) => !used.has(name));
  const unused = left.filter((name) => !isBatchCounter(name));
  return { values, drawnHeads, unused, batchCounters: left.length - unused.length, prefix: renamed.prefix };
}

function adviceFor({ channels }: PretrainedWeights, [own]: Shape): string {
  return channels !== null && own !== undefined && channels !== own
    ? `Use images of ${channels} channels; these have ${own}.`
    : "Set the architecture that the weights are of, or start from other weights.";
}

/** Returns the variables of each head: those that are not of the features. */
function headsOf(
  network: ClassifierNetwork,
  features: ReadonlyMap<string, Variable>,
): ReadonlyMap<string, readonly (readonly [name: string, variable: Variable])[]> {
  const own = Object.entries(stateOf(network)).filter(([name]) => !features.has(name));
  return Map.groupBy(own, ([name]) => /^heads\.\d+/.exec(name)?.[0] ?? firstPart(name));
}

function differentClasses(
  { classes: known }: PretrainedWeights,
  classes: readonly string[],
): string | undefined {
  if (known === null || (known.length === classes.length && known.every((name, i) => name === classes[i]))) {
    return undefined;
  }
  return known.length === classes.length
    ? "its classes have other names or another order"
    : `it has ${known.length} classes, this run ${classes.length}`;
}

function headFault(
  variables: readonly (readonly [name: string, variable: Variable])[],
  renamed: RenamedWeights,
): string | undefined {
  for (const [name, { shape, dtype }] of variables) {
    const [value] = findHeadValue(name, renamed) ?? [];
    if (!value) return "the file has no such head";
    if (sameShape(value.shape, shape) && value.dtype === dtype) continue;
    return value.shape[0] === shape[0]
      ? `its ${name} is [${value.shape.join(", ")}], not [${shape.join(", ")}]`
      : `it has ${value.shape[0]} classes, this run ${shape[0]}`;
  }
  return undefined;
}

/** Finds the value of a head's variable, also under another name of the head. */
function findHeadValue(
  name: string,
  { values, origins }: RenamedWeights,
): readonly [value: HostTensor, origin: string] | undefined {
  const part = firstPart(name);
  for (const each of [part, ...headNames[part] ?? []]) {
    const own = each + name.slice(part.length), value = values.get(own);
    if (value) return [value, origins.get(own) ?? own];
  }
  return undefined;
}

/** Writes matched values to the variables of a network on a device. */
export function loadMatch(device: Device, network: ClassifierNetwork, { values }: WeightMatch): void {
  for (const [name, variable] of Object.entries(stateOf(network))) {
    const value = values.get(name);
    if (value) device.write(variable, value.data);
  }
}
