/** Operands of fused kernels in textures. */
import {
  add,
  batchNorm,
  compile,
  conv2d,
  type Device,
  leakyRelu,
  maxPool2d,
  mul,
  type Shape,
  sizeOf,
  sum,
  variable,
  vjp,
} from "../../kernels/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { deviceWith, gpuTest } from "./device.ts";

/** Creates a variable whose values are different and small. */
function fill(shape: Shape) {
  return variable(shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => i * 7919 % 2003 / 1001 - 1));
}

const x = fill([8, 8, 12, 12]), first = fill([16, 8, 3, 3]), second = fill([8, 16, 3, 3]), scale = fill([16]);

/** Builds two convolutions with everything that fuses between them, and their gradients. */
function buildNetwork() {
  const hidden = conv2d(x, first, { padding: 1 });
  const active = leakyRelu(batchNorm(hidden, scale, scale), 0.1);
  const pooled = maxPool2d(active, { kernel: 2 });
  const y = add(conv2d(pooled, second, { padding: 1 }), 1);
  const cost = sum(mul(y, y));
  const gradients = vjp(cost, mul(cost, 0.5), [first, second, scale, x]);
  return { cost, y, ...Object.fromEntries([...gradients.values()].map((each, i) => [`gradient${i}`, each])) };
}

/** Runs the network; returns its outputs, and the number of copies into textures. */
async function run(device: Device) {
  using program = await compile(device, {}, () => ({ outputs: buildNetwork() }));
  const copies = program.commands.filter((command) => !("pipeline" in command)).length;
  return { outputs: await program.runAndRead({}), copies };
}

gpuTest("fused kernels compute the same bits from textures and from buffers", async (device) => {
  const fromBuffers = await run(deviceWith(device, { prefersTexels: false }));
  const fromTextures = await run(deviceWith(device, { prefersTexels: device.readsTexels }));
  assertEquals(fromTextures.outputs, fromBuffers.outputs);
  if (device.readsTexels) assert(fromTextures.copies > fromBuffers.copies, `${fromTextures.copies} copies`);
  [x, first, second, scale].forEach((each) => device.release(each));
});
