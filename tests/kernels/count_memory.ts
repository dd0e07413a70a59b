/** Counts what a GPU has made and not destroyed: buffers and textures. */
export function countMemory(gpu: GPUDevice): () => number {
  const alive = new Set<GPUBuffer | GPUTexture>();
  const watch = <T extends GPUBuffer | GPUTexture>(made: T): T => {
    const destroy = made.destroy.bind(made);
    made.destroy = () => {
      alive.delete(made);
      destroy();
    };
    alive.add(made);
    return made;
  };
  const createBuffer = gpu.createBuffer.bind(gpu), createTexture = gpu.createTexture.bind(gpu);
  gpu.createBuffer = (descriptor) => watch(createBuffer(descriptor));
  gpu.createTexture = (descriptor) => watch(createTexture(descriptor));
  return () => alive.size;
}
