/**
 * Summary of a network as text: layers, shapes of their outputs, and numbers of parameters.
 * @module
 */
import { formatShape, type Shape, sizeOf, variable } from "../kernels/mod.ts";
import { type LayerCall, recordLayerCalls } from "./layer_calls.ts";
import { elementCount, evaluationContext, type Module, parameterCount } from "./module.ts";
import { formatColumns, groupDigits } from "./parameter_table.ts";

/**
 * Formats the layers of a network as a table, in the order of their calls: name, type, shape of the output,
 * and number of parameters outside of inner layers. A layer that is called again is marked as shared and not
 * counted again. The last rows are the totals of parameters and of running statistics.
 * @param inputShape Shape of a batch, such as `[100, 3, 32, 32]`.
 * @throws {RangeError} if the network rejects the shape.
 * @example
 * ```ts
 * import { Initializer, Linear, ReLU, Sequential, summarizeNetwork } from "./mod.ts";
 *
 * const network = new Sequential([new Linear(400, 10, new Initializer(1)), new ReLU()]);
 * console.assert(summarizeNetwork(network, [100, 400]) === `\
 * layer               type        output shape  parameters
 * network             Sequential  [100, 10]
 * 0                   Linear      [100, 10]          4 010
 * 1                   ReLU        [100, 10]
 * total                                              4 010
 * running statistics                                     0`);
 * ```
 */
export function summarizeNetwork(network: Module<unknown>, inputShape: Shape): string {
  const images = variable(inputShape, () => new Float32Array(sizeOf(inputShape)));
  const { calls } = recordLayerCalls(network, () => network.forward(images, evaluationContext()));
  const seen = new Set<Module<unknown>>();
  const rows = calls.map(({ name, layer, outputs }: LayerCall) => {
    const isShared = seen.has(layer);
    seen.add(layer);
    const shapes = outputs.map(({ shape }) => formatShape(shape)).join(", ");
    return [name || "network", layer.constructor.name, shapes, isShared ? "shared" : ownCount(layer)];
  });
  return formatColumns([
    ["layer", "type", "output shape", "parameters"],
    ...rows,
    ["total", "", "", groupDigits(parameterCount(network))],
    ["running statistics", "", "", groupDigits(elementCount(Object.values(network.buffers)))],
  ]);
}

/** Returns the number of parameters outside of inner layers as text; empty if there are none. */
function ownCount({ parameters, children = {} }: Module<unknown>): string {
  const inner = new Set(Object.values(children).flatMap(({ parameters }) => Object.values(parameters)));
  const own = Object.values(parameters).filter((parameter) => !inner.has(parameter));
  return own.length === 0 ? "" : groupDigits(elementCount(own));
}
