/** Contract of every op: device = float64 reference, gradient = finite differences, clear refusals. */
import {
  compile,
  type CompileOptions,
  conv2d,
  type Device,
  matmul,
  reshape,
  type Tensor,
  type Variable,
  variable,
  vjp,
} from "../../kernels/mod.ts";
import { allOps, conv2dInputGradient, conv2dWeightGradient } from "../../kernels/internal.ts";
import { canCompute } from "../../kernels/compile/lower.ts";
import type { Op, Sample, Variant } from "../../kernels/op.ts";
import { apply, sizeOf } from "../../kernels/tensor.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "./close.ts";
import { gpuTest } from "./device.ts";
import { evaluate, evaluateTogether, randomValues } from "./reference.ts";
import { tasks } from "./tasks.ts";

/** Returns the ways to compute an op; only kernels with variants, and composites, have several. */
const variantsOf = (op: Op) => [
  "direct",
  ...(op.kind === "composite" ? ["texels"] : op.kind === "kernel" ? op.variants ?? [] : []).map((variant) =>
    typeof variant === "string" ? variant : variant.name
  ),
];
/** Number of nodes that each variant has lowered. */
const lowered = new Map<Variant, number>();
for (const variant of allOps.flatMap((op: Op) => op.kind === "kernel" ? op.variants ?? [] : [])) {
  const { lower } = variant;
  Object.assign(variant, {
    lower(node: Tensor) {
      lowered.set(variant, (lowered.get(variant) ?? 0) + 1);
      return lower.call(variant, node);
    },
  });
}

/** Most elements per input that are checked by finite differences. */
const probes = 6;

/** Returns the number of processes that compute an op: two if its results depend on the operands of others. */
const processesOf = (op: Op) => op.referenceTogether ? 2 : 1;

/** Returns a node of each process that computes an op. */
function nodesOf(op: Op, sample: Sample, seed: number): Tensor[] {
  return Array.from(
    { length: processesOf(op) },
    (_, rank) => apply(op, operands(sample, seed, rank), sample.attributes),
  );
}

function operands(sample: Sample, seed: number, rank = 0) {
  return sample.shapes.map((shape, i) => {
    const dtype = sample.dtypes?.[i] ?? "float32", own = sample.common?.includes(i) ? 0 : 1000 * rank;
    return variable(shape, randomValues(seed + own + i, sizeOf(shape), sample.range ?? [-2, 2], dtype), {
      dtype,
      name: `input${i}`,
    });
  });
}

function describe(op: Op, sample: Sample): string {
  return `${op.name} ${JSON.stringify(sample.shapes)} ${JSON.stringify(sample.attributes)}`;
}

/** Returns whether the compiler splits long sums of an op. */
const hasSums = (op: Op) => op.kind === "reduce" || "extent" in op;

async function checkResult(device: Device, op: Op, sample: Sample, seed: number, options: CompileOptions) {
  const nodes = nodesOf(op, sample, seed), sums = tasks(nodes.length);
  const results = await Promise.all(nodes.map(async (node, rank) => {
    const own = { ...options, sumAcross: sums[rank] };
    const program = await compile(device, {}, () => ({ outputs: { result: node } }), own);
    const { result } = await program.runAndRead({});
    program[Symbol.dispose]();
    node.inputs.forEach((input) => device.release(input as Variable));
    return result;
  }));
  const wants = evaluateTogether(nodes);
  results.forEach((result, rank) => assertResult(result, wants[rank]!, options, describe(op, sample)));
}

function assertResult(
  result: ArrayLike<number>,
  want: Float64Array,
  options: CompileOptions,
  what: string,
): void {
  // A sum of n terms may round n times, so the tolerance grows with the largest result.
  const scale = want.reduce(
    (largest, value) => Math.max(largest, Number.isFinite(value) ? Math.abs(value) : 0),
    1,
  );
  // Winograd's sums and differences lose a digit.
  const relative = options.variant?.startsWith("winograd") ? 1e-5 : 2e-6;
  assertClose(result, want, { rtol: 2e-5, atol: relative * scale, what });
}

for (const op of allOps) {
  for (const variant of variantsOf(op)) {
    gpuTest(`${op.name} (${variant}) matches its reference`, async (device) => {
      assert(op.samples && op.samples.length > 0, `${op.name} has no samples`);
      for (const [i, sample] of op.samples.entries()) {
        await checkResult(device, op, sample, 17 * i, { variant });
      }
      checkReached(device, op, variant);
    });

    if (hasSums(op)) {
      gpuTest(`${op.name} (${variant}) has the same result when sums are split`, async (device) => {
        for (const [i, sample] of op.samples!.entries()) {
          // Larger samples are split in any case, or would be split into too many parts.
          if (sample.differentiable === false) continue;
          for (const longestLoop of [8, 40]) {
            await checkResult(device, op, sample, 13 * i, { variant, longestLoop });
          }
        }
      });
    }
  }

  if (op.vjp) {
    Deno.test(`${op.name} has a gradient that matches finite differences`, () => {
      for (const [i, sample] of op.samples!.entries()) {
        if (sample.differentiable === false) continue;
        const nodes = nodesOf(op, sample, 31 * i + 5);
        const cotangents = nodes.map(({ shape }, rank) =>
          variable(shape, randomValues(99 + i + 1000 * rank, sizeOf(shape), [-1, 1], "float32"))
        );
        const operandsAt = nodes[0]!.inputs.keys().filter((k) => nodes[0]!.inputs[k]!.dtype === "float32");
        for (const k of operandsAt) {
          const slopes = nodes.map((node, rank) => vjp(node, cotangents[rank]!, [node.inputs[k]!])[0]);
          checkGradient(nodes, k, sample, cotangents, evaluateTogether(slopes), describe(op, sample));
        }
      }
    });
  }

  for (const refusal of op.refusals ?? []) {
    Deno.test(`${op.name} refuses ${JSON.stringify(refusal.shapes)} ${JSON.stringify(refusal.attributes)}`, () => {
      const inputs = operands(refusal, 0);
      const error = assertThrows(() => apply(op, inputs, refusal.attributes), Error, refusal.message);
      assert(/^Cannot [^:]+: .+, but .+/.test(error.message), error.message);
    });
  }
}

/** Throws if a variant has computed no sample, or warns if the device does not support the variant. */
function checkReached(device: Device, op: Op, name: string) {
  const variant = op.kind === "kernel" && op.variants?.find((each) => each.name === name);
  if (!variant) return;
  if (canCompute(device, variant)) assert(lowered.get(variant), "no sample reaches the variant");
  else {console.warn(
      `${device.name} cannot compute ${op.name} (${name}): it needs ${variant.needs?.join(", ")}`,
    );}
}

/**
 * Compares gradients with finite differences of the sum of all processes' results, weighted by the cotangents. A common
 * operand changes in all processes, so that the sum of their gradients counts.
 */
function checkGradient(
  nodes: readonly Tensor[],
  operand: number,
  { common }: Sample,
  cotangents: readonly Tensor[],
  gradients: readonly Float64Array[],
  what: string,
) {
  const inputs = nodes.map((node) => node.inputs[operand]!),
    weights = cotangents.map((each) => evaluate(each));
  const valueAt = (changes: ReadonlyMap<Tensor, Float64Array>) =>
    evaluateTogether(nodes, nodes.map(() => changes)).reduce(
      (total, values, rank) => values.reduce((sum, y, i) => sum + y * weights[rank]![i]!, total),
      0,
    );
  const groups = common?.includes(operand) ? [[...nodes.keys()]] : [...nodes.keys()].map((rank) => [rank]);
  for (const ranks of groups) {
    const at = evaluate(inputs[ranks[0]!]!), size = at.length;
    const slopeOf = (i: number) => ranks.reduce((sum, rank) => sum + gradients[rank]![i]!, 0);
    const changed = (values: Float64Array) => new Map(ranks.map((rank) => [inputs[rank]!, values]));
    for (let probe = 0; probe < Math.min(probes, size); probe++) {
      const i = Math.floor(probe * size / Math.min(probes, size));
      const h = 1e-5 * Math.max(1, Math.abs(at[i]!));
      const [above, below] = [h, -h].map((step) => valueAt(changed(at.with(i, at[i]! + step))));
      assertClose([slopeOf(i)], [(above! - below!) / (2 * h)], {
        rtol: 1e-5,
        atol: 1e-6,
        what: `${what}: gradient of element ${i} of operand ${operand}, processes ${ranks}`,
      });
    }
  }
}

Deno.test("every op has a unique name", () => {
  assertEquals(new Set(allOps.map(({ name }) => name)).size, allOps.length);
});

Deno.test("matrix products and convolutions refuse integers", () => {
  const matrix = variable([1, 1], [1]), whole = variable([1, 1], [1], { dtype: "int32" });
  assertThrows(() => matmul(matrix, whole), TypeError, "elements must be float32, but are int32");
  const image = reshape(matrix, [1, 1, 1, 1]), wholeImage = reshape(whole, [1, 1, 1, 1]);
  assertThrows(() => conv2d(wholeImage, image), TypeError, "elements must be float32");
  assertThrows(() => conv2dInputGradient(wholeImage, image, image.shape), TypeError, "must be float32");
  assertThrows(() => conv2dWeightGradient(image, wholeImage, image.shape), TypeError, "must be float32");
});

gpuTest("a limit on loops that is too small is refused", async (device) => {
  const graph = () => ({ outputs: { x: variable([1], [1]) } });
  for (const longestLoop of [7, NaN]) {
    await assertRejects(() => compile(device, {}, graph, { longestLoop }), RangeError, "must be at least 8");
  }
});
