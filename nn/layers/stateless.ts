import type { Tensor } from "../../kernels/mod.ts";
import type { ForwardContext, Module, NamedVariables } from "../module.ts";

/** Base class of layers without variables. */
export abstract class StatelessLayer implements Module {
  /** Empty. */
  readonly parameters: NamedVariables = {};
  /** Empty. */
  readonly buffers: NamedVariables = {};
  /** Returns the output for a batch `x`. */
  abstract forward(x: Tensor, context: ForwardContext): Tensor;
}
