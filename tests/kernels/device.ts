/** Device shared by all tests of a process. */
import { knownLoads } from "../../cli/command/known_loads.ts";
import { Device, GpuUnavailableError } from "../../kernels/mod.ts";

let device: Device | undefined;
let missing: GpuUnavailableError | undefined;
try {
  device = await Device.request({ knownLoads });
  globalThis.addEventListener("unload", () => device?.[Symbol.dispose]());
} catch (error) {
  if (!(error instanceof GpuUnavailableError) || Deno.env.get("MT_REQUIRE_GPU") === "1") throw error;
  missing = error;
  console.warn(`GPU tests are skipped: ${error.message}`);
}

/** Registers a test that needs a GPU: without one the test is skipped, or fails if `MT_REQUIRE_GPU=1`. */
export function gpuTest(
  name: string,
  run: (device: Device, test: Deno.TestContext) => Promise<void>,
): void {
  // One device serves the whole process, so its resources outlive a test.
  Deno.test({
    name,
    ignore: missing !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: (test) => run(device!, test),
  });
}

/** Returns a device with some traits replaced. */
export function deviceWith(
  device: Device,
  traits: Partial<
    Pick<
      Device,
      | "readsTexels"
      | "prefersTexels"
      | "hasSubgroups"
      | "hasFloat16"
      | "isCpu"
      | "largestBinding"
      | "pipelines"
    >
  >,
): Device {
  return new Proxy(device, {
    get(target, name) {
      if (name in traits) return traits[name as keyof typeof traits];
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
