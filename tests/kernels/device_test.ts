/** A missing GPU, a GPU that reports an error and a lost GPU: each must cause an exception. */
import {
  add,
  compile,
  Device,
  evaluate,
  GpuError,
  GpuLostError,
  GpuMemoryError,
  GpuUnavailableError,
  mul,
  power,
  type Program,
  sum,
  type Variable,
  variable,
  type WebGpu,
} from "../../kernels/mod.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { gpuTest } from "./device.ts";
import { limitMemory } from "./limit_memory.ts";

/** A device that is lost, with what was made on it. */
interface Lost {
  readonly device: Device;
  readonly program: Program<never>;
  readonly x: Variable;
}

/** Runs a test with a replaced `navigator.gpu`. */
async function withGpu(gpu: unknown, test: () => Promise<void>): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(navigator, "gpu");
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await test();
  } finally {
    if (own) Object.defineProperty(navigator, "gpu", own);
    else delete (navigator as unknown as Record<string, unknown>)["gpu"];
  }
}

for (
  const [missing, gpu] of [["an adapter", { requestAdapter: () => Promise.resolve(null) }], [
    "WebGPU",
    undefined,
  ]]
) {
  Deno.test(`without ${missing}, the error lists what to install`, async () => {
    await withGpu(gpu, async () => {
      const error = await assertRejects(() => Device.request(), GpuUnavailableError);
      for (const word of ["mesa-vulkan-drivers", "macOS", "Windows", "Fedora", "NVIDIA"]) {
        assertStringIncludes(error.message, word);
      }
    });
  });
}

gpuTest("a device has the adapter's limits instead of the small defaults", async (device) => {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const { maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage, maxComputeInvocationsPerWorkgroup } =
    adapter!.limits;
  const { limits } = device.gpu;
  assertEquals(limits.maxStorageBufferBindingSize, maxStorageBufferBindingSize);
  assertEquals(limits.maxStorageBuffersPerShaderStage, maxStorageBuffersPerShaderStage);
  assertEquals(limits.maxComputeInvocationsPerWorkgroup, maxComputeInvocationsPerWorkgroup);
  assert(device.largestBinding <= maxStorageBufferBindingSize);
  assert(device.name.length > 0);
});

gpuTest("a shader that does not compile throws an error with the reason", async (device) => {
  const error = await assertRejects(
    () => device.pipelines.get("fn main() { let x: f32 = 1u; }", {}, []),
    GpuError,
  );
  assertStringIncludes(error.message, "Cannot compile a shader");
  device.check(); // The device can still be used.
});

gpuTest("writing another number of elements to a variable is refused", (device) => {
  const x = variable([2], [1, 2], { name: "weights" });
  assertThrows(() => device.write(x, [1, 2, 3]), RangeError, "weights");
  return Promise.resolve();
});

gpuTest("after an error or the loss of the GPU, every call throws", async () => {
  const device = await Device.request();
  const x = variable([2], [1, 2]);
  const program = await compile(device, {}, () => ({ updates: [[x, add(x, 1)]] }));
  // A copy beyond the end of a buffer, whose error no call would report otherwise.
  const buffer = device.gpu.createBuffer({
    size: 4,
    usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, buffer, 8, 16);
  device.gpu.queue.submit([encoder.finish()]);
  await assertRejects(() => device.finish(), GpuError, "reported an error");
  assertThrows(() => program.run({}), GpuError, "reported an error");
  device[Symbol.dispose]();
  assertThrows(() => program.run({}), GpuError, "destroyed");

  const lost = await Device.request();
  lost.gpu.destroy();
  await lost.gpu.lost;
  assertThrows(() => lost.check(), GpuError, "was lost");
  lost[Symbol.dispose]();
});

gpuTest(
  "a GPU that is lost at any moment causes a GpuLostError, never an error of the implementation",
  async () => {
    const calls: Readonly<Record<string, (parts: Lost) => unknown>> = {
      runAndRead: ({ program }) => program.runAndRead({}),
      read: ({ device, x }) => device.read([x]),
      finish: ({ device }) => device.finish(),
      compile: ({ device, x }) => compile(device, {}, () => ({ outputs: { y: mul(x, 2.5) } })),
      "run and finish": ({ program, device }) => (program.run({}), device.finish()),
    };
    for (const [name, call] of Object.entries(calls)) {
      using device = await Device.request();
      const x = variable([64], new Float32Array(64));
      const program = await compile(
        device,
        {},
        () => ({ outputs: { y: mul(x, 2) }, updates: [[x, add(x, 1)]] }),
      );
      const pending = program.runAndRead({});
      device.gpu.destroy();
      const parts = { device, program, x };
      // The second call comes after the loss was reported.
      for (const attempt of [() => pending, () => call(parts), () => call(parts)]) {
        await assertRejects(async () => await attempt(), GpuLostError, "the GPU was lost", name);
      }
    }
  },
);

gpuTest("if memory for a variable runs out, the error names the variable and its size", async () => {
  using device = await Device.request();
  const { gpu } = device;
  const make = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) =>
    make({ ...descriptor, size: 4 * Math.ceil(gpu.limits.maxBufferSize / 4) + 4 });
  const images = variable([2 ** 18], new Float32Array(2 ** 18), { name: "images" });
  const error = assertThrows(() => device.bufferOf(images), GpuError);
  assertStringIncludes(error.message, `Cannot allocate variable images (1 MiB) on ${device.name}`);
});

gpuTest("if memory for a program runs out, the error names the largest tensors", async () => {
  using device = await Device.request();
  const x = variable([1, 1024], new Float32Array(1024)), y = variable([512, 1], new Float32Array(512));
  const build = () => {
    const product = add(x, y), sums = sum(power(product, 2), [1]);
    return { outputs: { sums, product, more: mul(product, 2) } };
  };
  (await compile(device, {}, build))[Symbol.dispose]();
  limitMemory(device.gpu, 2 ** 20);
  const error = await assertRejects(() => compile(device, {}, build), GpuMemoryError);
  assertMatch(
    error.message,
    /^Cannot allocate \d MiB on .*: .+\. The largest tensors are .*\[512, 1024\] \(2 MiB\).*\. Use smaller batches\.$/,
  );
});

gpuTest("Device.request takes another implementation of WebGPU than the global one", async (device) => {
  const { gpu } = navigator;
  const calls: unknown[] = [];
  const wrapper: WebGpu = {
    requestAdapter(options) {
      calls.push(options);
      return gpu.requestAdapter(options);
    },
  };
  await withGpu(undefined, async () => {
    using other = await Device.request({ gpu: wrapper });
    assertEquals([calls.length, other.name, other.readsTexels], [1, device.name, false]);
    assertEquals([...await evaluate(other, add(variable([2], [1, 2]), 3))], [4, 5]);
  });
});
