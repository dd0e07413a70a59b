/** Folders of real pictures of Fashion-MNIST, in files as people have them. */
import { join } from "node:path";
import { encode } from "npm:fast-png@8.0.0";

/** The classes, in the order of the labels. */
export const fashionClasses = [
  "T-shirt",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** Folder of the files of Debian's package dataset-fashion-mnist. */
const directory = "/usr/share/datasets/fashion-mnist";

/** Pictures with their classes. */
export interface FashionPictures {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

async function unpack(name: string): Promise<Uint8Array> {
  const file = await Deno.open(join(directory, name));
  return new Uint8Array(
    await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
  );
}

/** Reads the training pictures. */
export async function readFashion(): Promise<FashionPictures> {
  const [images, labels] = await Promise.all([
    unpack("train-images-idx3-ubyte.gz"),
    unpack("train-labels-idx1-ubyte.gz"),
  ]);
  return { pixels: images.subarray(16), labels: labels.subarray(8) };
}

/** Name of a picture in the folder. */
export function nameOfPicture(index: number): string {
  return `img_${String(index).padStart(5, "0")}.png`;
}

/** Writes some pictures into a new folder. */
export async function writePictures(
  folder: string,
  { pixels }: FashionPictures,
  from: number,
  to: number,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (let index = from; index < to; index++) {
    const data = pixels.slice(784 * index, 784 * (index + 1));
    await Deno.writeFile(
      join(folder, nameOfPicture(index)),
      encode({ width: 28, height: 28, data, channels: 1 }),
    );
  }
}
