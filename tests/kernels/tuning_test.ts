/** Choice of kernels: by rule, by measurement, or as requested. */
import { compile, conv2d, type Device, matmul, Tuning, variable } from "../../kernels/mod.ts";
import type { Pipelines } from "../../kernels/internal.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertClose } from "./close.ts";
import { deviceWith, gpuTest } from "./device.ts";
import { evaluate, randomValues } from "./reference.ts";

const x = variable([2, 8, 12, 12], randomValues(1, 2 * 8 * 144, [-1, 1], "float32"));
const w = variable([16, 8, 3, 3], randomValues(2, 16 * 72, [-1, 1], "float32"));
const square = variable([8, 8], new Float32Array(64));
const convolution = () => conv2d(x, w, { padding: 1 });
const signature = 'conv_2d {"stride":1,"padding":1,"groups":1} [2, 8, 12, 12] [16, 8, 3, 3]';

async function labelsOf(device: Device, tuning: Tuning) {
  const node = convolution();
  const program = await compile(device, {}, () => ({ outputs: { node } }), { tuning });
  const { node: value } = await program.runAndRead({});
  assertClose(value, evaluate(node), { rtol: 1e-4, atol: 1e-4 });
  const labels = program.commands.map(({ label }) => label);
  program[Symbol.dispose]();
  return labels;
}

gpuTest("a known choice is used, and nothing is measured", async (device) => {
  for (
    const [way, kernel] of [["direct", "conv_2d"], ["winograd", "winograd_image"], [
      "texels",
      "conv_2d_texels",
    ]]
  ) {
    const tuning = new Tuning("full", { [signature]: way! });
    const labels = await labelsOf(device, tuning);
    assert(labels.some((label) => label.startsWith(`${kernel} `)), `${way}: ${labels}`);
    assertEquals([...tuning.choices], [[signature, way]]);
    assertEquals(tuning.milliseconds, 0);
  }
});

gpuTest("full tuning measures every way and remembers one that exists", async (device) => {
  const tuning = new Tuning("full");
  await labelsOf(device, tuning);
  const ways = [
    "direct",
    "texels",
    "texels-wide",
    "texels-subgroup",
    "texels-workgroup",
    "winograd",
    "winograd-wide",
    "winograd-subgroup",
    "winograd-workgroup",
  ];
  assertEquals([...tuning.choices.keys()], [signature]);
  assert(ways.includes(tuning.choices.get(signature)!), tuning.choices.get(signature)!);
  assert(tuning.milliseconds > 0);
});

gpuTest("without tuning nothing is measured", async (device) => {
  const tuning = new Tuning("off");
  await labelsOf(device, tuning);
  assertEquals([...tuning.choices], []);
});

gpuTest("fast tuning stops when its time is used up", async (device) => {
  const tuning = new Tuning("fast");
  tuning.milliseconds = 60_000;
  await labelsOf(device, tuning);
  assertEquals([...tuning.choices], []);
});

/** Returns whether a convolution or product, compiled with a variant, uses a matching shader. */
async function usesShader(device: Device, variant: string, pattern: RegExp): Promise<boolean> {
  const shaders: string[] = [];
  const pipelines = {
    get(...args: Parameters<Pipelines["get"]>) {
      shaders.push(args[0]);
      return device.pipelines.get(...args);
    },
    layout: (bindings) => device.pipelines.layout(bindings),
  } as Pipelines;
  const program = await compile(
    deviceWith(device, { pipelines }),
    {},
    () => ({ outputs: { y: convolution(), z: matmul(square, square) } }),
    {
      variant,
    },
  );
  program[Symbol.dispose]();
  return shaders.some((shader) => pattern.test(shader));
}

gpuTest(
  "variants are not used on devices without the required features, even if requested",
  async (device) => {
    for (const variant of ["auto", "texels", "winograd-wide", "texels-subgroup"]) {
      assert(
        !await usesShader(deviceWith(device, { readsTexels: false }), variant, /texture_storage_2d/),
        variant,
      );
      assert(!await usesShader(deviceWith(device, { hasSubgroups: false }), variant, /subgroup/), variant);
    }
    assert(await usesShader(device, "texels", /texture_storage_2d/));
    assertEquals(await usesShader(device, "texels-subgroup", /subgroup/), device.hasSubgroups);
  },
);
