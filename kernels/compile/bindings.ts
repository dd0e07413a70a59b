/**
 * The buffers of one fused kernel, and the shader around its body.
 * @module
 */
import type { DType, Tensor } from "../tensor.ts";
import { workgroupRows, workgroupsPerRow } from "../workgroups.ts";

/** Element types in WGSL. */
export const wgslType: Readonly<Record<DType, string>> = { float32: "f32", int32: "i32", uint32: "u32" };

/** A fused kernel. */
export interface FusedKernel {
  /** WGSL source; its bindings are `reads`, then `writes`. */
  readonly wgsl: string;
  /** Stored tensors and leaves that it reads … */
  readonly reads: readonly Tensor[];
  /** … and those that it writes. */
  readonly writes: readonly Tensor[];
  /** Workgroups along x, y, z; the shader guards its bounds. */
  readonly workgroups: readonly [number, number, number];
}

/** A buffer as a kernel sees it. */
interface Binding {
  /** Its name in WGSL. */
  readonly name: string;
  /** Whether it is bound as vectors of four. */
  readonly isFour: boolean;
}

/** What invocations do. */
export interface KernelBody {
  /** WGSL functions that the body calls. */
  readonly helpers: ReadonlySet<string>;
  /** WGSL of one invocation. */
  readonly body: string;
  /** How many there are. */
  readonly invocations: number;
}

/** What a fused kernel reads and writes. What it writes it may have read before. */
export class Bindings {
  readonly #reads = new Map<Tensor, Binding>();
  readonly #writes = new Map<Tensor, Binding>();

  /** The buffer of a tensor that is read; bound in fours if its first reader wants so. */
  read(tensor: Tensor, isFour: boolean): Binding {
    const known = this.#writes.get(tensor) ?? this.#reads.get(tensor);
    if (known) return known;
    const binding = { name: `b${this.#reads.size}`, isFour };
    this.#reads.set(tensor, binding);
    return binding;
  }

  /** The buffer of a tensor that is written; to be asked for before what reads it. */
  write(tensor: Tensor, isFour: boolean): Binding {
    const binding = { name: `result${this.#writes.size}`, isFour };
    this.#writes.set(tensor, binding);
    return binding;
  }

  /**
   * The kernel whose first `invocations` invocations run `body`, each with its number as `i`.
   * @param size Invocations per workgroup: many where each does little, few where there are few.
   */
  assemble({ helpers, body, invocations }: KernelBody, size = 256): FusedKernel {
    const declare = (bindings: ReadonlyMap<Tensor, Binding>, first: number, access: string) =>
      [...bindings].map(([{ dtype }, { name, isFour }], i) => {
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
