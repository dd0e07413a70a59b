/** Weights made from an integer hash of their names, as in tests/vectors/make_pretrained.py. */
import { sizeOf } from "../../kernels/mod.ts";
import type { HostTensor } from "../../nn/mod.ts";

const encoder = new TextEncoder();

/** Returns `count` values of a name in [0, 1). */
function uniform(name: string, count: number): Float64Array {
  const start = encoder.encode(name).reduce(
    (hash, byte) => Math.imul(hash ^ byte, 0x0100_0193) >>> 0,
    0x811c_9dc5,
  );
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = (start + Math.imul(i, 2_654_435_761)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb_352d);
    x = Math.imul(x ^ (x >>> 15), 0x846c_a68b);
    values[i] = ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  }
  return values;
}

/** Returns the values of a state dict with these names and shapes. */
export function fillStateDict(shapes: Readonly<Record<string, readonly number[]>>): Map<string, HostTensor> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, fill(name, shape)]));
}

function fill(name: string, shape: readonly number[]): HostTensor {
  if (name.endsWith("num_batches_tracked")) return { shape, dtype: "int32", data: Int32Array.of(7) };
  const count = sizeOf(shape);
  const bound = shape.length > 1 ? Math.sqrt(3 / (count / (shape[0] ?? 1))) : 0.1;
  const [first, span] = shape.length > 1
    ? [-bound, 2 * bound]
    : name.endsWith("running_var")
    ? [0.5, 1]
    : name.endsWith("weight")
    ? [0.3, 0.6]
    : [-bound, 2 * bound];
  const data = new Float32Array(count);
  for (const [i, u] of uniform(name, count).entries()) data[i] = first + span * u;
  return { shape, dtype: "float32", data };
}

/** Returns the images of the vectors. */
export function fillImages(shape: readonly number[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(uniform("x", sizeOf(shape)), (u) => 2 * (2 * u - 1));
}
