/** Pictures converted to a model's images, compared with the decoder of files on the same pixels. */
import { decodeImage } from "../../data/files/mod.ts";
import { drawImage, type ModelImage } from "../../nn/model_images.ts";
import { resizePlane } from "../../nn/resize.ts";
import { assert, assertEquals, assertLess, assertRejects } from "../assert.ts";
import { png } from "../data/fixtures.ts";
import { encode } from "npm:fast-png@8.0.0";

const resized = (source: number[], from: [number, number], to: [number, number]) => {
  const target = new Uint8Array(to[0] * to[1]);
  resizePlane(source, from, target, to);
  return [...target];
};

Deno.test("shrinking takes means under a triangle, growing interpolates", () => {
  // Weights 1, 3, 3, 1 of eight about each centre; border pixels are repeated.
  assertEquals(resized([80, 0, 0, 160], [1, 4], [1, 2]), [
    (80 * 1 + 80 * 3) / 8,
    (160 * 3 + 160 * 1) / 8,
  ]);
  assertEquals(resized([0, 90, 180], [1, 3], [1, 1]), [90]);
  // Positions −½, 0, ½ and 1 of the two.
  assertEquals(resized([0, 100], [1, 2], [1, 4]), [0, 0, 50, 100]);
  // The other axis is interpolated too, at −½ and ½.
  assertEquals(resized([0, 100], [2, 1], [2, 2]), [0, 0, 50, 50]);
  assertEquals(resized([7, 7, 7, 7, 7, 7], [2, 3], [5, 7]), new Array(35).fill(7));
  assertEquals(resized([7, 7, 7, 7, 7, 7], [2, 3], [5, 2]), new Array(10).fill(7));
  assertEquals(resized([1, 2, 3, 4, 5, 6], [2, 3], [2, 3]), [1, 2, 3, 4, 5, 6]);
});

/** Returns a smooth picture with an edge, as a file and as RGBA pixels. */
function picture(width: number, height: number) {
  const at = (x: number, y: number, c: number) =>
    Math.round(100 + 90 * Math.sin(x / (3 + c)) * Math.cos(y / 5) + (x + y > width ? 50 : 0));
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = at(i % width, Math.floor(i / width), c);
  }
  return { file: png(width, height, at), image: { data, width, height } };
}

for (const channels of [1, 3] as const) {
  for (
    const [height, width] of [[20, 31], [45, 50], [9, 13], [10, 40], [30, 12], [5, 7], [4, 3], [
      2,
      40,
    ]] as const
  ) {
    Deno.test(`a picture of 31×20 on ${width}×${height} with ${channels} channels equals the decoder's`, async () => {
      const { file, image } = picture(31, 20);
      const [want, got] = [1, 2].map(() => new Uint8Array(channels * width * height));
      await decodeImage(file, [height, width], want!, channels);
      assertEquals(await drawImage(image, [channels, height, width], got!), 31 / 20);
      const gaps = [...got!].map((level, i) => Math.abs(level - want![i]!));
      // The decoder rounds between its passes, in fixed point; without resampling the pixels are the same.
      const isSame = height === 20 && width === 31;
      assertLess(Math.max(...gaps), isSame ? 1 : 3);
      assertLess(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, 0.5);
    });
  }
}

Deno.test("transparent parts become white, as in the decoder", async () => {
  const data = Uint8Array.from({ length: 64 * 4 }, (_, i) => i % 4 === 3 ? i : (i * 37) % 256);
  const file = encode({ width: 8, height: 8, channels: 4, depth: 8, data });
  const [want, got] = [new Uint8Array(192), new Uint8Array(192)];
  await decodeImage(file, [8, 8], want);
  await drawImage({ data, width: 8, height: 8 }, [3, 8, 8], got);
  assert([...got].every((level, i) => Math.abs(level - want[i]!) <= 1), `${got} ${want}`);
});

Deno.test("each plane is resampled separately", async () => {
  const planes = Uint8Array.from({ length: 2 * 6 }, (_, i) => i < 6 ? 10 : 200);
  const target = new Uint8Array(2 * 4);
  assertEquals(await drawImage({ planes, width: 3, height: 2 }, [2, 2, 2], target), 1.5);
  assertEquals([...target], [10, 10, 10, 10, 200, 200, 200, 200]);
});

Deno.test("values that are not pictures are refused", async () => {
  const refuse = (
    image: unknown,
    kind: typeof RangeError | typeof TypeError,
    message: string,
    channels = 3,
  ) =>
    assertRejects(
      () => drawImage(image as ModelImage, [channels, 2, 2], new Uint8Array(4 * channels)),
      kind,
      message,
    );
  await refuse("a.png", TypeError, "Cannot classify a.png: it must be a picture, but its type is string");
  await refuse(null, TypeError, "Cannot classify null: it must be a picture");
  const data = new Uint8Array(16);
  await refuse({ data, width: 2, height: 3 }, RangeError, "there are 16 values for 3×2×4");
  await refuse({ data, width: 0, height: 0 }, RangeError, "its size must match its pixels");
  await refuse({ data, width: 2, height: 2 }, RangeError, "this model has 2. Pass planes", 2);
  await refuse({ planes: data, width: 2, height: 2 }, RangeError, "there are 16 values for 3×2×2");
});
