/** Labelling that is killed inside its file operations: no label that its page was told is saved is lost. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabelFile } from "../../cli/label/label_lists.ts";
import { folderOfRound } from "../../cli/label/rounds.ts";
import type { LabelRequest, SessionState } from "../../cli/label/session_state.ts";
import { isInTestPool } from "../../cli/label/test_pool.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { writeFolder } from "../cli/command.ts";
import { picture } from "../cli/tiny_files.ts";
import { findEvent } from "../web/events.ts";
import type { Fault } from "./file_faults.ts";

/** Figures of the kills. */
export interface LabelKillFigures {
  processes: number;
  kills: number;
  /** Requests that were answered, so that their labels were saved. */
  answered: number;
  /** Requests without an answer whose labels were saved nevertheless, at least in part. */
  savedUnanswered: number;
  /** Rounds of training that pages showed as finished. */
  rounds: number;
}

/** Thrown if a page does not answer. */
class GoneError extends Error {
  override readonly name: string = "GoneError";
}

const pictures = 40, classes = ["bright one", "dark", "dress, long"];

/** A labelling in a folder, each of whose processes continues after the last one. */
export class LabelKills {
  readonly figures: LabelKillFigures = { processes: 0, kills: 0, answered: 0, savedUnanswered: 0, rounds: 0 };
  readonly #directory: string;
  readonly #trains: boolean;
  /** Labels that pages were told are saved. */
  #saved = new Map<string, string>();
  /** Labels of the request that waits for its answer; null to remove one. */
  #asked = new Map<string, string | null>();
  /** Numbers of the pictures that pages showed. */
  readonly #indices = new Map<string, number>();
  readonly #rounds = new Set<number>();

  private constructor(directory: string, trains: boolean) {
    this.#directory = directory;
    this.#trains = trains;
  }

  /** Writes pictures. @param trains True if each process trains a round, with a stand-in. */
  static async create(directory: string, { trains }: { readonly trains: boolean }): Promise<LabelKills> {
    const files = Array.from({ length: pictures }, (_, i): [string, Uint8Array] => [`${i}.png`, picture(i)]);
    await writeFolder(join(directory, "photos"), Object.fromEntries(files));
    await Deno.writeTextFile(join(directory, "config.json"), JSON.stringify({ steps: 4 }));
    return new LabelKills(directory, trains);
  }

  /**
   * Kills a process in its first operation, the next one in its second, and so on, until one ends by itself.
   * @param share Share of the bytes that are written before a kill; below a half, other operations are not done.
   */
  async killInEachOperation(share: number): Promise<void> {
    for (let at = 0; await this.#isKilled({ kind: "kill", at, share }); at++) this.figures.kills++;
  }

  /** Starts a process and labels until it is killed or done, and checks the lists. @returns true if it was killed. */
  async #isKilled(fault: Fault): Promise<boolean> {
    this.figures.processes++;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", fileURLToPath(new URL("faulty_label.ts", import.meta.url))],
        ...["photos", "--output=out", "--config=config.json", "--count=10", "--json"],
      ],
      cwd: this.#directory,
      env: { NO_COLOR: "1", MT_FAULT: JSON.stringify(fault) },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text(),
      lines = child.stdout.pipeThrough(new TextDecoderStream());
    let work: Promise<void> = Promise.resolve();
    for await (const text of lines) {
      if (!text.includes('"kind":"page"')) continue;
      work = this.#label(JSON.parse(text.split("\n")[0] ?? "").address).finally(() => interrupt(child));
      work.catch(() => {}); // It is awaited below.
    }
    const { signal, code } = await child.status, isKilled = signal === "SIGKILL";
    await work.catch((error) => {
      if (!(isKilled && error instanceof GoneError)) throw error;
    });
    const text = await errors;
    if (!isKilled) {
      assertEquals(code, 0, text);
      assertMatch(text, /^Stopping; .+\n\d+ labels: /m);
    }
    await this.#check();
    return isKilled;
  }

  /** Labels pictures, changes and removes labels, and trains, as a page does. */
  async #label(address: string): Promise<void> {
    const { batch, rounds } = await stateOf(address, ({ batch }) => batch.number === 1);
    assertEquals(rounds.map(({ number }) => number), [...this.#rounds]);
    const left = namesIn(join(this.#directory, "out")).filter((name) => name.endsWith(".part"));
    assertEquals(left, [], "parts of files of the killed process");
    const shown = batch.groups.flat(), older = [...this.#saved.keys()], { processes: number } = this.figures;
    for (const { name, index } of shown) this.#indices.set(name, index);
    const label = classes[number % 3] ?? "";
    const test = shown.filter(({ name }) => isInTestPool(name)),
      train = shown.filter((each) => !test.includes(each));
    const [first, second, third] = train.map(({ name }) => name);
    assert(first !== undefined && second !== undefined && third !== undefined);
    await this.#ask(address, [first, ...test.slice(0, 1).map(({ name }) => name)], label);
    // So few labels stay that pictures are never used up.
    await this.#ask(address, older.slice(0, Math.max(3, older.length - 9)), null);
    await this.#ask(address, older.slice(-1), classes[(number + 1) % 3] ?? "");
    if (!this.#trains) return;
    await this.#ask(address, [second], classes[(number + 1) % 3] ?? "");
    await answerOf(address, "train", {});
    const trained = await stateOf(address, (state) => {
      assertEquals(state.failure, null);
      return state.rounds.length > rounds.length && state.training === null;
    });
    this.#rounds.add(trained.rounds.at(-1)?.number ?? 0);
    this.figures.rounds++;
    await this.#ask(address, [third], label);
  }

  /** Asks for labels. They count as saved once the answer is there. */
  async #ask(address: string, names: readonly string[], label: string | null): Promise<void> {
    this.#asked = new Map(names.map((name) => [name, label]));
    const pictures: LabelRequest["pictures"] = names.map((name) => ({
      index: this.#indices.get(name) ?? -1,
      seen: this.#saved.get(name) ?? null,
    }));
    assertEquals(await answerOf(address, "label", { pictures, label }), { conflicts: [] });
    for (const name of names) {
      if (label === null) this.#saved.delete(name);
      else this.#saved.set(name, label);
    }
    this.#asked = new Map();
    this.figures.answered++;
  }

  /** Throws unless the lists have all saved labels, and of a request without answer either the old or the new ones. */
  async #check(): Promise<void> {
    const folder = join(this.#directory, "out"), found = new Map<string, string>();
    for (const kind of ["train", "test"] as const) {
      const { labels, path } = await LabelFile.open(folder, kind);
      const text = await Deno.readTextFile(path).catch(() => "");
      const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      assertEquals(lines.length, labels.size, `${path}: lines that stand for no label`);
      for (const [name, label] of labels) {
        assert(!found.has(name), `${name} is in both lists`);
        assertEquals(isInTestPool(name), kind === "test", name);
        found.set(name, label);
      }
    }
    let isSaved = false;
    for (const name of new Set([...found.keys(), ...this.#saved.keys(), ...this.#asked.keys()])) {
      const label = found.get(name) ?? null, before = this.#saved.get(name) ?? null;
      if (label === before) continue;
      assert(this.#asked.has(name), `${name} has the label ${label}, but ${before} was saved`);
      assertEquals(label, this.#asked.get(name) ?? null, name);
      isSaved = true;
    }
    if (isSaved) this.figures.savedUnanswered++;
    this.#saved = found;
    this.#asked = new Map();
    // A round counts once its last file is there, also if the page could not show it any more.
    for (let number = 1; number <= this.figures.processes; number++) {
      const isFinished = await Deno.stat(join(folderOfRound(folder, number), "final.safetensors")).then(
        () => true,
        () => false,
      );
      assert(isFinished || !this.#rounds.has(number), `round ${number} is lost`);
      if (isFinished) this.#rounds.add(number);
    }
  }
}

/** Names in a folder. */
const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);

/** Ends a process as Ctrl-C does, unless it was killed. */
function interrupt(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGINT");
  } catch (error) {
    // Deno throws a TypeError once it knows of the end.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Sends a request of the page. @throws {GoneError} if there is no answer. */
async function answerOf(address: string, path: string, value: unknown): Promise<unknown> {
  const body = JSON.stringify(value);
  const gone = (error: unknown) => {
    throw new GoneError(`${path}: ${error}`);
  };
  const response = await fetch(`${address}${path}`, { method: "POST", body }).catch(gone);
  const text = await response.text().catch(gone);
  assert(response.ok, `${path}: ${response.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** Waits until the state of the page fulfils a condition. @throws {GoneError} if the page is gone before. */
async function stateOf(address: string, isReached: (state: SessionState) => boolean): Promise<SessionState> {
  let failure: unknown;
  const found = await findEvent(address, ({ name, data }) => {
    try {
      return name === "state" && isReached(data);
    } catch (error) {
      failure = error;
      return true;
    }
  }).catch((error) => {
    throw new GoneError(`events: ${error}`);
  });
  if (failure !== undefined) throw failure;
  return found.data;
}
