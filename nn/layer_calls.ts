/**
 * Record of the layers that a forward pass calls.
 * @module
 */
import type { Tensor } from "../kernels/mod.ts";
import type { Module } from "./module.ts";

/** One call of a module in a forward pass. */
export interface LayerCall {
  /** Names of the enclosing modules and of this one, such as `features.0`; empty for the network itself. */
  readonly name: string;
  /** The called module. */
  readonly layer: Module<unknown>;
  /** Tensors that the call returned. */
  readonly outputs: readonly Tensor[];
}

/** Result of a function, and the calls of layers while it ran. */
export interface RecordedCalls<T> {
  /** Result of the function. */
  readonly result: T;
  /** Calls in the order in which they began. */
  readonly calls: readonly LayerCall[];
}

/**
 * Runs a function and records each call of `network` and of the modules in its `children`. While the function
 * runs, each module's `forward` is replaced by one that also records.
 * @example
 * ```ts
 * import { evaluationContext, Flatten, recordLayerCalls, Sequential } from "./mod.ts";
 * import { variable } from "../kernels/mod.ts";
 *
 * const network = new Sequential([new Flatten()]);
 * const images = variable([2, 1, 4, 4], new Float32Array(32));
 * const { calls } = recordLayerCalls(network, () => network.forward(images, evaluationContext()));
 * console.assert(calls.map(({ name }) => name).join() === ",0");
 * ```
 */
export function recordLayerCalls<T>(network: Module<unknown>, run: () => T): RecordedCalls<T> {
  const calls: LayerCall[] = [];
  const restore: (() => void)[] = [];
  for (const [layer, name] of layersOf(network)) {
    const own = Object.getOwnPropertyDescriptor(layer, "forward");
    const { forward } = layer;
    layer.forward = function (x, context) {
      const outputs: Tensor[] = [];
      calls.push({ name, layer, outputs });
      const output = forward.call(layer, x, context);
      outputs.push(...tensorsIn(output));
      return output;
    };
    restore.push(() => {
      if (own) Object.defineProperty(layer, "forward", own);
      else Reflect.deleteProperty(layer, "forward");
    });
  }
  try {
    return { result: run(), calls };
  } finally {
    for (const each of restore) each();
  }
}

/** Returns a module and all modules inside, each with its first name. */
export function layersOf(network: Module<unknown>): ReadonlyMap<Module<unknown>, string> {
  const names = new Map<Module<unknown>, string>();
  const visit = (module: Module<unknown>, name: string) => {
    if (names.has(module)) return;
    names.set(module, name);
    for (const [key, child] of Object.entries(module.children ?? {})) {
      visit(child, name ? `${name}.${key}` : key);
    }
  };
  visit(network, "");
  return names;
}

/** Returns the tensors of a layer's output: itself, or the elements of a list. */
function tensorsIn(output: unknown): Tensor[] {
  if (Array.isArray(output)) return output.flatMap(tensorsIn);
  return isTensor(output) ? [output] : [];
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "shape" in value && "dtype" in value;
}
