/**
 * State dicts: reading and writing the values of a network's variables by name.
 * @module
 */
import { type Device, formatShape, sameShape, type Variable } from "../kernels/mod.ts";
import type { NamedVariables } from "./module.ts";
import type { HostTensor } from "./safetensors/safetensors.ts";

/** Copies the values of variables to the host in a single transfer. @throws {GpuError} if the GPU failed. */
export async function readState(device: Device, variables: NamedVariables): Promise<Map<string, HostTensor>> {
  const entries = Object.entries(variables);
  const values = await device.read(entries.map(([, variable]) => variable));
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return new Map(entries.map(([name, { shape, dtype }], i) => [name, { shape, dtype, data: values[i]! }]));
}

/** Options of {@linkcode loadState}. */
export interface LoadStateOptions {
  /** Name of the state dict in error messages; default "the state dict". */
  readonly source?: string;
}

/**
 * Assigns values to variables by name. All values are checked before the first is written. PyTorch's
 * `num_batches_tracked` is ignored.
 * @throws {RangeError} if a variable has no value, a value has no variable, or shapes differ.
 * @throws {TypeError} if dtypes differ.
 */
export function loadState(
  device: Device,
  variables: NamedVariables,
  values: ReadonlyMap<string, HostTensor>,
  options: LoadStateOptions = {},
): void {
  for (const { variable, value } of matchState(variables, values, options)) {
    device.write(variable, value.data);
  }
}

/** A variable of a network, and its value in a state dict. */
export interface MatchedVariable {
  readonly name: string;
  readonly variable: Variable;
  readonly value: HostTensor;
}

/** Returns the value of each variable, after the checks of {@linkcode loadState}. */
export function matchState(
  variables: NamedVariables,
  values: ReadonlyMap<string, HostTensor>,
  { source = "the state dict" }: LoadStateOptions = {},
): MatchedVariable[] {
  const missing: string[] = [], found: MatchedVariable[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const value = values.get(name);
    if (value) found.push({ name, variable, value });
    else missing.push(name);
  }
  const refuseNames = (names: readonly string[], rule: string) => {
    if (names.length === 0) return;
    const list = names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
    throw new RangeError(`Cannot load ${source}: ${rule}: ${list}`);
  };
  refuseNames(missing, "it has no values for these variables of the network");
  refuseNames(
    [...values.keys()].filter((name) => !Object.hasOwn(variables, name) && !isBatchCount(name)),
    "the network has no variables for these values",
  );
  for (const { name, variable, value: { shape, dtype } } of found) {
    if (!sameShape(shape, variable.shape)) {
      throw new RangeError(
        `Cannot load ${source}: ${name} must have the network's shape ${
          formatShape(variable.shape)
        }, but it is ${formatShape(shape)}`,
      );
    }
    if (dtype !== variable.dtype) {
      throw new TypeError(
        `Cannot load ${source}: ${name} must have the network's dtype ${variable.dtype}, but it is ${dtype}`,
      );
    }
  }
  return found;
}

/**
 * Returns whether a name is that of PyTorch's batch counter, which this library's batch normalisation does
 * not use.
 */
function isBatchCount(name: string): boolean {
  return name.split(".").at(-1) === "num_batches_tracked";
}
