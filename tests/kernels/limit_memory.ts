/**
 * Makes a GPU refuse buffers and textures once some bytes are in use, as one whose memory runs out does: through error
 * scopes, and with mapped buffers at once. @returns a function that tells the most bytes that were in use.
 */
export function limitMemory(gpu: GPUDevice, bytes: number): () => number {
  const { createBuffer, createTexture, pushErrorScope, popErrorScope } = gpu;
  const scopes: (GPUError | null)[] = [];
  let used = 0, most = 0;
  const count = <T extends GPUBuffer | GPUTexture>(resource: T, size: number): T => {
    most = Math.max(most, used += size);
    const destroy = resource.destroy.bind(resource);
    let isAlive = true;
    resource.destroy = () => {
      if (isAlive) used -= size;
      isAlive = false;
      destroy();
    };
    const scope = scopes.length - 1;
    if (used > bytes && scope >= 0) scopes[scope] = new GPUOutOfMemoryError("Not enough memory left");
    return resource;
  };
  gpu.createBuffer = (descriptor) => {
    if (descriptor.mappedAtCreation && used + descriptor.size > bytes) {
      // A size that every implementation refuses.
      return createBuffer.call(gpu, { ...descriptor, size: 4 * Math.ceil(gpu.limits.maxBufferSize / 4) + 4 });
    }
    return count(createBuffer.call(gpu, descriptor), descriptor.size);
  };
  gpu.createTexture = (descriptor) => {
    const [width = 1, height = 1] = descriptor.size as number[];
    return count(createTexture.call(gpu, descriptor), 16 * width * height);
  };
  gpu.pushErrorScope = (filter) => {
    scopes.push(null);
    pushErrorScope.call(gpu, filter);
  };
  gpu.popErrorScope = async () => {
    const own = scopes.pop() ?? null;
    return await popErrorScope.call(gpu) ?? own;
  };
  return () => most;
}
