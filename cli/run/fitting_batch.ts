/**
 * Advice on the size of batches if the memory of the GPU is too small for a run.
 * @module
 */
import { GpuError, GpuMemoryError, TensorSizeError } from "../../kernels/mod.ts";
import type { TrainingOptions } from "../../semisup/mod.ts";
import type { Plan } from "../plan/plan.ts";
import { printProgress } from "../terminal/output.ts";

/** Sizes of a batch. */
type BatchSizes = Pick<TrainingOptions, "batchSize" | "labeledBatchSize">;

/**
 * Creates the trainer of a run.
 * @param create Creates a trainer with some options.
 * @throws {GpuMemoryError} if memory runs out, with a size of batches that was tried and fits; as `create` does
 * otherwise.
 */
export async function adviseOnMemory<T extends Disposable>(
  { kind }: Plan,
  training: TrainingOptions,
  create: (training: TrainingOptions) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await create(training);
  } catch (error) {
    const isNew = kind === "fresh" || kind === "folder";
    // A checkpoint determines the batches of its run.
    if (!isNew || !isOutOfMemory(error)) throw error;
    printProgress("The memory of the GPU is too small; trying smaller batches");
    const fitting = await findFitting(training, create, signal);
    throw new GpuMemoryError(`${error.message} ${fitting}`, { cause: error });
  }
}

function isOutOfMemory(error: unknown): error is GpuMemoryError | TensorSizeError {
  return error instanceof GpuMemoryError || error instanceof TensorSizeError;
}

/** Halves batches until a trainer can be created. @returns a sentence on the first that fit. */
async function findFitting<T extends Disposable>(
  training: TrainingOptions,
  create: (training: TrainingOptions) => Promise<T>,
  signal: AbortSignal,
): Promise<string> {
  for (const sizes of smallerBatches(training)) {
    signal.throwIfAborted();
    try {
      using _ = await create({ ...training, ...sizes });
      return `${flagsOf(training, sizes)} fits.`;
    } catch (error) {
      if (isOutOfMemory(error)) continue;
      if (error instanceof GpuError) return "Which batches would fit is unknown, as the GPU failed.";
      throw error;
    }
  }
  return "No smaller batch fits: choose a smaller network or image size.";
}

/** Yields smaller and smaller batches with the same share of labelled images. */
function* smallerBatches({ batchSize, labeledBatchSize }: TrainingOptions): Generator<BatchSizes> {
  for (let size = Math.floor(batchSize / 2); size >= 2; size = Math.floor(size / 2)) {
    const labeled = Math.floor(labeledBatchSize * size / batchSize);
    yield { batchSize: size, labeledBatchSize: Math.max(1, labeled) };
  }
}

/** Returns the flags that set the sizes. */
function flagsOf({ excludeUnlabeled, sampling }: TrainingOptions, sizes: BatchSizes): string {
  const labeled = excludeUnlabeled || sampling === "vary"
    ? ""
    : ` --labeled-batch-size ${sizes.labeledBatchSize}`;
  return `--batch-size ${sizes.batchSize}${labeled}`;
}
