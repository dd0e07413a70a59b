/**
 * State dicts: the values of a network's variables by name, on their way to and from the device.
 * @module
 */
import { type Device, formatShape, sameShape, type Variable } from "../kernels/mod.ts";
import type { NamedVariables } from "./module.ts";
import type { HostTensor } from "./safetensors.ts";

/** Copies the values of variables to the host, all in one transfer. @throws {GpuError} if the GPU failed. */
export async function readState(device: Device, variables: NamedVariables): Promise<Map<string, HostTensor>> {
  const entries = Object.entries(variables);
  const values = await device.read(entries.map(([, variable]) => variable));
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return new Map(entries.map(([name, { shape, dtype }], i) => [name, { shape, dtype, data: values[i]! }]));
}

/** What {@linkcode loadState} may be told. */
export interface LoadStateOptions {
  /** Where the values come from, for errors; "the state dict" where absent. */
  readonly source?: string;
}

/**
 * Gives variables the values of their names. All is checked before any is written. PyTorch's `num_batches_tracked` is
 * passed over.
 * @throws {RangeError} naming values that are missing, of another shape, or of no variable.
 * @throws {TypeError} naming a value of another dtype.
 */
export function loadState(
  device: Device,
  variables: NamedVariables,
  values: ReadonlyMap<string, HostTensor>,
  { source = "the state dict" }: LoadStateOptions = {},
): void {
  const missing: string[] = [], found: { name: string; variable: Variable; value: HostTensor }[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const value = values.get(name);
    if (value) found.push({ name, variable, value });
    else missing.push(name);
  }
  const refuse = (names: readonly string[], rule: string) => {
    if (names.length === 0) return;
    const some = names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
    throw new RangeError(`Cannot load ${source} as ${rule}: ${some}`);
  };
  refuse(missing, "every variable must have a value: it has none for");
  refuse(
    [...values.keys()].filter((name) => !Object.hasOwn(variables, name) && !isBatchCount(name)),
    "every value must have a variable: it has a value for",
  );
  for (const { name, variable, value: { shape, dtype } } of found) {
    if (!sameShape(shape, variable.shape)) {
      throw new RangeError(
        `Cannot load ${source} as shapes must be those of the network: ${name} is ${
          formatShape(shape)
        }, not ${formatShape(variable.shape)}`,
      );
    }
    if (dtype !== variable.dtype) {
      throw new TypeError(
        `Cannot load ${source} as types must be those of the network: ${name} is ${dtype}, not ${variable.dtype}`,
      );
    }
  }
  for (const { variable, value } of found) device.write(variable, value.data);
}

/** A number that PyTorch keeps with batch normalisation and that ours has no use for. */
function isBatchCount(name: string): boolean {
  return name.split(".").at(-1) === "num_batches_tracked";
}
