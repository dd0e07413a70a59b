/** Calls a function for each new buffer or texture of a GPU, and the function it returns at the end of each. */
function watch(gpu: GPUDevice, onCreate: (bytes: number) => () => void): void {
  const watched = <T extends GPUBuffer | GPUTexture>(resource: T, bytes: number): T => {
    const destroy = resource.destroy.bind(resource), onDestroy = onCreate(bytes);
    let isAlive = true;
    resource.destroy = () => {
      if (isAlive) onDestroy();
      isAlive = false;
      destroy();
    };
    return resource;
  };
  const createBuffer = gpu.createBuffer.bind(gpu), createTexture = gpu.createTexture.bind(gpu);
  gpu.createBuffer = (descriptor) => watched(createBuffer(descriptor), descriptor.size);
  gpu.createTexture = (descriptor) => {
    // All textures of programs are rgba32float.
    const [width = 1, height = 1] = descriptor.size as number[];
    return watched(createTexture(descriptor), 16 * width * height);
  };
}

/** Watches a GPU. Returns a function that counts its buffers and textures that are not destroyed. */
export function countMemory(gpu: GPUDevice): () => number {
  let alive = 0;
  watch(gpu, () => {
    alive++;
    return () => alive--;
  });
  return () => alive;
}

/** Watches a GPU. Returns a function that adds up the bytes of its buffers and textures that are not destroyed. */
export function countBytes(gpu: GPUDevice): () => number {
  let alive = 0;
  watch(gpu, (bytes) => {
    alive += bytes;
    return () => alive -= bytes;
  });
  return () => alive;
}
