/** Storage in float16. */
import {
  add,
  avgPool2d,
  batchNorm,
  compile,
  type CompileOptions,
  conv2d,
  type Device,
  GpuError,
  input,
  leakyRelu,
  maxPool2d,
  mul,
  type Shape,
  sizeOf,
  sum,
  type Tensor,
  variable,
  vjp,
} from "../../kernels/mod.ts";
import { allOps, type BindingKind, type Op } from "../../kernels/internal.ts";
import { convertBindings } from "../../kernels/compile/half_bindings.ts";
import { apply } from "../../kernels/tensor.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { deviceWith, gpuTest } from "./device.ts";
import { evaluate } from "./reference.ts";

/** Creates a variable whose values are different and small. */
function fill(shape: Shape, factor = 1) {
  return variable(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7919 % 2003 / 1001 - 1) * factor),
  );
}

const x = fill([8, 8, 12, 12]), weight = fill([16, 8, 3, 3]), scale = fill([16]);
const variables = [x, weight, scale];

/** Builds a convolution with batch normalisation and pooling, and its gradients. */
function buildNetwork(): Record<string, Tensor> {
  const hidden = batchNorm(conv2d(add(x, 0.1), weight, { padding: 1 }), scale, scale);
  const active = leakyRelu(hidden, 0.1);
  const y = add(maxPool2d(active, { kernel: 2 }), avgPool2d(active, { kernel: 2 }));
  const cost = mul(sum(mul(y, y)), 1 / sizeOf(y.shape));
  const gradients = vjp(cost, mul(cost, 0.5), variables);
  return { cost, y, ...Object.fromEntries(gradients.map((each, i) => [`gradient${i}`, each])) };
}

/** Returns a device that compiles nothing, and the WGSL that it would compile, with the kinds of its bindings. */
function withoutCompiler(device: Device) {
  const shaders = new Map<string, readonly BindingKind[]>();
  const pipelines = {
    get: (wgsl: string, _: unknown, kinds: readonly BindingKind[]) => {
      shaders.set(wgsl, kinds);
      return Promise.resolve({});
    },
    layout: (kinds: readonly BindingKind[]) => device.pipelines.layout(kinds),
  } as unknown as Device["pipelines"];
  return { shaders, device: deviceWith(device, { pipelines, prefersTexels: false }) };
}

/** Returns the bytes of intermediate results in use at the same time. */
async function memoryOf(device: Device, options: CompileOptions): Promise<number> {
  using program = await compile(
    withoutCompiler(device).device,
    {},
    () => ({ outputs: buildNetwork() }),
    options,
  );
  return program.lowerBound;
}

/** Returns the distance of two vectors, relative to the length of the second. */
function relativeDistance(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let distance = 0, length = 0;
  for (let i = 0; i < want.length; i++) {
    distance += (got[i]! - want[i]!) ** 2;
    length += want[i]! ** 2;
  }
  return Math.sqrt(distance / length);
}

for (const variant of ["auto", "direct", "texels-workgroup"]) {
  gpuTest(`float16 changes results and gradients little: ${variant}`, async (device) => {
    const outputs = buildNetwork(), options = { variant, precision: "float16" } as const;
    using program = await compile(device, {}, () => ({ outputs }), options);
    const results = await program.runAndRead({});
    for (const [name, node] of Object.entries(outputs)) {
      const distance = relativeDistance(results[name]!, evaluate(node));
      // Maxima of nearly equal values change place, which moves gradients of single pixels.
      const limit = name === "gradient0" ? 0.05 : 0.01;
      assert(distance < limit && distance > 1e-8, `${name}: ${distance}`);
    }
    const share = await memoryOf(device, options) / await memoryOf(device, { variant });
    assert(variant === "auto" || share < 0.6, `${share} of the memory`);
    variables.forEach((each) => device.release(each));
  });
}

gpuTest("float16 changes a convolution by Winograd's algorithm by less than 1 %", async (device) => {
  const y = conv2d(x, weight), options = { variant: "winograd-workgroup", precision: "float16" } as const;
  using program = await compile(device, {}, () => ({ outputs: { y } }), options);
  const distance = relativeDistance((await program.runAndRead({})).y, evaluate(y));
  assert(distance < 0.01 && distance > 0.001, `${distance}`);
  [x, weight].forEach((each) => device.release(each));
});

gpuTest(
  "float16 rounds to the nearest number, and too large values and NaN become infinite",
  async (device) => {
    const special = [1 / 3, -2049, 65504, 65519, 65520, -7e4, 1e30, NaN, Infinity, 6e-8, -0, 1e-5];
    const values = Float32Array.from({ length: 4096 }, (_, i) => special[i] ?? i * 7919 % 2003 / 17);
    const image = variable([1, 1, 64, 64], values);
    // The operand of the pooling kernel is stored.
    const build = () => ({ outputs: { y: maxPool2d(mul(image, 1), { kernel: 1 }) } });
    using program = await compile(device, {}, build, { precision: "float16", variant: "direct" });
    const { y } = await program.runAndRead({});
    const rounded = new Float16Array(values);
    const want = Float32Array.from(rounded, (value) => Number.isFinite(value) ? value : Infinity);
    assertEquals(y, want);
    device.release(image);
  },
);

gpuTest("every hand-written shader of images can load and store float16", async (device) => {
  const { shaders, device: collecting } = withoutCompiler(device);
  for (const op of allOps as readonly Op[]) {
    if (op.kind !== "kernel") continue;
    const sample = op.samples?.find(({ shapes }) => shapes.every((shape) => sizeOf(shape) > 0));
    if (!sample) continue;
    const inputs = sample.shapes.map((shape, i) => input(`x${i}`, shape, sample.dtypes?.[i] ?? "float32"));
    const specs = Object.fromEntries(inputs.map(({ shape, dtype }, i) => [`x${i}`, { shape, dtype }]));
    for (const variant of ["direct", ...(op.variants ?? []).map(({ name }) => name)]) {
      const build = () => ({ outputs: { y: apply(op, inputs, sample.attributes) } });
      (await compile(collecting, specs, build, { variant }))[Symbol.dispose]();
    }
  }
  let converted = 0;
  for (const [wgsl, kinds] of shaders) {
    const halves = kinds.map((_, i) =>
      new RegExp(`@binding\\(${i}\\) var<storage, \\w+> \\w+: array<(f32|vec4f)>`).test(wgsl)
    );
    const code = convertBindings(wgsl, halves);
    const { messages } = await device.gpu.createShaderModule({ code }).getCompilationInfo();
    assertEquals(messages.map(({ message }) => `${message}\n${code}`), []);
    if (code !== wgsl) converted++;
  }
  assert(converted > 30, `${converted} of ${shaders.size} shaders`);
});

gpuTest("compile refuses float16 on a device without the feature", async (device) => {
  const without = deviceWith(device, { hasFloat16: false });
  const compiled = compile(without, {}, () => ({ outputs: buildNetwork() }), { precision: "float16" });
  await assertRejects(() => compiled, GpuError, "lacks the feature shader-f16. Use precision float32.");
});
