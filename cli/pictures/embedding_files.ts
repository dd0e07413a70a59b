/**
 * Files of an embedding: the features as an array, and what TensorBoard's projector shows.
 * @module
 */
import { encode } from "npm:fast-png@8.0.0";
import { writeNpy } from "../../data/mod.ts";
import type { ImageFeatures } from "../../nn/mod.ts";

/** Images with their features. */
export interface Embedding {
  readonly features: ImageFeatures;
  /** Name of each image, `[N]`. */
  readonly names: readonly string[];
  /** Label of each image, `[N]`; null if unknown. */
  readonly labels: readonly (string | null)[];
  /** Small images for the sprite, `[N]`, each of {@linkcode spriteSide} squared RGB pixels. */
  readonly thumbnails: readonly Uint8Array[];
  /** Side of the small images in pixels. */
  readonly spriteSide: number;
}

/** Largest side of a sprite that TensorBoard shows, in pixels. */
const largestSprite = 8192;

/** Returns the side of the small images of a sprite: at most 64, smaller for many images. */
export function spriteSide(count: number): number {
  return Math.min(64, Math.floor(largestSprite / Math.ceil(Math.sqrt(Math.max(1, count)))));
}

/** Returns the contents of all files by name. */
export function embeddingFiles(embedding: Embedding): Readonly<Record<string, string | Uint8Array>> {
  const { features: { values, shape }, names } = embedding;
  return {
    "features.npy": writeNpy(shape, values),
    "names.json": `${JSON.stringify(names, null, 1)}\n`,
    "vectors.tsv": vectorsText(embedding.features),
    "metadata.tsv": metadataText(embedding),
    "sprite.png": spriteOf(embedding),
    [projectorFile]: projectorConfig(embedding.spriteSide),
  };
}

function vectorsText({ values, shape: [count, size] }: ImageFeatures): string {
  const rows = Array.from(
    { length: count },
    (_, i) => Array.from(values.subarray(i * size, (i + 1) * size), (value) => Number(value.toPrecision(6))),
  );
  return rows.map((row) => `${row.join("\t")}\n`).join("");
}

/** Returns a head line, then name, label, predicted class and its probability of each image. */
function metadataText({ features: { predictions }, names, labels }: Embedding): string {
  // The format has no quotes.
  const cell = (text: string) => text.replace(/[\t\r\n]/g, " ");
  const rows = predictions.map(({ className, probability }, i) =>
    [names[i] ?? "", labels[i] ?? "", className, probability.toFixed(4)].map(cell)
  );
  return [["name", "label", "prediction", "probability"], ...rows].map((row) => `${row.join("\t")}\n`).join(
    "",
  );
}

/** Joins the small images to one, row by row. */
function spriteOf({ thumbnails, spriteSide: side }: Embedding): Uint8Array {
  const columns = Math.ceil(Math.sqrt(thumbnails.length)), width = columns * side;
  const data = new Uint8Array(3 * width * width).fill(255);
  for (const [i, pixels] of thumbnails.entries()) {
    for (let row = 0; row < side; row++) {
      const from = 3 * row * side, y = Math.floor(i / columns) * side + row;
      data.set(pixels.subarray(from, from + 3 * side), 3 * (y * width + i % columns * side));
    }
  }
  return encode({ width, height: width, data, channels: 3 });
}

/** Reduces an image `[C, H, W]` of 1 or 3 channels to a square of RGB pixels. */
export function thumbnailPixels(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  side: number,
): Uint8Array {
  const plane = height * width, result = new Uint8Array(3 * side * side);
  for (let i = 0; i < side * side; i++) {
    const y = Math.floor((Math.floor(i / side) + 0.5) * height / side);
    const x = Math.floor((i % side + 0.5) * width / side);
    for (let c = 0; c < 3; c++) {
      result[3 * i + c] = pixels[(channels === 1 ? 0 : c * plane) + y * width + x] ?? 0;
    }
  }
  return result;
}

/** Name of the file in which TensorBoard's projector looks for its settings. */
export const projectorFile = "projector_config.pbtxt";

/** Returns the settings with which TensorBoard's projector finds the files. @param folder Their path, if another one. */
export function projectorConfig(side: number, folder = ""): string {
  return `embeddings {
  tensor_name: "features"
  tensor_path: "${folder}vectors.tsv"
  metadata_path: "${folder}metadata.tsv"
  sprite {
    image_path: "${folder}sprite.png"
    single_image_dim: ${side}
    single_image_dim: ${side}
  }
}
`;
}
