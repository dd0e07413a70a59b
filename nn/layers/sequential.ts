import type { Tensor } from "../../kernels/mod.ts";
import { type ForwardContext, joinNames, type Module, type NamedVariables } from "../module.ts";

/** A chain of layers. Variable names begin with the layer's position: `0.weight`, `1.running_mean`, … */
export class Sequential implements Module {
  /** Parameters of all layers. */
  readonly parameters: NamedVariables;
  /** Buffers of all layers. */
  readonly buffers: NamedVariables;

  /** Creates a chain. @param layers In the order of application. */
  constructor(readonly layers: readonly Module[]) {
    this.parameters = joinNames(Object.fromEntries(layers.map(({ parameters }, i) => [i, parameters])));
    this.buffers = joinNames(Object.fromEntries(layers.map(({ buffers }, i) => [i, buffers])));
  }

  /** Returns the output of the last layer. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    return this.layers.reduce((activation, layer) => layer.forward(activation, context), x);
  }
}
