/**
 * The GPUs of the processes of a run.
 * @module
 */
import type { Device } from "../../kernels/mod.ts";
import { bootId } from "../storage/boot_id.ts";
import { printNote, printWarning } from "../terminal/output.ts";
import type { Ranks } from "./ranks.ts";

/** A process, and its device. */
interface Introduction {
  readonly host: string;
  readonly adapter: string;
  readonly isCpu: boolean;
  /** Identifies the system since its last start, containers on it included; null if the system does not tell. */
  readonly boot: string | null;
  /** Numbers of the graphics cards that the process may open; null if the system does not tell. */
  readonly cards: readonly string[] | null;
}

/** Prints rank, host and adapter of all processes, and warns of processes that compute on the same card. */
export async function introduceRanks(ranks: Ranks, { name, isCpu }: Device): Promise<void> {
  const own: Introduction = {
    host: Deno.hostname(),
    adapter: name,
    isCpu,
    boot: bootId(),
    cards: openableCards(),
  };
  const all = (await ranks.gatherTexts(JSON.stringify(own))).map((text) => JSON.parse(text) as Introduction);
  for (const [rank, { host, adapter }] of all.entries()) {
    printNote(`Rank ${rank} of ${ranks.ranks} on ${host}: ${adapter}`);
  }
  for (const group of sharedCards(all)) {
    printWarning(
      `Ranks ${
        group.join(", ")
      } compute on the same card: Deno always opens the first one that a process may use. Give each process its own, as docs/distributed.md describes.`,
    );
  }
}

/** Returns groups of processes that compute on the same card, by the facts that systems tell. */
export function sharedCards(all: readonly Introduction[]): number[][] {
  const keys = all.map(({ host, adapter, isCpu, boot, cards }, rank) =>
    isCpu ? `processor ${rank}` : JSON.stringify([boot ?? host, adapter, cards])
  );
  const groups = Map.groupBy(keys.keys(), (rank) => keys[rank]);
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Returns the device numbers of the cards that this process may open: cgroups hide others in spite of their files. */
function openableCards(): string[] | null {
  const cards: string[] = [];
  try {
    for (const [folder, pattern] of [["/dev", /^nvidia\d+$/], ["/dev/dri", /^renderD\d+$/]] as const) {
      for (const name of namesIn(folder).filter((each) => pattern.test(each))) {
        const path = `${folder}/${name}`;
        if (canOpen(path)) cards.push(`${name} ${Deno.statSync(path).rdev}`);
      }
    }
    return cards.sort();
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function canOpen(path: string): boolean {
  try {
    Deno.openSync(path, { read: true, write: true }).close();
    return true;
  } catch {
    return false;
  }
}
