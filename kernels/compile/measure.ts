/**
 * Which way of computing an op is fastest is measured on the adapter at hand, once for each shape.
 * @module
 */
import type { Device } from "../device.ts";
import { type Variable, variable } from "../ops/leaf.ts";
import { add } from "../ops/pointwise.ts";
import { blocked, unblocked } from "../ops/texels.ts";
import type { KernelOp } from "../op.ts";
import { sizeOf, type Tensor, withInputs } from "../tensor.ts";
import type { Tuning } from "../tuning.ts";
import type { Choice } from "./lower.ts";
import type { Program } from "./program.ts";

/** Milliseconds that "fast" takes at most, but for what it is at. */
const fastMilliseconds = 10_000;
/** Milliseconds of work from which on a measurement is believed. */
const sampleMilliseconds = 20;
/** Samples, the shortest of which counts: others were disturbed. */
const samples = 3;
/** The kernel of one result per invocation never wins with more products, and would take long to lose. */
const mostDirectProducts = 2 ** 26;

/** Makes the Program that computes a tensor in a way. */
type Compiler = (tensor: Tensor, way: string) => Promise<Program<never>>;

/**
 * Measures what a tuning does not know yet, what takes longest first.
 * @returns Whether anything was found out.
 * @throws {GpuError} if a way does not compile.
 */
export async function measure(
  device: Device,
  tuning: Tuning,
  unmeasured: ReadonlyMap<string, Choice>,
  compiled: Compiler,
): Promise<boolean> {
  if (tuning.effort === "off") return false;
  const known = tuning.choices.size;
  const dearest = [...unmeasured].toSorted(([, a], [, b]) => productsOf(b.node) - productsOf(a.node));
  for (const [signature, choice] of dearest) {
    if (tuning.effort === "fast" && tuning.milliseconds > fastMilliseconds) break;
    const start = performance.now();
    tuning.choices.set(signature, await fastest(device, choice, compiled));
    tuning.milliseconds += performance.now() - start;
  }
  return tuning.choices.size > known;
}

/** Products that a node adds up. */
function productsOf(node: Tensor): number {
  const { rows, length } = (node.op as KernelOp).extent!(node);
  return sizeOf(node.shape) * rows * length;
}

async function fastest(device: Device, { node, ways }: Choice, compiled: Compiler): Promise<string> {
  const variables: Variable[] = [];
  const tensor = inContext(node, variables);
  let best = { way: "direct", milliseconds: Infinity };
  try {
    for (const way of ways) {
      if (way === "direct" && productsOf(node) > mostDirectProducts) continue;
      const program = await compiled(tensor, way);
      const milliseconds = await millisecondsOf(device, program).finally(() => program[Symbol.dispose]());
      if (milliseconds < best.milliseconds) best = { way, milliseconds };
    }
  } finally {
    variables.forEach((each) => device.release(each));
  }
  return best.way;
}

/** The node between neighbours as a network has them: images that are stored in blocks of channels where they can be. */
function inContext(node: Tensor, variables: Variable[]): Tensor {
  const inBlocks = ({ shape }: Tensor) => {
    const [, channels = 0, height = 0, width = 0] = shape;
    return shape.length === 4 && channels % 4 === 0 && height * width > 1;
  };
  const stored = (tensor: Tensor) => {
    const zeros = variable(tensor.shape, new Float32Array(sizeOf(tensor.shape)));
    variables.push(zeros);
    return zeros;
  };
  const givesWeight = (node.op as KernelOp).givesWeight === true;
  const inputs = node.inputs.map((operand, position) =>
    inBlocks(operand) && (givesWeight || position !== 1)
      ? unblocked(stored(blocked(operand)), operand.shape[1]!)
      : stored(operand)
  );
  const result = add(withInputs(node, inputs), 1);
  return inBlocks(node) && !givesWeight ? blocked(result) : result;
}

/** What a run takes: the shortest of some samples of many, after a first run, in which drivers compile. */
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
