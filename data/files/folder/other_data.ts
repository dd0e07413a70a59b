/** Advice for data in files that are not read. */

import { dirname } from "node:path";
import { quoteOf, shownName } from "../../internal.ts";
import { IMAGE } from "./find_files.ts";

/** A kind of file that is not data here, with advice that names the file and its folder. */
interface OtherData {
  readonly name: RegExp;
  /** Advice if the file is the data. */
  readonly advice: (file: string, folder: string) => string;
}

const asFiles =
  "save its pictures as files in a folder for each class, or as arrays images and labels in an .npz";

const kinds: readonly OtherData[] = [
  { name: /\.npy$/i, advice: (_, folder) => `pass the folder of its arrays, ${folder}` },
  { name: /idx\d-ubyte(\.gz)?$/i, advice: (_, folder) => `pass the folder of its arrays, ${folder}` },
  { name: /\.zip$/i, advice: (file) => `to read the archive ${file}, pass it` },
  { name: /\.(tar|tgz|tbz2?|txz|7z|rar|(tar\.)?(gz|bz2|xz|zst))$/i, advice: (file) => `unpack ${file}` },
  {
    name: /\.(parquet|arrow|feather)$/i,
    advice: (file) => `${file} is a table of Arrow or Parquet: ${asFiles}`,
  },
  { name: /\.(h5|hdf5|hdf)$/i, advice: (file) => `${file} is an HDF5 file: ${asFiles}` },
  { name: /\.mat$/i, advice: (file) => `${file} is a MATLAB file: ${asFiles}` },
  { name: /\.(pkl|pickle|pt|pth)$/i, advice: (file) => `${file} holds Python objects: ${asFiles}` },
  {
    name: /(^|[\\/])(data_batch_\d|test_batch)$/,
    advice: (file) => `${file} holds Python objects: ${asFiles}`,
  },
  {
    name: /\.(tfrecords?|lmdb|mdb|rec)$/i,
    advice: (file) => `${file} holds records of another library: ${asFiles}`,
  },
  {
    name: /\.(csv|tsv|tab|txt|jsonl?|ndjson)$/i,
    advice: (file, folder) =>
      `if ${file} is a label list, pass the folder of its pictures, and the list by --labels (its folder is ` +
      `${folder}); a table of pixels has a column for each pixel of square images, or a column of lists of pixels`,
  },
];

/** Returns advice, as a sentence, for the first of some files of a kind that is known but not read. */
export function adviceFor(files: readonly string[], directory: string): string | undefined {
  const file = kinds.flatMap(({ name, advice }) => {
    const found = files.find((each) => name.test(each));
    return found === undefined ? [] : [{ found, advice }];
  })[0];
  if (!file) return undefined;
  const advice = file.advice(quoteOf(file.found), shownName(directory));
  return `${advice.charAt(0).toUpperCase()}${advice.slice(1)}.`;
}

/** Creates the error for a file passed as data that is neither a folder nor an archive. */
export function otherFileError(path: string): SyntaxError {
  const folder = dirname(path);
  const advice = IMAGE.test(path)
    ? `Pass its folder to train, here ${shownName(folder)}; to classify a picture, use predict.`
    : adviceFor([path], folder);
  return new SyntaxError(
    `Cannot use ${path}: data must be a folder, a ZIP archive of one, an archive of arrays (.npz), or a table of pixels ` +
      `(.csv), but it is a file of another kind${advice === undefined ? "" : `. ${advice}`}`,
  );
}
