/**
 * Neural networks over lazy tensors: layers, architectures, optimisers, state dicts with PyTorch's names, and
 * prediction with trained models, in Deno and in browsers.
 *
 * - **Modules**: `Sequential`, `Classifier`, `Initializer`, `StatelessLayer`, `variablesOf`, `joinNames`,
 *   `stateOf`
 * - **Layers**: `Linear`, `Conv2d`, `BatchNorm2d`, `MeanOnlyBatchNorm`, `ReLU`, `LeakyReLU`, `AvgPool2d`,
 *   `MaxPool2d`, `GlobalAvgPool2d`, `GlobalMaxPool2d`, `Flatten`, `Dropout`, `GaussianNoise`, `ShiftConv2d`,
 *   `WeightNormLayer`, `WeightNormLinear`, `WeightNormConv2d`, `mixBranches`
 * - **Forward passes**: `trainingContext`, `evaluationContext`, `initializationContext`,
 *   `initializeFromData`, `recordLayerCalls`, `layersOf`
 * - **Architectures**: `architectures`, `architectureNames`, `findArchitecture`, `registerArchitecture`,
 *   `convNetSmall`, `convNetMedium`, `convNet13`, `convNet13BatchNorm`, `cifarShakeShake26`, `resNet`
 * - **Summaries**: `summarizeNetwork`, `parameterTable`, `parameterCount`, `groupDigits`
 * - **Optimisers**: `Sgd`, `Adam`, `AdamW`, `clipByGlobalNorm`, `ClippingOptimizer`,
 *   `LossScalingOptimizer`
 * - **Models**: `loadModel`, `Model`, `drawImage`, `extractFeatures`, `exportOnnx`, `readModel`, `writeModel`, `isModelFormat`,
 *   `isImageShape`
 * - **Starting from trained weights**: `readPretrained`, `pretrainedOf`, `matchWeights`, `loadMatch`,
 *   `publishedNetworks`, `freezeNetwork`, `FrozenNetwork`, `GroupedOptimizer`, `usesBatchStatistics`
 * - **State and files**: `readState`, `loadState`, `readSafetensors`, `writeSafetensors`, `computeChecksums`,
 *   `findDamage`
 * - **Sizes**: `chooseEvaluationBatchSize`, `largestOf`, `smallestOf`
 *
 * @module
 */
export * from "./architectures/mod.ts";
export { type ChecksumParts, computeChecksums, findDamage } from "./checksums.ts";
export { Classifier, type ClassifierNetwork, type HeadLogits } from "./classifier.ts";
export { type DataInitializationOptions, initializeFromData } from "./data_initialization.ts";
export { chooseEvaluationBatchSize } from "./evaluation_batch.ts";
export { largestOf, smallestOf } from "./extremes.ts";
export { extractFeatures, type ImageFeatures, type IndexedPixels } from "./features.ts";
export { isImageShape } from "./image_shape.ts";
export { Initializer } from "./initializer.ts";
export { type LayerCall, layersOf, type RecordedCalls, recordLayerCalls } from "./layer_calls.ts";
export { summarizeNetwork } from "./network_summary.ts";
export { LeakyReLU, ReLU } from "./layers/activations.ts";
export { BatchNorm2d, type BatchNormOptions } from "./layers/batch_norm2d.ts";
export { Conv2d, type Conv2dOptions } from "./layers/conv2d.ts";
export { Flatten } from "./layers/flatten.ts";
export { Linear } from "./layers/linear.ts";
export { MeanOnlyBatchNorm, type MeanOnlyBatchNormOptions } from "./layers/mean_only_batch_norm.ts";
export { Dropout, GaussianNoise } from "./layers/noise.ts";
export { AvgPool2d, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d } from "./layers/pooling.ts";
export { Sequential } from "./layers/sequential.ts";
export { mixBranches } from "./layers/shake_shake.ts";
export { ShiftConv2d } from "./layers/shift_conv2d.ts";
export { StatelessLayer } from "./layers/stateless.ts";
export {
  WeightNormConv2d,
  type WeightNormConv2dOptions,
  WeightNormLayer,
  WeightNormLinear,
  type WeightNormOptions,
} from "./layers/weight_norm.ts";
export { loadModel, type LoadModelOptions, Model, type PredictOptions } from "./model.ts";
export {
  isModelFormat,
  type ModelContents,
  type ModelDescription,
  readModel,
  type Whitening,
  writeModel,
} from "./model_file.ts";
export {
  type DrawableImage,
  drawImage,
  type ModelImage,
  type PlanarImage,
  type RgbaImage,
} from "./model_images.ts";
export type { ModelSource } from "./model_source.ts";
export type { Prediction } from "./prediction.ts";
export {
  evaluationContext,
  type ForwardContext,
  initializationContext,
  joinNames,
  type Module,
  type NamedModules,
  type NamedVariables,
  parameterCount,
  type SharedPass,
  stateOf,
  trainingContext,
  usesBatchStatistics,
  variablesOf,
} from "./module.ts";
export { exportOnnx, type ExportOptions } from "./onnx/export_onnx.ts";
export * from "./pretrained/mod.ts";
export { Adam, type AdamOptions } from "./optimizers/adam.ts";
export { AdamW } from "./optimizers/adamw.ts";
export { clipByGlobalNorm, type ClippedGradients, ClippingOptimizer } from "./optimizers/clipping.ts";
export { GroupedOptimizer } from "./optimizers/grouped.ts";
export { LossScalingOptimizer, type LossScalingOptions } from "./optimizers/loss_scaling.ts";
export type { Optimizer, OptimizerInputs } from "./optimizers/optimizer.ts";
export {
  type HostTensor,
  readSafetensors,
  type ReadSafetensorsOptions,
  type SafetensorsFile,
  writeSafetensors,
} from "./safetensors/safetensors.ts";
export { groupDigits, parameterTable } from "./parameter_table.ts";
export { loadState, type LoadStateOptions, readState } from "./state_dict.ts";
export { Sgd, type SgdOptions } from "./optimizers/sgd.ts";
