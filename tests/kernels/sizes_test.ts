/** Kernels that differ only in sizes share a pipeline where the driver compiles slowly. */
import { compile, conv2d, type Shape, sizeOf, variable } from "../../kernels/mod.ts";
import { mostTextureSize, textureHeight } from "../../kernels/workgroups.ts";
import { assert, assertEquals } from "../assert.ts";
import { gpuTest } from "./device.ts";

/** Creates a variable whose values are different and small. */
function fill(shape: Shape) {
  return variable(shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => i * 7919 % 2003 / 1001 - 1));
}

gpuTest(
  "convolutions of different sizes share a pipeline on processors, with the same bits as alone",
  async (device) => {
    const operands = [[2, 8, 9, 7, 8], [3, 16, 5, 6, 12], [1, 4, 12, 3, 4]].map(([n, c, h, w, o]) => ({
      x: fill([n!, c!, h!, w!]),
      weight: fill([o!, c!, 3, 3]),
    }));
    const convolve = ({ x, weight }: (typeof operands)[number]) => conv2d(x, weight, { padding: 1 });
    const options = { variant: device.readsTexels ? "texels" : "direct" };
    using together = await compile(device, {}, () => ({
      outputs: Object.fromEntries(operands.map((each, i) => [`y${i}`, convolve(each)])),
    }), options);
    const kernels = together.commands.flatMap((command) =>
      "pipeline" in command && command.label.startsWith("conv_2d") ? [command.pipeline] : []
    );
    assertEquals(kernels.length, 3);
    assertEquals(new Set(kernels).size, device.isCpu && device.readsTexels ? 1 : 3);
    const results = await together.runAndRead({});
    for (const [i, each] of operands.entries()) {
      using alone = await compile(device, {}, () => ({ outputs: { y: convolve(each) } }), options);
      assertEquals(await alone.runAndRead({}), { y: results[`y${i}`] });
    }
    operands.forEach(({ x, weight }) => [x, weight].forEach((each) => device.release(each)));
  },
);

Deno.test("textures have no power of two of rows, as Mesa compiles shaders for these again", () => {
  for (const rows of [1, 2, 3, 4, 7, 8, 9, 100, 4096]) {
    const height = textureHeight(rows);
    assert(
      height >= rows && height <= rows + 2 && !Number.isInteger(Math.log2(height)),
      `${rows}: ${height}`,
    );
  }
  assertEquals(textureHeight(mostTextureSize), mostTextureSize);
});
