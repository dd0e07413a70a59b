/**
 * Mean Teacher, its parts, and the loop that trains with it.
 *
 * - **Training**: `Trainer`, `readInitialWeights`, `withInitialWeights`,
 *   `checkInitialWeights`, `checkLoaded`, `DivergenceError`, `readCheckpoint`, `writeCheckpoint`, `modelOf`
 * - **One run in several processes**: `broadcast`, `gather`, `DifferenceError`
 * - **Methods**: `knownMethods`, `methodNames`, `findMethod`, `methodOf`, `defineMethod`, `registerMethod`,
 *   `methodDefaults`, `evaluatedOf`, `ownOptionRows`, `ownOptionsOf`, `MeanTeacher`, `Supervised`, `supervisedBaseline`
 * - **Parts of a method**: `networkUpdates`, `discardUpdates`, `repeatDraws`
 * - **Augmentation**: `augmentationNames`, `findAugmentation`, `registerAugmentation`
 * - **Costs**: `classificationCost`, `classWeightsOf`, `consistencyCosts`, `softmaxMse`, `softmaxKl`, `consistencyTrust`,
 *   `logitDistance`
 * - **Averaging and ramps**: `emaUpdates`, `warmedEmaDecay`, `linearRampup`, `sigmoidRampup`, `stepRampup`,
 *   `cosineRampdown`, `cosineArcRampdown`, `sigmoidRampdown`, `stepRampdown`
 * - **Learning-rate schedules**: `constantSchedule`, `cosineSchedule`, `cosineArcSchedule`, `stepSchedule`
 * - **Options**: `numberRow`, `integerRow`, `lengthRow`, `choiceRow`, `switchRow`, `defaultsOf`, `defaultOptions`,
 *   `resolveOptions`, `trainingOptions`, `faultOf`, `inGroup`, `isLength`, `parseLength`, `stepsIn`
 * - **Settings for a user's images**: `chooseSettings`, `chooseCanvas`, `usualTranslation`
 * - **Schedule of a run**: `scheduleOf`, `checkSchedule`, `runSteps`
 * - **Best weights**: `keptWeights`, `comparesEvaluations`, `bestCheckpoint`
 * - **Pictures as the networks see them**: `PictureWatch`, `watchCheckpoint`
 * - **Batches**: `EndlessSampler`, `ShuffledSampler`, `TwoStreamSampler`
 * - **Evaluation**: `Evaluator`, `ReportBuilder`, `calibrateTemperature`, `errorInterval`, `isWithinChance`,
 *   `probeError`, `probeProbabilities`, `neighborError`
 * - **Review of labels**: `rankLabelErrors`, `neighborProbabilities`, `findNearDuplicates`
 * - **Self-check and suggestions**: `SelfCheck`, `Suggestions`
 *
 * @module
 */
export {
  type Algorithm,
  type AlgorithmParts,
  type ComparedTensors,
  discardUpdates,
  type Hyperparameters,
  repeatDraws,
  type StepCosts,
  type StepInputs,
  type StepResult,
} from "./algorithm.ts";
export { augmentationNames, findAugmentation, registerAugmentation } from "./augmentations/mod.ts";
export type { AugmentationFacts, NamedAugmentation } from "./augmentations/named_augmentation.ts";
export type { Augmentations, RandomSource, ViewMaker, ViewName } from "./augmentations/views.ts";
export type { BatchViews } from "./training/batch_views.ts";
export { calibrateTemperature, type Calibration } from "./evaluation/calibration.ts";
export { modelOf, type ModelOfOptions } from "./checkpoint_model.ts";
export { type Checkpoint, readCheckpoint, type RunState, writeCheckpoint } from "./checkpoint.ts";
export {
  type ClassificationCost,
  classificationCost,
  type ClassificationCostOptions,
  type ConsistencyCostOptions,
  consistencyTrust,
  logitDistance,
  softmaxKl,
  softmaxMse,
} from "./costs.ts";
export { DivergenceError, type LossScaling, type MeanCosts } from "./training/cost_meter.ts";
export { broadcast, type Collective, gather } from "./distributed/collective.ts";
export { DifferenceError } from "./distributed/shared_run.ts";
export { emaUpdates, warmedEmaDecay } from "./ema.ts";
export { type Evaluation, Evaluator, type LabeledLogits } from "./evaluation/evaluation.ts";
export {
  type CalibrationBin,
  type ClassReport,
  type EvaluationReport,
  ReportBuilder,
} from "./evaluation/evaluation_report.ts";
export {
  type ConsistencyCost,
  consistencyCosts,
  type ConsistencyOptions,
  type ConsistencyType,
} from "./consistency_costs.ts";
export {
  checkInitialWeights,
  checkLoaded,
  type Initialization,
  readInitialWeights,
  withInitialWeights,
} from "./initial_weights.ts";
export { networkUpdates } from "./methods/updates.ts";
export { MeanTeacher, type MeanTeacherOptions } from "./methods/mean_teacher.ts";
export {
  defineMethod,
  type Method,
  type OwnName,
  type OwnOptions,
  ownOptionsOf,
  type OwnRows,
  type SchedulePosition,
} from "./methods/method.ts";
export {
  evaluatedOf,
  findMethod,
  knownMethods,
  methodDefaults,
  methodNames,
  methodOf,
  ownOptionRows,
  registerMethod,
} from "./methods/mod.ts";
export { type ClassWeights, classWeightsOf } from "./options/class_weights.ts";
export { isLength, type Length, parseLength, stepsIn } from "./options/length.ts";
export {
  choice as choiceRow,
  type ChoiceOption,
  defaultsOf,
  faultOf,
  inGroup,
  integer as integerRow,
  length as lengthRow,
  type LengthOption,
  type NameOption,
  number as numberRow,
  type NumberOption,
  type NumbersOption,
  onOff as switchRow,
  type OptionBase,
  type OptionGroup,
  type OptionRow,
  type OptionValue,
  type RowExtras,
  type SwitchOption,
  type TextOption,
  type ValueOf,
  type WeightsOption,
} from "./options/option_rows.ts";
export { chooseCanvas, type ImageSizes, type SettingName } from "./options/chosen_canvas.ts";
export {
  chooseSettings,
  type ChosenSettings,
  type ImageFacts,
  type Reasons,
  usualTranslation,
} from "./options/chosen_settings.ts";
export { trainingOptions } from "./options/option_table.ts";
export type { OptimizerMaker } from "./options/chosen_optimizer.ts";
export {
  defaultOptions,
  type NameOf,
  resolveOptions,
  type TrainingOptions,
} from "./options/training_options.ts";
export {
  type JudgedViews,
  PictureWatch,
  type TrainingPictures,
  watchCheckpoint,
} from "./training/picture_watch.ts";
export type { Measurements } from "./self_check/measurements.ts";
export type {
  BestRecord,
  CheckpointRecord,
  CostRecord,
  DiagnosticsRecord,
  EvaluationRecord,
  RunPlace,
  TrainingRecord,
} from "./training/records.ts";
export {
  constantSchedule,
  cosineArcRampdown,
  cosineArcSchedule,
  cosineRampdown,
  cosineSchedule,
  linearRampup,
  type Schedule,
  type ScheduledRun,
  sigmoidRampdown,
  sigmoidRampup,
  stepRampdown,
  stepRampup,
  stepSchedule,
} from "./ramps.ts";
export { checkSchedule, runSteps, scheduleOf, type StepSchedule } from "./schedule.ts";
export { type Best, bestCheckpoint, comparesEvaluations, keptWeights } from "./training/selection.ts";
export { SelfCheck, type Warning } from "./self_check/self_check.ts";
export type { SelfCheckSettings, WarningCode } from "./self_check/rules.ts";
export { type Candidate, Suggestions, type SuggestOptions } from "./evaluation/suggestions.ts";
export { type AlgorithmMaker, supervisedBaseline, type TrainingData } from "./setup.ts";
export { errorInterval, isWithinChance } from "./statistics/error_interval.ts";
export { type LabelError, type LabelledProbabilities, rankLabelErrors } from "./statistics/label_errors.ts";
export type { LayerObservation, LayerStatistics } from "./statistics/layer_statistics.ts";
export { findNearDuplicates, type NearDuplicates } from "./statistics/near_duplicates.ts";
export {
  neighborError,
  type NeighborOptions,
  neighborProbabilities,
  type NeighborResult,
} from "./statistics/nearest_neighbors.ts";
export { probeError, type ProbeExamples, probeProbabilities, type ProbeResult } from "./statistics/probe.ts";
export { Supervised } from "./methods/supervised.ts";
export { type RunRequest, Trainer } from "./training/trainer.ts";
export type { TrainerSettings } from "./training/trainer_settings.ts";
export {
  type EndlessOptions,
  EndlessSampler,
  type Sampler,
  type ShuffledOptions,
  ShuffledSampler,
  type TwoStreamOptions,
  TwoStreamSampler,
} from "./two_stream.ts";
