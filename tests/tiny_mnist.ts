/** The library with 160 made-up digits instead of MNIST, so that programs train in seconds. */
import { type Dataset, type DatasetDefinition, findDataset as findKnown, type ImageSet } from "../mod.ts";

export * from "../mod.ts";

/** Makes images of 28×28 pixels; image i, of class i mod 10, has a bright bar at a place of its own. */
function digits(count: number): ImageSet {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  const images = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const label = Math.floor(i / 784) % 10, row = Math.floor(i % 784 / 28);
    return (Math.floor(row / 2.8) === label ? 200 : 20) + i * 7 % 40;
  });
  return { images, labels, imageShape: [1, 28, 28] };
}

/** Finds a dataset whose images are made up. */
export function findDataset(name: string): DatasetDefinition {
  const known = findKnown(name);
  const load = (): Promise<Dataset> => Promise.resolve({ ...known, train: digits(160), test: digits(20) });
  return { ...known, load };
}
