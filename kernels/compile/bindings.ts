/**
 * Buffers of a fused kernel, and the shader around its body.
 * @module
 */
import { rowTexelsOf } from "../ops/texels.ts";
import type { BindingKind } from "../pipelines.ts";
import { type DType, sizeOf, type Tensor } from "../tensor.ts";
import { workgroupRows, workgroupsPerRow } from "../workgroups.ts";
import { isHalf } from "./half.ts";

/** WGSL names of element types. */
export const wgslType: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", uint32: "u32" };

/** Returns the WGSL name of the type of a tensor's elements in memory. */
export function memoryTypeOf(tensor: Tensor): string {
  return isHalf(tensor) ? "f16" : wgslType[tensor.dtype];
}

/** Fused kernel: one shader and the tensors it reads and writes. */
export interface FusedKernel {
  /** WGSL source; bindings are `reads`, then `writes`. */
  readonly wgsl: string;
  /** Kinds of these bindings. */
  readonly kinds: readonly BindingKind[];
  /** Stored tensors and leaves that the kernel reads. */
  readonly reads: readonly Tensor[];
  /** Stored tensors that the kernel writes. */
  readonly writes: readonly Tensor[];
  /** Workgroups along x, y, z; the shader checks bounds. */
  readonly workgroups: readonly [number, number, number];
}

/** Buffer or texture as declared in a kernel. */
interface Binding {
  /** Name in WGSL. */
  readonly name: string;
  /** True if the buffer is bound as vectors of four. */
  readonly isFour: boolean;
  readonly kind: BindingKind;
}

/** Most elements of an operand in a uniform buffer: 16 KiB, which every WebGPU device can bind. */
export const mostUniformElements = 4096;

/** Returns the declaration of a binding. */
function declare(tensor: Tensor, { name, isFour, kind }: Binding, position: number): string {
  const type = memoryTypeOf(tensor), element = isFour ? `vec4<${type}>` : type;
  const variables = {
    read: `var<storage, read> ${name}: array<${element}>`,
    write: `var<storage, read_write> ${name}: array<${element}>`,
    uniform: `var<uniform> ${name}: array<${element}, ${sizeOf(tensor.shape) / 4}>`,
    texels: `var ${name}: texture_storage_2d<rgba32float, read>`,
  };
  return `@group(0) @binding(${position}) ${variables[kind]};`;
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
  #freeUniforms: number;

  /** Creates bindings without tensors. @param mostUniforms Most uniform buffers to bind. */
  constructor(mostUniforms = 0) {
    this.#freeUniforms = mostUniforms;
  }

  /** Returns the memory of a tensor to read; the first call decides if vectors of four are bound. */
  read(tensor: Tensor, isFour: boolean): Binding {
    const known = this.#writes.get(tensor) ?? this.#reads.get(tensor);
    if (known) return known;
    const binding = { name: `b${this.#reads.size}`, isFour, kind: this.#kindOf(tensor, isFour) };
    this.#reads.set(tensor, binding);
    if (binding.kind === "uniform") this.#freeUniforms--;
    return binding;
  }

  #kindOf(tensor: Tensor, isFour: boolean): BindingKind {
    if (rowTexelsOf(tensor) !== undefined) return "texels";
    return isFour && !isHalf(tensor) && this.#freeUniforms > 0 && sizeOf(tensor.shape) <= mostUniformElements
      ? "uniform"
      : "read";
  }

  /** Returns the buffer of a tensor to write. Call this before {@linkcode read} with the same tensor. */
  write(tensor: Tensor, isFour: boolean): Binding {
    const binding = { name: `result${this.#writes.size}`, isFour, kind: "write" as const };
    this.#writes.set(tensor, binding);
    return binding;
  }

  /**
   * Returns the kernel whose first `invocations` invocations run `body`, each with its index as `i`.
   * @param size Invocations per workgroup: many if each does little, few if there are few.
   */
  assemble({ helpers, body, invocations }: KernelBody, size = 256): FusedKernel {
    const bindings = [...this.#reads, ...this.#writes];
    const enable = bindings.some(([tensor]) => isHalf(tensor)) ? "enable f16;\n" : "";
    const wgsl = `${enable}${bindings.map(([tensor, binding], i) => declare(tensor, binding, i)).join("\n")}
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
      kinds: bindings.map(([, { kind }]) => kind),
      reads: [...this.#reads.keys()],
      writes: [...this.#writes.keys()],
      workgroups: workgroupRows(Math.ceil(invocations / size)),
    };
  }
}
