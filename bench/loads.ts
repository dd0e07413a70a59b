/**
 * `deno run -A bench/loads.ts`: times of a vector's load from a storage buffer and from a texture, by which processors
 * choose where kernels read their operands.
 * @module
 */
import { favourTextures, measureLoads } from "../kernels/load_probe.ts";
import { Device } from "../kernels/mod.ts";

using device = await Device.request();
const ratios: number[] = [];
for (let round = 0; round < 9; round++) {
  const { buffer, texture } = await measureLoads(device.gpu);
  ratios.push(buffer / texture);
  const favoured = favourTextures({ buffer, texture }) ? "textures" : "buffers";
  console.log(`${buffer.toFixed(1)} ms from a buffer, ${texture.toFixed(1)} from a texture: ${favoured}`);
}
console.log(
  `${device.name}, driver ${device.driver}: median ratio ${ratios.sort((a, b) => a - b)[4]?.toFixed(1)}`,
);
