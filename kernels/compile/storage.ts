/**
 * Device memory of a Program: one buffer with the inputs of a run, and the slots of the memory plan.
 * @module
 */
import type { Device } from "../device.ts";
import { isVariable, type Variable } from "../ops/leaf.ts";
import { rowTexelsOf } from "../ops/texels.ts";
import { type DType, sizeOf, type Tensor } from "../tensor.ts";
import { bufferBytes } from "../variable_memory.ts";
import { textureWidth } from "../workgroups.ts";
import { aliasOf } from "./fuse.ts";
import { storedBytes } from "./half.ts";
import type { MemoryPlan, Slot } from "./memory_plan.ts";
import { SizesBuffer } from "./sizes.ts";
import { bindingAlignment, bufferUsage, kernelBufferUsage, textureUsage } from "../usage.ts";

/** Layout of the buffer with the inputs of a run. */
export class InputLayout {
  /** Size of the buffer in bytes. */
  readonly bytes: number;
  readonly #places = new Map<
    string,
    { readonly offset: number; readonly length: number; readonly dtype: DType }
  >();

  /** Creates a layout. @param inputs Input leaves of a Program. */
  constructor(inputs: readonly Tensor[]) {
    let offset = 0;
    for (const { attributes, shape, dtype } of inputs) {
      const length = sizeOf(shape);
      this.#places.set(String(attributes.name), { offset, length, dtype });
      offset += Math.ceil(bufferBytes(length) / bindingAlignment) * bindingAlignment;
    }
    this.bytes = Math.max(bufferBytes(0), offset);
  }

  /** Returns the byte range of an input. @throws {TypeError} if the Program has no such input. */
  range(name: string): { readonly offset: number; readonly size: number } {
    const place = this.#places.get(name);
    if (!place) {
      throw new TypeError(`Cannot compile: a tensor depends on ${name}, but the program has no such input`);
    }
    const { offset, length } = place;
    return { offset, size: bufferBytes(length) };
  }

  /**
   * Writes the input values of a run into host memory with this layout.
   * @throws {RangeError} if a value is missing, unknown or of the wrong length.
   */
  fill(target: ArrayBuffer, values: Readonly<Record<string, number | ArrayLike<number>>>): void {
    for (const name of Object.keys(values)) {
      if (!this.#places.has(name)) {
        throw new RangeError(
          `Cannot run program: unknown input ${name}; its inputs are ${
            [...this.#places.keys()].join(", ") || "none"
          }`,
        );
      }
    }
    for (const [name, { offset, length, dtype }] of this.#places) {
      const value = values[name];
      if (value === undefined) {
        throw new RangeError(`Cannot run program: input ${name} has no value`);
      }
      const elements = typeof value === "number" ? [value] : value;
      if (elements.length !== length) {
        throw new RangeError(
          `Cannot run program: input ${name} must have ${length} elements, but has ${elements.length}`,
        );
      }
      const views = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
      new views[dtype](target, offset, length).set(elements);
    }
  }
}

/** Copy of texels from a buffer into a texture. */
export interface TextureCopy {
  /** Source buffer. */
  readonly buffer: GPUBuffer;
  /** Offset of the first texel in the source buffer, in bytes. */
  readonly offset: number;
  /** Target texture, filled row by row. */
  readonly texture: GPUTexture;
  /** Texels per row; the last row may have fewer. */
  readonly rowTexels: number;
  /** Total number of texels. */
  readonly texels: number;
}

/** Buffers and textures of a Program. */
export class Storage {
  /** Bytes on the device, without variables. */
  readonly bytes: number;
  /** Sizes of the kernels. */
  readonly sizes: SizesBuffer;
  /** Buffer with the inputs of a run. */
  readonly inputs: GPUBuffer;
  readonly #device: Device;
  readonly #layout: InputLayout;
  readonly #plan: MemoryPlan;
  readonly #inPlace: ReadonlyMap<Tensor, Variable>;
  readonly #memory = new Map<Slot, GPUBuffer | GPUTexture>();
  readonly #empty: GPUBuffer;

  /**
   * Creates the buffers and textures of a plan.
   * @param inPlace Nodes that are stored in the buffer of a variable.
   * @param sizes Lists of sizes that kernels read.
   */
  constructor(
    device: Device,
    layout: InputLayout,
    plan: MemoryPlan,
    inPlace: ReadonlyMap<Tensor, Variable>,
    sizes: readonly (readonly number[])[],
  ) {
    this.#device = device;
    this.#layout = layout;
    this.#plan = plan;
    this.#inPlace = inPlace;
    const { gpu } = device;
    this.sizes = new SizesBuffer(gpu, sizes);
    this.inputs = gpu.createBuffer({ size: layout.bytes, usage: kernelBufferUsage | bufferUsage.COPY_DST });
    this.#empty = gpu.createBuffer({ size: bufferBytes(0), usage: kernelBufferUsage });
    for (const slot of plan.slots) {
      this.#memory.set(
        slot,
        slot.rowTexels === undefined
          // Sums over processes are written by the host.
          ? gpu.createBuffer({ size: slot.bytes, usage: kernelBufferUsage | bufferUsage.COPY_DST })
          : gpu.createTexture({
            size: [textureWidth(slot.rowTexels), slot.bytes / 16 / textureWidth(slot.rowTexels)],
            format: "rgba32float",
            usage: textureUsage.STORAGE_BINDING | textureUsage.COPY_DST,
          }),
      );
    }
    this.bytes = layout.bytes + this.sizes.bytes + plan.slots.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns the resource to bind for a stored tensor or leaf. */
  resource(tensor: Tensor): GPUBindingResource {
    const slot = this.#plan.slotOf.get(aliasOf(tensor));
    if (slot?.rowTexels !== undefined) return (this.#memory.get(slot) as GPUTexture).createView();
    const { buffer, offset, size } = this.range(tensor);
    return { buffer, offset, size };
  }

  /** Returns the copy of a node's input into the node's texture. */
  textureCopy(node: Tensor): TextureCopy {
    return {
      ...this.range(node.inputs[0]!),
      texture: this.#memory.get(this.#plan.slotOf.get(node)!) as GPUTexture,
      rowTexels: rowTexelsOf(node)!,
      texels: sizeOf(node.shape) / 4,
    };
  }

  /** Returns the buffer range of a stored tensor or leaf. */
  range(tensor: Tensor): { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number } {
    const node = aliasOf(tensor);
    const size = storedBytes(node);
    const variable = isVariable(node) ? node : this.#inPlace.get(node);
    if (variable) return { buffer: this.#device.bufferOf(variable), offset: 0, size };
    if (node.op.kind === "leaf") {
      return { buffer: this.inputs, ...this.#layout.range(String(node.attributes.name)) };
    }
    const slot = this.#plan.slotOf.get(node);
    // Tensors without elements have no slot.
    return { buffer: slot ? this.#memory.get(slot) as GPUBuffer : this.#empty, offset: 0, size };
  }

  /** Frees all buffers and textures. */
  [Symbol.dispose](): void {
    for (const memory of this.#memory.values()) memory.destroy();
    this.inputs.destroy();
    this.sizes[Symbol.dispose]();
    this.#empty.destroy();
  }
}
