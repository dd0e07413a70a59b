import type { Tensor } from "../../kernels/mod.ts";
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  variablesOf,
} from "../module.ts";

/** A chain of layers. Variable names begin with the layer's position: `0.weight`, `1.running_mean`, … */
export class Sequential implements Module {
  /** Parameters of all layers. */
  readonly parameters: NamedVariables;
  /** Buffers of all layers. */
  readonly buffers: NamedVariables;
  /** The layers by position. */
  readonly children: NamedModules;

  /** Creates a chain. @param layers In the order of application. */
  constructor(readonly layers: readonly Module[]) {
    this.children = Object.fromEntries(layers.entries());
    const { parameters, buffers } = variablesOf(this.children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /** Returns the output of the last layer. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    return this.layers.reduce((activation, layer) => layer.forward(activation, context), x);
  }
}
