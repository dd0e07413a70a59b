/** Compilation that fails half-way leaves nothing on the device, and disposing frees everything. */
import { compile, conv2d, Device, GpuError, mul, relu, sum, variable } from "../../kernels/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { countMemory } from "./count_memory.ts";
import { gpuTest } from "./device.ts";

/** Compiles a graph with inputs, outputs, updates, textures if supported, and three variables. */
function compileSome(device: Device) {
  const x = variable([2, 8, 12, 12], new Float32Array(2304), { name: "x" });
  const w = variable([16, 8, 3, 3], new Float32Array(1152), { name: "w" });
  const scale = variable([], [1], { name: "scale" });
  return compile(device, { rate: {} }, ({ rate }) => {
    const y = mul(relu(conv2d(x, w, { padding: 1 })), scale);
    return { outputs: { total: sum(y) }, updates: [[scale, mul(scale, rate)]] };
  });
}

type Maker = "createShaderModule" | "createBuffer" | "createBindGroup";

/**
 * Replaces a method of a GPU so that one numbered call fails.
 * @returns A function that counts the calls, and one that restores the method.
 */
function failAt(gpu: GPUDevice, maker: Maker, number: number) {
  const own = gpu[maker].bind(gpu) as (descriptor: unknown) => unknown;
  let calls = 0;
  const failing = (descriptor: object) => {
    if (++calls !== number) return own(descriptor);
    if (maker === "createShaderModule") return own({ code: "fn main() { let x: f32 = 1u; }" });
    if (maker === "createBindGroup") throw new GpuError("made to fail");
    return own({ ...descriptor, size: 4 * Math.ceil(gpu.limits.maxBufferSize / 4) + 4 });
  };
  Object.assign(gpu, { [maker]: failing });
  return {
    calls: () => calls,
    end: () => Object.assign(gpu, { [maker]: own }),
  };
}

for (const maker of ["createShaderModule", "createBuffer", "createBindGroup"] as const) {
  gpuTest(`compiling that fails in any call of ${maker} leaves nothing on the device`, async () => {
    using device = await Device.request();
    const alive = countMemory(device.gpu);
    const kept = variable([8], new Float32Array(8));
    device.bufferOf(kept);
    const before = [alive(), device.variableBytes];
    let failures = 0;
    for (let number = 1;; number++) {
      const { calls, end } = failAt(device.gpu, maker, number);
      const compiling = compileSome(device);
      if (await compiling.then(() => false, () => true)) {
        await assertRejects(() => compiling, GpuError);
        end();
        assertEquals([alive(), device.variableBytes], before, `${maker} ${number}`);
        failures++;
        continue;
      }
      end();
      assert(calls() < number, `call ${number} of ${maker} failed without an exception`);
      break;
    }
    assert(failures > 0);
    device.check();
  });
}

gpuTest("a disposed Program leaves only its variables", async () => {
  using device = await Device.request();
  const alive = countMemory(device.gpu);
  {
    using program = await compileSome(device);
    await program.runAndRead({ rate: 2 });
    assert(alive() > 3);
  }
  assertEquals(alive(), 3);
  for (const each of [...device.variables]) device.release(each);
  assertEquals([alive(), device.variableBytes], [0, 0]);
});
