/**
 * Values of a file under a network's own names.
 * @module
 */
import type { HostTensor } from "../safetensors/safetensors.ts";
import { conventions, type NamingConvention, preferredPrefixes } from "./published.ts";

/** Number of variables by which prefixes are found: a file may lack some. */
const anchors = 3;

/** Values under the names that a network would give them. */
export interface RenamedWeights {
  /** Values by the network's names. */
  readonly values: ReadonlyMap<string, HostTensor>;
  /** Names in the file by the network's names. */
  readonly origins: ReadonlyMap<string, string>;
  /** Names of the file that do not belong to the chosen network, such as those of another branch. */
  readonly others: readonly string[];
  /** Prefix that was removed from the file's names; often empty. */
  readonly prefix: string;
  /** Origin of the names. */
  readonly convention: string;
}

/**
 * Renames the values of a file so that as many as possible have names of a network's features. Prefixes of
 * wrappers are found, not listed: `module.` of DataParallel, `backbone.`, `encoder_q.` and so on.
 * @param names Names of the variables of the features.
 * @returns undefined if no value has such a name.
 */
export function renameWeights(
  weights: ReadonlyMap<string, HostTensor>,
  names: readonly string[],
): RenamedWeights | undefined {
  let best: { readonly score: number; readonly renamed: RenamedWeights } | undefined;
  for (const convention of conventions) {
    for (const prefix of names.slice(0, anchors).flatMap((name) => prefixesIn(weights, name, convention))) {
      const renamed = applyNaming(weights, prefix, convention);
      const found = names.filter((name) => renamed.values.has(name)).length;
      const score = found + (preferredPrefixes.test(prefix) ? 0.5 : 0);
      if (found > 0 && score > (best?.score ?? 0)) best = { score, renamed };
    }
  }
  return best?.renamed;
}

/** Returns the prefixes of names that end with the name of a variable. */
function prefixesIn(
  weights: ReadonlyMap<string, HostTensor>,
  name: string,
  { parts }: NamingConvention,
): readonly string[] {
  const part = firstPart(name);
  const endings = Object.entries({ ...parts, [part]: part })
    .filter(([, here]) => here === part)
    .map(([there]) => there + name.slice(part.length));
  return [...weights.keys()].flatMap((name) =>
    endings.filter((ending) => name === ending || name.endsWith(`.${ending}`))
      .map((ending) => name.slice(0, name.length - ending.length))
  );
}

function applyNaming(
  weights: ReadonlyMap<string, HostTensor>,
  prefix: string,
  { title, parts }: NamingConvention,
): RenamedWeights {
  const values = new Map<string, HostTensor>(), origins = new Map<string, string>(), others: string[] = [];
  for (const [name, value] of weights) {
    if (!name.startsWith(prefix)) {
      others.push(name);
      continue;
    }
    const own = name.slice(prefix.length), part = firstPart(own);
    const renamed = (parts[part] ?? part) + own.slice(part.length);
    values.set(renamed, value);
    origins.set(renamed, name);
  }
  return { values, origins, others, prefix, convention: title };
}

/** Returns a name up to its first dot. */
export function firstPart(name: string): string {
  return name.split(".", 1)[0] ?? name;
}
