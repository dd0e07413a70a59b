import type { Tensor } from "../../kernels/mod.ts";
import { type ForwardContext, joinNames, type Module, type NamedVariables } from "../module.ts";

/** Layers one after the other. Names are positions: `0.weight`, `1.running_mean`, … */
export class Sequential implements Module {
  /** Those of all layers. */
  readonly parameters: NamedVariables;
  /** Those of all layers. */
  readonly buffers: NamedVariables;

  /** Joins layers. @param layers In the order they are applied. */
  constructor(readonly layers: readonly Module[]) {
    this.parameters = joinNames(Object.fromEntries(layers.map(({ parameters }, i) => [i, parameters])));
    this.buffers = joinNames(Object.fromEntries(layers.map(({ buffers }, i) => [i, buffers])));
  }

  /** The last layer's output. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    return this.layers.reduce((activation, layer) => layer.forward(activation, context), x);
  }
}
