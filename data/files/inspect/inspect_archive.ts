/** Inspection of the pictures in an archive, which are read completely. */

import { Archive, plainReason } from "../archive.ts";
import type { Inspection, InspectionRequest } from "./inspect_all.ts";
import { digestBytes } from "./digest_files.ts";
import { inspectBytes } from "./inspect_file.ts";

/** Inspects files of an archive. @throws {SyntaxError} naming the archive when it is damaged. */
export async function inspectArchive(
  { directory, names, wantsDigests }: InspectionRequest,
  signal: AbortSignal | undefined,
): Promise<Inspection> {
  using archive = await Archive.open(directory);
  const problems: [number, string][] = [], mayBeDeep: number[] = [], digests: string[] = [];
  const keys = new Float64Array(names.length), contents = new Float64Array(names.length).fill(NaN);
  for (const [place, name] of names.entries()) {
    signal?.throwIfAborted();
    const read = () => archive.read(name).catch((error) => Promise.reject(plainReason(error)));
    if (wantsDigests) {
      const { sha256, content } = await read().then(digestBytes, () => ({ sha256: "", content: NaN }));
      digests.push(sha256);
      contents[place] = content;
      continue;
    }
    const found = await inspectBytes(read);
    keys[place] = found.key;
    contents[place] = found.fingerprint;
    if (found.problem !== null) problems.push([place, found.problem]);
    if (found.mayBeDeep) mayBeDeep.push(place);
  }
  return { problems, keys, contents, mayBeDeep, digests };
}
