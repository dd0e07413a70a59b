/** A look at the pictures of an archive, each of which is read whole. */

import { createHash } from "node:crypto";
import { Archive, plainReason } from "../archive.ts";
import type { Inspection, InspectionRequest } from "./inspect_all.ts";
import { inspectBytes } from "./inspect_file.ts";

/** Looks at files of an archive. @throws {SyntaxError} naming it when it is damaged. */
export async function inspectArchive(
  { directory, names, wantsDigests }: InspectionRequest,
  signal: AbortSignal | undefined,
): Promise<Inspection> {
  using archive = await Archive.open(directory);
  const problems: [number, string][] = [], mayBeDeep: number[] = [], digests: string[] = [];
  const keys = new Float64Array(names.length);
  for (const [place, name] of names.entries()) {
    signal?.throwIfAborted();
    const read = () => archive.read(name).catch((error) => Promise.reject(plainReason(error)));
    if (wantsDigests) {
      digests.push(await read().then((bytes) => createHash("sha256").update(bytes).digest("hex"), () => ""));
      continue;
    }
    const found = await inspectBytes(read);
    keys[place] = found.key;
    digests.push(found.digest);
    if (found.problem !== null) problems.push([place, found.problem]);
    if (found.mayBeDeep) mayBeDeep.push(place);
  }
  return { problems, keys, mayBeDeep, digests };
}
