/**
 * Bit flags and alignment from WebGPU's specification. The global objects with these flags are missing where WebGPU comes
 * from a package.
 * @module
 */

/** Flags of `GPUBufferUsage`. */
export const bufferUsage = {
  MAP_READ: 0x1,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  UNIFORM: 0x40,
  STORAGE: 0x80,
} as const;

/** Alignment of binding offsets in bytes that every WebGPU device accepts. */
export const bindingAlignment = 256;

/** Flags of buffers that kernels read, as storage or as uniform buffers, and write. */
export const kernelBufferUsage = bufferUsage.STORAGE | bufferUsage.UNIFORM | bufferUsage.COPY_SRC;

/** Flags of `GPUTextureUsage`. */
export const textureUsage = { COPY_DST: 0x2, STORAGE_BINDING: 0x8 } as const;

/** Flags of `GPUMapMode`. */
export const mapMode = { READ: 0x1 } as const;

/** Flags of `GPUShaderStage`. */
export const shaderStage = { COMPUTE: 0x4 } as const;
