/**
 * Networks of which a part is not trained.
 * @module
 */
import type { Shape, Tensor, Variable } from "../../kernels/mod.ts";
import type { ClassifierNetwork, HeadLogits } from "../classifier.ts";
import { layersOf } from "../layer_calls.ts";
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  stateOf,
} from "../module.ts";
import { featureVariables } from "./feature_variables.ts";

/**
 * A network with frozen layers: their parameters count as buffers, so that no optimiser updates them and no
 * average moves them. Their batch normalisation uses the running statistics also in training, and keeps them.
 */
export class FrozenNetwork implements ClassifierNetwork {
  /** Parameters of the layers that are trained. */
  readonly parameters: NamedVariables;
  /** Buffers of all layers, and parameters of the frozen ones. */
  readonly buffers: NamedVariables;
  /** Layers of the network. */
  readonly children: NamedModules;
  readonly #network: ClassifierNetwork;
  readonly #frozenLayers: ReadonlySet<Module<unknown>>;

  /** Freezes variables of a network. */
  constructor(network: ClassifierNetwork, frozen: ReadonlySet<Variable>) {
    const parameters = Object.entries(network.parameters);
    this.parameters = Object.fromEntries(parameters.filter(([, variable]) => !frozen.has(variable)));
    this.buffers = {
      ...network.buffers,
      ...Object.fromEntries(parameters.filter(([, variable]) => frozen.has(variable))),
    };
    this.children = network.children ?? {};
    this.#network = network;
    this.#frozenLayers = new Set([...layersOf(network).keys()].filter((layer) => isFrozen(layer, frozen)));
  }

  /** Computes the logits of each head. */
  forward(x: Tensor, context: ForwardContext): HeadLogits {
    return this.forwardHeads(this.forwardFeatures(x, context), context);
  }

  /** Computes features, as {@linkcode ClassifierNetwork.forwardFeatures}. */
  forwardFeatures(x: Tensor, context: ForwardContext): Tensor {
    return this.#network.forwardFeatures(x, this.#freeze(context));
  }

  /** Computes logits from features, as {@linkcode ClassifierNetwork.forwardHeads}. */
  forwardHeads(features: Tensor, context: ForwardContext): HeadLogits {
    return this.#network.forwardHeads(features, this.#freeze(context));
  }

  #freeze(context: ForwardContext): ForwardContext {
    // A spread would call the getter of `key`, which throws if there is none.
    return Object.assign(Object.create(context), { frozenLayers: this.#frozenLayers });
  }
}

function isFrozen(layer: Module<unknown>, frozen: ReadonlySet<Variable>): boolean {
  const variables = Object.values(stateOf(layer));
  return variables.length > 0 && variables.every((variable) => frozen.has(variable));
}

/** Frozen part of a network: all features, or a number of stages counted from the images. */
export type FrozenPart = "features" | number;

/**
 * Freezes the features of a network, or its first stages.
 * @param imageShape Shape `[C, H, W]` of the network's images.
 * @throws {RangeError} if the network has fewer stages, or does not tell its stages.
 */
export function freezeNetwork(
  network: ClassifierNetwork,
  part: FrozenPart,
  imageShape: Shape,
): FrozenNetwork {
  if (part === "features") {
    return new FrozenNetwork(network, new Set(featureVariables(network, imageShape).values()));
  }
  const { stages = [] } = network;
  if (stages.length === 0) {
    throw new RangeError(
      "Cannot freeze stages: the network does not tell its stages. Freeze all of its features instead.",
    );
  }
  if (!Number.isInteger(part) || part < 1 || part > stages.length) {
    throw new RangeError(
      `Cannot freeze ${part} stages: the number must be from 1 to ${stages.length}, all stages of the network`,
    );
  }
  const layers = stages.slice(0, part).flat();
  return new FrozenNetwork(network, new Set(layers.flatMap((layer) => Object.values(stateOf(layer)))));
}
