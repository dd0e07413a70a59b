/**
 * Measurement of the fastest way to compute an op on the current adapter, once per shape.
 * @module
 */
import type { Device } from "../device.ts";
import { type Variable, variable } from "../ops/leaf.ts";
import { add } from "../ops/pointwise.ts";
import { blockChannels, unblockChannels } from "../ops/texels.ts";
import type { KernelOp } from "../op.ts";
import { sizeOf, type Tensor, withInputs } from "../tensor.ts";
import type { Tuning } from "../tuning.ts";
import type { Choice } from "./lower.ts";
import type { Program } from "./program.ts";

/** Milliseconds after which effort "fast" starts no further measurement. */
const fastMilliseconds = 10_000;
/** Shortest sample in milliseconds that is trusted. */
const sampleMilliseconds = 20;
/** Number of samples; the shortest counts, as it was disturbed least. */
const samples = 3;
/** Most products for which the direct kernel is measured: with more it never wins, and is slow to measure. */
const mostDirectProducts = 2 ** 26;

/** Function that compiles a tensor into a Program, computed in one of the ways. */
type Compiler = (tensor: Tensor, way: string) => Promise<Program<never>>;

/**
 * Measures the choices that a tuning lacks, costliest first, and adds the results to the tuning.
 * @returns True if a choice was added.
 * @throws {GpuError} if a way does not compile.
 */
export async function measure(
  device: Device,
  tuning: Tuning,
  unmeasured: ReadonlyMap<string, Choice>,
  compileWay: Compiler,
): Promise<boolean> {
  if (tuning.effort === "off") return false;
  const known = tuning.choices.size;
  const costliestFirst = [...unmeasured].toSorted(([, a], [, b]) => productsOf(b.node) - productsOf(a.node));
  for (const [signature, choice] of costliestFirst) {
    if (tuning.effort === "fast" && tuning.milliseconds > fastMilliseconds) break;
    const start = performance.now();
    tuning.choices.set(signature, await findFastest(device, choice, compileWay));
    tuning.milliseconds += performance.now() - start;
  }
  return tuning.choices.size > known;
}

/** Returns the number of products that a node sums. */
function productsOf(node: Tensor): number {
  const { rows, length } = (node.op as KernelOp).extent!(node);
  return sizeOf(node.shape) * rows * length;
}

async function findFastest(device: Device, { node, ways }: Choice, compileWay: Compiler): Promise<string> {
  const variables: Variable[] = [];
  const tensor = wrapInContext(node, variables);
  let best = { way: "direct", milliseconds: Infinity };
  try {
    for (const way of ways) {
      if (way === "direct" && productsOf(node) > mostDirectProducts) continue;
      const program = await compileWay(tensor, way);
      const milliseconds = await millisecondsOf(device, program).finally(() => program[Symbol.dispose]());
      if (milliseconds < best.milliseconds) best = { way, milliseconds };
    }
  } finally {
    variables.forEach((each) => device.release(each));
  }
  return best.way;
}

/** Returns the node among typical neighbours: images are stored in blocks of channels if possible. */
function wrapInContext(node: Tensor, variables: Variable[]): Tensor {
  const inBlocks = ({ shape }: Tensor) => {
    const [, channels = 0, height = 0, width = 0] = shape;
    return shape.length === 4 && channels % 4 === 0 && height * width > 1;
  };
  const store = (tensor: Tensor) => {
    const zeros = variable(tensor.shape, new Float32Array(sizeOf(tensor.shape)));
    variables.push(zeros);
    return zeros;
  };
  const resultIsWeight = (node.op as KernelOp).resultIsWeight === true;
  const inputs = node.inputs.map((operand, position) =>
    inBlocks(operand) && (resultIsWeight || position !== 1)
      ? unblockChannels(store(blockChannels(operand)), operand.shape[1]!)
      : store(operand)
  );
  const result = add(withInputs(node, inputs), 1);
  return inBlocks(node) && !resultIsWeight ? blockChannels(result) : result;
}

/** Returns the milliseconds per run: the shortest of several samples of many runs, after a warm-up run. */
async function millisecondsOf(device: Device, program: Program<never>): Promise<number> {
  const sample = async (times: number) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) program.run({});
    await device.finish();
    return performance.now() - start;
  };
  await sample(1);
  let times = 1, elapsed = await sample(1);
  while (elapsed < sampleMilliseconds && times < 1024) {
    times *= Math.ceil(Math.min(8, Math.max(2, sampleMilliseconds / Math.max(elapsed, 0.1))));
    elapsed = await sample(times);
  }
  let best = elapsed;
  for (let i = 1; i < samples; i++) best = Math.min(best, await sample(times));
  return best / times;
}
