/** The choice between operands in buffers and in textures on processors. */
import { measureLoads } from "../../kernels/load_probe.ts";
import { Device } from "../../kernels/mod.ts";
import { assert, assertEquals } from "../assert.ts";
import { gpuTest } from "./device.ts";

gpuTest("load probe: times are positive and finite, and leave nothing on the device", async (device) => {
  const { gpu } = device;
  const live = new Set<object>();
  const watched = new Proxy(gpu, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "createBuffer" && name !== "createTexture") return value.bind(target);
      return (descriptor: never) => {
        const made: GPUBuffer | GPUTexture = value.call(target, descriptor);
        live.add(made);
        const destroy = made.destroy.bind(made);
        made.destroy = () => {
          live.delete(made);
          return destroy();
        };
        return made;
      };
    },
  });
  const { buffer, texture } = await measureLoads(watched);
  assert(buffer > 0 && Number.isFinite(buffer) && texture >= 0 && Number.isFinite(texture));
  assertEquals(live.size, 0);
});

gpuTest(
  "load probe: known times are used, by adapter and driver",
  async ({ isCpu, readsTexels, name, driver }) => {
    const isMeasured = isCpu && readsTexels;
    for (
      const [times, prefersTexels] of [[{ buffer: 9, texture: 1 }, true], [
        { buffer: 1, texture: 1 },
        false,
      ]] as const
    ) {
      const asked: string[] = [];
      using device = await Device.request({
        knownLoads: {
          get: (adapter) => (asked.push(adapter), Promise.resolve(times)),
          set: () => Promise.reject(new Error("nothing is to be measured")),
        },
      });
      assertEquals(device.prefersTexels, isMeasured && prefersTexels);
      assertEquals(asked, isMeasured ? [`${name}, driver ${driver}`] : []);
    }
  },
);
