/**
 * Settings of a trainer: what a caller passes beside data and options.
 * @module
 */
import type { Augmentation, Tuning } from "../../kernels/mod.ts";
import type { NetworkMaker, PretrainedWeights } from "../../nn/mod.ts";
import type { Augmentations } from "../augmentations/views.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { ConsistencyCost } from "../consistency_costs.ts";
import type { Collective } from "../distributed/collective.ts";
import type { OptimizerMaker } from "../options/chosen_optimizer.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import type { Schedule } from "../ramps.ts";
import type { AlgorithmMaker } from "../setup.ts";

/** Settings of {@linkcode Trainer.create}. */
export interface TrainerSettings {
  /** Checkpoint to resume from; if absent, training starts anew. */
  readonly checkpoint?: Checkpoint;
  /**
   * Weights that student and teacher start with, see {@linkcode readInitialWeights}; options `architecture` and
   * `normalize` follow them, and pixels are normalised with their statistics. Leave them out to resume: a
   * checkpoint contains all values.
   */
  readonly init?: PretrainedWeights | undefined;
  /**
   * Choice of kernels, and whether to measure which are fastest; default: by rule. A checkpoint's own choice
   * has priority.
   */
  readonly tuning?: Tuning;
  /** Texts to store in every checkpoint, such as the name of the dataset. */
  readonly about?: Readonly<Record<string, string>>;
  /**
   * Creates a custom network, called once for the student and once for the teacher, which starts with the
   * student's values. To resume the run or load its model, pass the same maker. The options must
   * not name an architecture.
   */
  readonly network?: NetworkMaker;
  /**
   * Creates a custom algorithm, used instead of the one that the options choose. The self-check still goes by
   * the options `algorithm` and `excludeUnlabeled`.
   */
  readonly algorithm?: AlgorithmMaker;
  /**
   * The caller's own consistency cost, used instead of the one of option `consistencyType`. A checkpoint does not
   * contain it: pass it again to resume.
   */
  readonly consistencyCost?: ConsistencyCost;
  /**
   * Creates a custom optimiser, used instead of the one that the options choose. To resume, pass the same one.
   */
  readonly optimizer?: OptimizerMaker;
  /**
   * Factor of option `learningRate` at each step, instead of the options' warm-up and ramp-down. To resume,
   * pass the same one.
   */
  readonly schedule?: Schedule;
  /**
   * Custom augmentation of all views, or of weak and of strong ones, applied after the random changes of the
   * options. With an own augmentation of weak views, `translate`, `rotate` and `flip` are off unless set. A
   * checkpoint does not contain augmentations: pass the same ones to resume.
   */
  readonly augmentation?: Augmentation | Augmentations;
  /**
   * Names of the student's layers, such as `features.0`, whose activations and gradients
   * {@linkcode Trainer.layerStatistics} describes; none if absent. `summarizeNetwork` lists the names.
   */
  readonly observe?: readonly string[];
  /** Processes that train this run together; each calls the same functions with the same options and data. */
  readonly collective?: Collective | undefined;
  /**
   * True if batch normalisation uses statistics of the whole batch of all processes, false if of the rows of each;
   * by default true with fewer than 32 rows per process.
   */
  readonly syncBatchNorm?: boolean | undefined;
  /** Returns an option's name for warnings of the self-check; if absent, the option's own name is used. */
  readonly nameOf?: (option: keyof TrainingOptions) => string;
}

/** Settings that are functions, or hold some. */
const customSettings = ["algorithm", "optimizer", "schedule", "augmentation", "consistencyCost"] as const;

/**
 * Returns the names of the custom functions of settings.
 * @throws {RangeError} if a checkpoint's run had one that the settings lack.
 */
export function customOf(settings: TrainerSettings): string[] {
  const custom: string[] = customSettings.filter((name) => settings[name] !== undefined);
  const missing = settings.checkpoint?.custom.find((name) => !custom.includes(name));
  if (missing === undefined) return custom;
  throw new RangeError(
    `Cannot resume: the run had a custom ${missing}, which a checkpoint does not contain. Pass the same one in the settings.`,
  );
}

/** Returns options whose architecture is null if the network is custom. */
export function withCustomNetwork(
  options: Partial<TrainingOptions>,
  { network }: TrainerSettings,
): Partial<TrainingOptions> {
  if (!network) return options;
  const { architecture = null } = options;
  if (architecture === null) return { ...options, architecture };
  throw new RangeError(
    `Cannot train: architecture is ${architecture}, but a network is passed too. Leave one of them out.`,
  );
}
