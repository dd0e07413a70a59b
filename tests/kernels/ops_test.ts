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
import { evaluate, randomValues } from "./reference.ts";

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

function operands(sample: Sample, seed: number) {
  return sample.shapes.map((shape, i) => {
    const dtype = sample.dtypes?.[i] ?? "float32";
    return variable(shape, randomValues(seed + i, sizeOf(shape), sample.range ?? [-2, 2], dtype), {
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
  const node = apply(op, operands(sample, seed), sample.attributes);
  const program = await compile(device, {}, () => ({ outputs: { result: node } }), options);
  const { result } = await program.runAndRead({});
  program[Symbol.dispose]();
  node.inputs.forEach((input) => device.release(input as Variable));
  const want = evaluate(node);
  // A sum of n terms may round n times, so the tolerance grows with the largest result.
  const scale = want.reduce(
    (largest, value) => Math.max(largest, Number.isFinite(value) ? Math.abs(value) : 0),
    1,
  );
  // Winograd's sums and differences lose a digit.
  const relative = options.variant?.startsWith("winograd") ? 1e-5 : 2e-6;
  assertClose(result, want, { rtol: 2e-5, atol: relative * scale, what: describe(op, sample) });
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
        const inputs = operands(sample, 31 * i + 5);
        const node = apply(op, inputs, sample.attributes);
        const cotangent = variable(node.shape, randomValues(99 + i, sizeOf(node.shape), [-1, 1], "float32"));
        const differentiable = inputs.filter(({ dtype }) => dtype === "float32");
        const gradients = vjp(node, cotangent, differentiable);
        differentiable.forEach((input, k) =>
          checkGradient(node, input, cotangent, evaluate(gradients[k]!), describe(op, sample))
        );
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

function checkGradient(node: Tensor, input: Tensor, cotangent: Tensor, gradient: Float64Array, what: string) {
  const at = evaluate(input);
  const weights = evaluate(cotangent);
  const valueAt = (values: Float64Array) =>
    evaluate(node, new Map([[input, values]])).reduce((sum, y, i) => sum + y * weights[i]!, 0);
  const size = at.length;
  for (let probe = 0; probe < Math.min(probes, size); probe++) {
    const i = Math.floor(probe * size / Math.min(probes, size));
    const h = 1e-5 * Math.max(1, Math.abs(at[i]!));
    const difference = (valueAt(at.with(i, at[i]! + h)) - valueAt(at.with(i, at[i]! - h))) / (2 * h);
    assertClose([gradient[i]!], [difference], {
      rtol: 1e-5,
      atol: 1e-6,
      what: `${what}: gradient of element ${i}`,
    });
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
