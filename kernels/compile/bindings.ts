/**
 * Buffers of a fused kernel, and the shader around its body.
 * @module
 */
import { rowTexelsOf } from "../ops/texels.ts";
import type { DType, Tensor } from "../tensor.ts";
import { workgroupRows, workgroupsPerRow } from "../workgroups.ts";

/** WGSL names of element types. */
export const wgslType: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", uint32: "u32" };

/** Fused kernel: one shader and the tensors it reads and writes. */
export interface FusedKernel {
  /** WGSL source; bindings are `reads`, then `writes`. */
  readonly wgsl: string;
  /** Stored tensors and leaves that the kernel reads. */
  readonly reads: readonly Tensor[];
  /** Stored tensors that the kernel writes. */
  readonly writes: readonly Tensor[];
  /** Workgroups along x, y, z; the shader checks bounds. */
  readonly workgroups: readonly [number, number, number];
}

/** Buffer as declared in a kernel. */
interface Binding {
  /** Name in WGSL. */
  readonly name: string;
  /** True if the buffer is bound as vectors of four. */
  readonly isFour: boolean;
}

/** Code of a kernel's invocations. */
export interface KernelBody {
  /** WGSL functions that the body calls. */
  readonly helpers: ReadonlySet<string>;
  /** WGSL of one invocation. */
  readonly body: string;
  /** Number of invocations. */
  readonly invocations: number;
}

/** Buffers that a fused kernel reads and writes; a written buffer may also be read, before it is written. */
export class Bindings {
  readonly #reads = new Map<Tensor, Binding>();
  readonly #writes = new Map<Tensor, Binding>();

  /** Returns the buffer of a tensor to read; the first call decides if vectors of four are bound. */
  read(tensor: Tensor, isFour: boolean): Binding {
    const known = this.#writes.get(tensor) ?? this.#reads.get(tensor);
    if (known) return known;
    const binding = { name: `b${this.#reads.size}`, isFour };
    this.#reads.set(tensor, binding);
    return binding;
  }

  /** Returns the buffer of a tensor to write. Call this before {@linkcode read} with the same tensor. */
  write(tensor: Tensor, isFour: boolean): Binding {
    const binding = { name: `result${this.#writes.size}`, isFour };
    this.#writes.set(tensor, binding);
    return binding;
  }

  /**
   * Returns the kernel whose first `invocations` invocations run `body`, each with its index as `i`.
   * @param size Invocations per workgroup: many if each does little, few if there are few.
   */
  assemble({ helpers, body, invocations }: KernelBody, size = 256): FusedKernel {
    const declare = (bindings: ReadonlyMap<Tensor, Binding>, first: number, access: string) =>
      [...bindings].map(([tensor, { name, isFour }], i) => {
        const { dtype } = tensor;
        if (rowTexelsOf(tensor) !== undefined) {
          return `@group(0) @binding(${first + i}) var ${name}: texture_storage_2d<rgba32float, read>;`;
        }
        const element = isFour ? `vec4<${wgslType[dtype]}>` : wgslType[dtype];
        return `@group(0) @binding(${first + i}) var<storage, ${access}> ${name}: array<${element}>;`;
      });
    const wgsl = `${declare(this.#reads, 0, "read").join("\n")}
${declare(this.#writes, this.#reads.size, "read_write").join("\n")}
${[...helpers].join("\n")}
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
let i = (workgroup.y * ${workgroupsPerRow}u + workgroup.x) * ${size}u + local;
if (i >= ${invocations}u) { return; }
${body}
}
`;
    return {
      wgsl,
      reads: [...this.#reads.keys()],
      writes: [...this.#writes.keys()],
      workgroups: workgroupRows(Math.ceil(invocations / size)),
    };
  }
}
