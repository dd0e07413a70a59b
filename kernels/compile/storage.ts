/**
 * Device memory of a Program: one buffer that holds the inputs of a run, and the slots of its memory plan.
 * @module
 */
import type { Device } from "../device.ts";
import { isVariable, type Variable } from "../ops/leaf.ts";
import { rowTexelsOf } from "../ops/texels.ts";
import { type DType, sizeOf, type Tensor } from "../tensor.ts";
import { bufferBytes } from "../variable_memory.ts";
import { textureWidth } from "../workgroups.ts";
import { aliasOf } from "./fuse.ts";
import type { MemoryPlan, Slot } from "./memory_plan.ts";

/** WebGPU's largest allowed demand on the alignment of a binding's offset. */
const bindingAlignment = 256;

/** Where each input of a run is in the one buffer that holds them all. */
export class InputLayout {
  /** Bytes of the buffer. */
  readonly bytes: number;
  readonly #places = new Map<
    string,
    { readonly offset: number; readonly length: number; readonly dtype: DType }
  >();

  /** @param inputs The input leaves of a Program. */
  constructor(inputs: readonly Tensor[]) {
    let offset = 0;
    for (const { attributes, shape, dtype } of inputs) {
      const length = sizeOf(shape);
      this.#places.set(String(attributes.name), { offset, length, dtype });
      offset += Math.ceil(bufferBytes(length) / bindingAlignment) * bindingAlignment;
    }
    this.bytes = Math.max(bufferBytes(0), offset);
  }

  /** Byte range of an input. */
  range(name: string): { readonly offset: number; readonly size: number } {
    const { offset, length } = this.#places.get(name)!;
    return { offset, size: bufferBytes(length) };
  }

  /**
   * Writes the values of a run into host memory of the buffer's layout.
   * @throws {RangeError} if a value is missing, superfluous or of the wrong length.
   */
  fill(target: ArrayBuffer, values: Readonly<Record<string, number | ArrayLike<number>>>): void {
    for (const name of Object.keys(values)) {
      if (!this.#places.has(name)) {
        throw new RangeError(
          `Cannot run program as it has no input ${name}: its inputs are ${
            [...this.#places.keys()].join(", ") || "none"
          }`,
        );
      }
    }
    for (const [name, { offset, length, dtype }] of this.#places) {
      const value = values[name];
      if (value === undefined) {
        throw new RangeError(`Cannot run program as every input needs a value: ${name} has none`);
      }
      const elements = typeof value === "number" ? [value] : value;
      if (elements.length !== length) {
        throw new RangeError(
          `Cannot run program as input ${name} must have ${length} elements: it has ${elements.length}`,
        );
      }
      const views = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };
      new views[dtype](target, offset, length).set(elements);
    }
  }
}

/** A copy of texels from a buffer into a texture. */
export interface TextureCopy {
  /** Where they come from … */
  readonly buffer: GPUBuffer;
  /** … and the byte at which they start there. */
  readonly offset: number;
  /** Where they go, row by row from the first. */
  readonly texture: GPUTexture;
  /** How many in each of its rows, the last of which may have fewer. */
  readonly rowTexels: number;
  /** How many in all. */
  readonly texels: number;
}

/** The memory of a Program. */
export class Storage {
  /** Bytes on the device, variables not counted. */
  readonly bytes: number;
  /** The buffer that holds the inputs of a run. */
  readonly inputs: GPUBuffer;
  readonly #device: Device;
  readonly #layout: InputLayout;
  readonly #plan: MemoryPlan;
  readonly #inPlace: ReadonlyMap<Tensor, Variable>;
  readonly #memory = new Map<Slot, GPUBuffer | GPUTexture>();
  readonly #empty: GPUBuffer;

  /**
   * Makes the buffers and textures of a plan.
   * @param inPlace Nodes that live where a variable does.
   */
  constructor(device: Device, layout: InputLayout, plan: MemoryPlan, inPlace: ReadonlyMap<Tensor, Variable>) {
    this.#device = device;
    this.#layout = layout;
    this.#plan = plan;
    this.#inPlace = inPlace;
    const { gpu } = device;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    this.inputs = gpu.createBuffer({ size: layout.bytes, usage: storage | GPUBufferUsage.COPY_DST });
    this.#empty = gpu.createBuffer({ size: bufferBytes(0), usage: storage });
    for (const slot of plan.slots) {
      this.#memory.set(
        slot,
        slot.rowTexels === undefined
          ? gpu.createBuffer({ size: slot.bytes, usage: storage })
          : gpu.createTexture({
            size: [textureWidth(slot.rowTexels), slot.bytes / 16 / textureWidth(slot.rowTexels)],
            format: "rgba32float",
            usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.COPY_DST,
          }),
      );
    }
    this.bytes = layout.bytes + plan.slots.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What to bind for a stored tensor or leaf. */
  resource(tensor: Tensor): GPUBindingResource {
    const slot = this.#plan.slotOf.get(aliasOf(tensor));
    if (slot?.rowTexels !== undefined) return (this.#memory.get(slot) as GPUTexture).createView();
    const { buffer, offset, size } = this.range(tensor);
    return { buffer, offset, size };
  }

  /** How the input of a node is copied into its texture. */
  textureCopy(node: Tensor): TextureCopy {
    return {
      ...this.range(node.inputs[0]!),
      texture: this.#memory.get(this.#plan.slotOf.get(node)!) as GPUTexture,
      rowTexels: rowTexelsOf(node)!,
      texels: sizeOf(node.shape) / 4,
    };
  }

  /** Where a stored tensor or leaf lies. */
  range(tensor: Tensor): { readonly buffer: GPUBuffer; readonly offset: number; readonly size: number } {
    const node = aliasOf(tensor);
    const size = bufferBytes(sizeOf(node.shape));
    const variable = isVariable(node) ? node : this.#inPlace.get(node);
    if (variable) return { buffer: this.#device.bufferOf(variable), offset: 0, size };
    if (node.op.kind === "leaf") {
      return { buffer: this.inputs, ...this.#layout.range(String(node.attributes.name)) };
    }
    const slot = this.#plan.slotOf.get(node);
    // A tensor without elements has no kernel and no slot.
    return { buffer: slot ? this.#memory.get(slot) as GPUBuffer : this.#empty, offset: 0, size };
  }

  /** Frees all of it. */
  [Symbol.dispose](): void {
    for (const memory of this.#memory.values()) memory.destroy();
    this.inputs.destroy();
    this.#empty.destroy();
  }
}
