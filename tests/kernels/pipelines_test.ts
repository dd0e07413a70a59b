/** Compiled shaders, and the count of them. */
import { Pipelines } from "../../kernels/pipelines.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { gpuTest } from "./device.ts";

/** A shader that writes a number. */
function shader(value: number): string {
  return `@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@compute @workgroup_size(1) fn main() { a[0] = ${value}.0; }`;
}

gpuTest("pipelines: shaders are counted one by one while they compile, faulty ones too", async ({ gpu }) => {
  const pipelines = new Pipelines(gpu), counts: [number, number][] = [];
  pipelines.onProgress = (...count) => counts.push(count);
  const get = (wgsl: string) => pipelines.get(wgsl, {}, ["write"]);
  await Promise.all([get(shader(1)), get(shader(2)), get(shader(2)), get(shader(3))]);
  assertEquals(counts, [[0, 1], [0, 2], [0, 3], [1, 3], [2, 3], [3, 3]]);

  counts.length = 0;
  await get(shader(1));
  assertEquals(counts, []);
  await Promise.all([get(shader(4)), assertRejects(() => get("no shader"))]);
  assertEquals(counts.slice(0, 2), [[0, 1], [0, 2]]);
  assertEquals(counts.length, 4);
  const [compiled, requested] = counts.at(-1)!;
  assert(compiled === requested && compiled <= 1);
});
