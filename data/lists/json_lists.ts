/** Label lists as JSON documents: records, names with classes, classes with names, or COCO's tables. */

import { messageOf, quoteOf } from "../text.ts";
import { LONGEST_LIST, tableOfObjects } from "./objects.ts";
import type { ListRecord } from "./records.ts";

type Json = Readonly<Record<string, unknown>>;

/** Forms of a document, for errors. */
const FORMS = 'such as [{"file": "1.jpg", "label": "cat"}], {"1.jpg": "cat"}, {"cat": ["1.jpg"]}, ' +
  "or COCO's images, annotations and categories";

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isWord = (value: unknown) => value === null || typeof value === "string" || typeof value === "number";

/**
 * Parses a JSON document as a table: first the names of the columns, then the records. Its lines are numbers of
 * records, counted from 1.
 *
 * @throws {SyntaxError} when it is malformed or of another form.
 */
export function parseJsonList(text: string, source: string): ListRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source} as JSON: ${quoteOf(messageOf(error))}`);
  }
  return tableOfObjects(objectsOf(value, source).map((object, i) => ({ object, line: i + 1 })), source);
}

function objectsOf(value: unknown, source: string): readonly Json[] {
  const fail = () =>
    new SyntaxError(`Cannot read ${source} as a label list: JSON must be a list of labels, ${FORMS}`);
  if (Array.isArray(value)) {
    if (value.length > LONGEST_LIST) {
      throw new SyntaxError(`Cannot read ${source}: it has more than ${LONGEST_LIST} records`);
    }
    if (value.every(isObject)) return value;
    const pairs = value.filter((each) =>
      Array.isArray(each) && each.length === 2 && typeof each[0] === "string"
    );
    if (pairs.length === value.length) return pairs.map(([file, label]) => ({ file, label }));
    throw fail();
  }
  if (!isObject(value)) throw fail();
  const { images, annotations, categories } = value;
  if (Array.isArray(images) && Array.isArray(annotations) && Array.isArray(categories)) {
    return cocoLabels(images.filter(isObject), annotations.filter(isObject), categories.filter(isObject));
  }
  const entries = Object.entries(value);
  const [only, ...more] = entries;
  if (
    only && more.length === 0 && Array.isArray(only[1]) && only[1].some((each) => typeof each === "object")
  ) {
    return objectsOf(only[1], source);
  }
  if (entries.length > 0 && entries.every(([, label]) => isWord(label))) {
    return entries.map(([file, label]) => ({ file, label }));
  }
  if (entries.every(([, files]) => Array.isArray(files) && files.every((file) => typeof file === "string"))) {
    return entries.flatMap(([label, files]) => (files as string[]).map((file) => ({ file, label })));
  }
  throw fail();
}

/** Returns the classes of each image; an image whose boxes have several classes has a list of them. */
function cocoLabels(
  images: readonly Json[],
  annotations: readonly Json[],
  categories: readonly Json[],
): Json[] {
  const names = new Map(categories.map(({ id, name }) => [id, name ?? id]));
  const byImage = new Map<unknown, Set<unknown>>();
  for (const { image_id, category_id } of annotations) {
    const found = byImage.get(image_id) ?? new Set();
    byImage.set(image_id, found.add(names.get(category_id) ?? category_id));
  }
  return images.map(({ id, file_name }) => ({ file: file_name, label: [...byImage.get(id) ?? []] }));
}
