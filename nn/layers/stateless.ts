import type { Tensor } from "../../kernels/mod.ts";
import type { ForwardContext, Module, NamedVariables } from "../module.ts";

/** A layer without variables. */
export abstract class StatelessLayer implements Module {
  /** None. */
  readonly parameters: NamedVariables = {};
  /** None. */
  readonly buffers: NamedVariables = {};
  /** The output for a batch `x`. */
  abstract forward(x: Tensor, context: ForwardContext): Tensor;
}
