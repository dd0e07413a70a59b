/**
 * The visitor's own pictures, their classes and labels.
 * @module
 */
import { drawImage, NO_LABEL, type TrainingData } from "../../browser.ts";

/** Height and width of the images that the network sees, in pixels. */
export const ownSide = 32;
const imageShape = [3, ownSide, ownSide] as const;
const size = 3 * ownSide ** 2;

/** A picture. */
export interface OwnPicture {
  readonly name: string;
  /** Small version that is shown. */
  readonly thumbnail: HTMLCanvasElement;
  /** Bytes `[3, 32, 32]`. */
  readonly planes: Uint8Array<ArrayBuffer>;
  /** Index of the class; null if it has no label. */
  label: number | null;
}

/** Extensions of pictures that browsers decode. */
const ending = /\.(jpe?g|jfif|png|webp|gif|bmp|avif)$/i;

/** Returns a picture. @throws {Error} if it cannot be decoded. */
export async function readOwnPicture(name: string, source: Blob | HTMLVideoElement): Promise<OwnPicture> {
  const bitmap = await createImageBitmap(source);
  try {
    const planes = new Uint8Array(size);
    await drawImage(bitmap, imageShape, planes);
    const thumbnail = document.createElement("canvas");
    const scale = 96 / Math.max(bitmap.width, bitmap.height);
    thumbnail.width = Math.max(1, Math.round(bitmap.width * scale));
    thumbnail.height = Math.max(1, Math.round(bitmap.height * scale));
    thumbnail.getContext("2d")?.drawImage(bitmap, 0, 0, thumbnail.width, thumbnail.height);
    return { name, thumbnail, planes, label: null };
  } finally {
    bitmap.close();
  }
}

/** Returns the dropped files, and those in and below dropped folders. */
export async function droppedFiles({ items }: DataTransfer): Promise<File[]> {
  // All entries must be taken before the first wait.
  const dropped = [...items].flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  return (await Promise.all(dropped.map((each) => each instanceof File ? each : filesOf(each)))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry;
    return [await new Promise<File>((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader(), found: File[] = [];
  // A reader returns at most a hundred entries at a time.
  while (true) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(filesOf))).flat());
  }
}

/** Returns the files that are pictures by their type or ending. */
export function picturesAmong(files: readonly File[]): File[] {
  return files.filter(({ name, type }) =>
    !name.startsWith(".") && (type.startsWith("image/") || ending.test(name))
  );
}

/** Returns the pictures as training data. @throws {Error} if labels are missing. */
export function trainingData(pictures: readonly OwnPicture[], classes: readonly string[]): TrainingData {
  if (classes.length < 2) throw new Error("Name at least two classes.");
  for (const [index, name] of classes.entries()) {
    if (pictures.some(({ label }) => label === index)) continue;
    throw new Error(`Label at least one picture as ${name}.`);
  }
  const images = new Uint8Array(pictures.length * size);
  pictures.forEach(({ planes }, i) => images.set(planes, i * size));
  const labels = Int32Array.from(pictures, ({ label }) => label ?? NO_LABEL);
  return { classes, train: { images, labels, imageShape } };
}
