/**
 * Starting from trained weights.
 * @module
 */
export { freezeNetwork, FrozenNetwork, type FrozenPart } from "./frozen_network.ts";
export {
  pretrainedOf,
  type PretrainedWeights,
  readPretrained,
  type ReadPretrainedOptions,
  type TrainedNetwork,
} from "./pretrained_weights.ts";
export { publishedNetworks } from "./published.ts";
export {
  type DrawnHead,
  loadMatch,
  type MatchOptions,
  matchWeights,
  type WeightMatch,
} from "./weight_match.ts";
