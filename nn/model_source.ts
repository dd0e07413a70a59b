/**
 * The bytes of a model file, wherever it is.
 * @module
 */

/** Where a model file is: its bytes, or a URL or path of it. */
export type ModelSource = Uint8Array | ArrayBuffer | Blob | URL | string;

/** Bytes of a file, and what errors call it. */
export interface SourceBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * Reads a file: by `fetch`, for paths too. A path is relative to the working directory, in a browser to the page.
 * @throws {TypeError} if it cannot be fetched. @throws {RangeError} if the server does not give it.
 */
export async function readSource(source: ModelSource): Promise<SourceBytes> {
  if (source instanceof Uint8Array) return { bytes: source, name: "the model" };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name: "the model" };
  if (source instanceof Blob) return { bytes: new Uint8Array(await source.arrayBuffer()), name: "the model" };
  const name = `${source}`;
  let response: Response;
  try {
    response = await fetch(typeof source === "string" ? urlOf(source, workingDirectory()) : source);
  } catch (error) {
    throw new TypeError(
      `Cannot read ${name} as it must be a file in reach: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new RangeError(
      `Cannot read ${name} as it must be a file in reach: the answer is ${response.status}`,
    );
  }
  return { bytes: new Uint8Array(await response.arrayBuffer()), name };
}

/** The folder that paths start from; a browser has none. */
function workingDirectory(): string | undefined {
  const { location, process } = globalThis as { location?: unknown; process?: { cwd?(): string } };
  // A page has an address, and may have something that looks like a process, too.
  return location ? undefined : process?.cwd?.();
}

/**
 * What to fetch for a URL or path: letters and a colon begin a URL, but for the one letter of a drive.
 * @param directory The working directory; where there is none, paths are left to `fetch`.
 */
export function urlOf(text: string, directory: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(text) || directory === undefined) return text;
  const isDrive = /^[a-z]:[\\/]/i;
  const isAbsolute = text.startsWith("/") || isDrive.test(text);
  const path = isAbsolute ? text : `${directory}/${text}`;
  const parts = (isDrive.test(path) ? `/${path.replaceAll("\\", "/")}` : path).split("/");
  // The colon of a drive stays.
  return `file://${
    parts.map((part, i) => i === 1 && /^[a-z]:$/i.test(part) ? part : encodeURIComponent(part)).join("/")
  }`;
}
