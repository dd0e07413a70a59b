/**
 * Commands of a Program, and their encoding.
 * @module
 */
import type { Traffic } from "./commands.ts";
import type { TextureCopy } from "./storage.ts";

/** Kernel that is ready to be encoded. */
export interface Dispatch extends Traffic {
  /** Name for timelines: ops and shape. */
  readonly label: string;
  /** Compiled shader. */
  readonly pipeline: GPUComputePipeline;
  /** Buffers and textures of the kernel. */
  readonly bindGroup: GPUBindGroup;
  /** Workgroups along x, y, z. */
  readonly workgroups: readonly [number, number, number];
}

/** Step of a run: a kernel, or a copy of an operand into a texture. */
export type Command = Dispatch | { readonly label: string } & Traffic & TextureCopy;

/** Encodes commands, with as many dispatches as possible per compute pass. */
export function encode(encoder: GPUCommandEncoder, commands: Iterable<Command>): void {
  let pass: GPUComputePassEncoder | undefined;
  let pipeline: GPUComputePipeline | undefined;
  for (const command of commands) {
    if ("pipeline" in command) {
      pass ??= encoder.beginComputePass();
      if (pipeline !== command.pipeline) pass.setPipeline(pipeline = command.pipeline);
      pass.setBindGroup(0, command.bindGroup);
      pass.dispatchWorkgroups(...command.workgroups);
    } else {
      pass?.end();
      pass = pipeline = undefined;
      copyTexels(encoder, command);
    }
  }
  pass?.end();
}

function copyTexels(encoder: GPUCommandEncoder, copy: TextureCopy): void {
  const { buffer, offset, texture, rowTexels, texels } = copy;
  const bytesPerRow = rowTexels * 16;
  const rows = Math.floor(texels / rowTexels), rest = texels % rowTexels;
  if (rows > 0) encoder.copyBufferToTexture({ buffer, offset, bytesPerRow }, { texture }, [rowTexels, rows]);
  if (rest > 0) {
    const source = { buffer, offset: offset + rows * bytesPerRow, bytesPerRow };
    encoder.copyBufferToTexture(source, { texture, origin: [0, rows] }, [rest, 1]);
  }
}
