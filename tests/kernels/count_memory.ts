/** Watches a GPU. Returns a function that counts its buffers and textures that are not destroyed. */
export function countMemory(gpu: GPUDevice): () => number {
  const alive = new Set<GPUBuffer | GPUTexture>();
  const watch = <T extends GPUBuffer | GPUTexture>(resource: T): T => {
    const destroy = resource.destroy.bind(resource);
    resource.destroy = () => {
      alive.delete(resource);
      destroy();
    };
    alive.add(resource);
    return resource;
  };
  const createBuffer = gpu.createBuffer.bind(gpu), createTexture = gpu.createTexture.bind(gpu);
  gpu.createBuffer = (descriptor) => watch(createBuffer(descriptor));
  gpu.createTexture = (descriptor) => watch(createTexture(descriptor));
  return () => alive.size;
}
