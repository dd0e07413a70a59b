/**
 * Loading of a model file's bytes from memory, a path or a URL.
 * @module
 */

/** A model file: its bytes, path or URL. */
export type ModelSource = Uint8Array | ArrayBuffer | Blob | URL | string;

/** Bytes of a file, and its name in error messages. */
export interface SourceBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * Reads a file; paths and URLs are read by `fetch`. A path is relative to the working directory, in browsers
 * to the page.
 * @throws {TypeError} if the file cannot be fetched. @throws {RangeError} if the server answers with an error
 * status.
 */
export async function readSource(source: ModelSource): Promise<SourceBytes> {
  if (source instanceof Uint8Array) return { bytes: source, name: "the model" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name: "the model" };
  if (source instanceof Blob) return { bytes: new Uint8Array(await source.arrayBuffer()), name: "the model" };
  const name = `${source}`;
  let response: Response;
  try {
    response = await fetch(typeof source === "string" ? toUrl(source, getWorkingDirectory()) : source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new TypeError(`Cannot read ${name}: ${reason}. Check the path or URL.`, { cause: error });
  }
  if (!response.ok) {
    throw new RangeError(`Cannot read ${name}: the server answered with status ${response.status}`);
  }
  return { bytes: new Uint8Array(await response.arrayBuffer()), name };
}

/** Returns the folder to which paths are relative; undefined in browsers. */
function getWorkingDirectory(): string | undefined {
  const { location, process } = globalThis as { location?: unknown; process?: { cwd?(): string } };
  // Web pages have a location, and may have a polyfill of `process`.
  return location ? undefined : process?.cwd?.();
}

/**
 * Returns the URL of a path or URL. Text that begins with two or more letters and a colon is a URL; a single
 * letter is a drive.
 * @param directory The working directory; if undefined, paths are returned unchanged.
 */
export function toUrl(text: string, directory: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(text) || directory === undefined) return text;
  const isDrive = /^[a-z]:[\\/]/i;
  const isAbsolute = text.startsWith("/") || isDrive.test(text);
  const path = isAbsolute ? text : `${directory}/${text}`;
  const parts = (isDrive.test(path) ? `/${path.replaceAll("\\", "/")}` : path).split("/");
  // The colon of a drive must not be escaped.
  return `file://${
    parts.map((part, i) => i === 1 && /^[a-z]:$/i.test(part) ? part : encodeURIComponent(part)).join("/")
  }`;
}
