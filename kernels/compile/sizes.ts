/**
 * Sizes of kernels in a uniform buffer: nodes that differ only in sizes share a shader, which the driver
 * compiles once.
 * @module
 */
import type { Kernel } from "../op.ts";
import type { BindingKind } from "../pipelines.ts";
import { bindingAlignment, bufferUsage } from "../usage.ts";

/** Shader with all its bindings. */
export interface SizedKernel extends Omit<Required<Kernel>, "sizes"> {
  /** Kinds of the bindings. */
  readonly kinds: readonly BindingKind[];
  /** Sizes in a uniform buffer, bound last; constants if absent. */
  readonly sizes?: readonly number[];
}

/** Returns a kernel that reads its sizes from a last, uniform binding if `isShared`, and has constants otherwise. */
export function bindSizes(
  { sizes = {}, ...kernel }: Kernel & Pick<SizedKernel, "workgroups">,
  kinds: readonly BindingKind[],
  isShared: boolean,
): SizedKernel {
  const list = Object.values(sizes);
  if (!isShared || list.length === 0) {
    return { ...kernel, kinds, constants: { ...kernel.constants, ...sizes } };
  }
  const wgsl = readSizes(kernel.wgsl, sizes, kinds.length);
  return { ...kernel, wgsl, kinds: [...kinds, "uniform"], sizes: list };
}

/** Returns a shader that reads `sizes`, which it declares as constants, from uniform binding `position`. */
function readSizes(wgsl: string, sizes: Readonly<Record<string, number>>, position: number): string {
  const body = wgsl.replace(/^override (\w+): u32;\n/gm, (line, name) => name in sizes ? "" : line)
    .replace(/\b[A-Z][A-Z0-9]*\b/g, (word) => word in sizes ? `sizes.${word}` : word);
  const members = Object.keys(sizes).map((name) => `  ${name}: u32,`).join("\n");
  return `${body}
struct Sizes {
${members}
}
@group(0) @binding(${position}) var<uniform> sizes: Sizes;
`;
}

/** Uniform buffer with the sizes of all kernels of a Program. */
export class SizesBuffer {
  /** Size of the buffer in bytes. */
  readonly bytes: number;
  readonly #buffer: GPUBuffer | undefined;
  readonly #offsets = new Map<string, number>();

  /** Creates the buffer; none if no kernel reads sizes. @param lists Sizes of each kernel, in order. */
  constructor(gpu: GPUDevice, lists: readonly (readonly number[])[]) {
    const different = new Map(lists.map((list) => [list.join(), list]));
    let end = 0;
    for (const [key, list] of different) {
      this.#offsets.set(key, end);
      end += Math.ceil(4 * list.length / bindingAlignment) * bindingAlignment;
    }
    this.bytes = end;
    if (end === 0) return;
    const usage = bufferUsage.UNIFORM | bufferUsage.COPY_DST;
    this.#buffer = gpu.createBuffer({ size: end, usage });
    const all = new Uint32Array(end / 4);
    for (const [key, list] of different) all.set(list, this.#offsets.get(key)! / 4);
    gpu.queue.writeBuffer(this.#buffer, 0, all);
  }

  /** Returns the resource to bind for sizes that the constructor got. */
  resource(list: readonly number[]): GPUBindingResource {
    return { buffer: this.#buffer!, offset: this.#offsets.get(list.join())!, size: 4 * list.length };
  }

  /** Frees the buffer. */
  [Symbol.dispose](): void {
    this.#buffer?.destroy();
  }
}
