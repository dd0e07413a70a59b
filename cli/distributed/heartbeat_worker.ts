/**
 * Worker that watches the other processes of a run from a thread of its own, so that neither a long step nor a sum that
 * waits for them keeps it from noticing. All processes watch process 0, and process 0 watches all.
 * @module
 */
import type { WatchOrder } from "./heartbeat.ts";

/** Milliseconds between signs of life, until a silent process counts as hung, and until one without progress does. */
const beat = 2000, silence = 20_000, standstill = 600_000;

/** A process as others see it. */
interface Sighting {
  /** Time of the last sign of life. */
  heard: number;
  /** Number of sums that the process has begun. */
  sums: number;
}

/** The scope of the worker; the types of the page's scope are in force. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<WatchOrder>) => void;
  postMessage(message: { readonly port: number } | { readonly problem: string }): void;
};

scope.onmessage = ({ data }) => {
  if (data.rank === 0) watchAll(data);
  else watchFirst(data).catch((error) => scope.postMessage({ problem: `${error}` }));
};

/** Ends this process, and with it the run: `mpirun` ends all others. */
function end(reason: string): never {
  console.error(`${reason} All processes end. Use --resume to continue from the last checkpoint.`);
  Deno.kill(Deno.pid, "SIGKILL");
  throw new Error(reason);
}

/**
 * Returns whether a process hangs. One of this computer whose threads wait for a processor does not, however long the
 * others take it.
 * @param pause Milliseconds since its last sign of life. @param id Number of the process; undefined on other computers.
 */
function hangs(pause: number, limit: number, id: number | undefined): boolean {
  return pause > limit && (pause > standstill || id === undefined || !waitsForProcessor(id));
}

function waitsForProcessor(id: number): boolean {
  const threads = `/proc/${id}/task`;
  try {
    return [...Deno.readDirSync(threads)].some(({ name }) =>
      /^State:\tR/m.test(Deno.readTextFileSync(`${threads}/${name}/status`))
    );
  } catch {
    return false; // It has ended, or may not be observed.
  }
}

/** Calls a function at every beat. After a pause of this process, as of a computer that slept, all are heard anew. */
function atEachBeat(sightings: readonly Sighting[], work: (now: number) => void): void {
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - last > 3 * beat) { for (const each of sightings) each.heard = now; }
    last = now;
    work(now);
  }, beat);
}

/** Listens to all other processes. */
function watchAll({ ranks, names, token, isLocal, processes, progress }: WatchOrder): void {
  const listener = Deno.listen({ port: 0, hostname: isLocal ? "127.0.0.1" : "0.0.0.0" });
  const own = new Int32Array(progress), start = performance.now();
  const sightings = Array.from({ length: ranks }, (): Sighting => ({ heard: start, sums: 0 }));
  let most = 0, moved = start;
  scope.postMessage({ port: listener.addr.port });
  acceptAll(listener, token, sightings, own);
  atEachBeat(sightings, (now) => {
    const [first, ...others] = sightings as [Sighting, ...Sighting[]];
    Object.assign(first, { heard: now, sums: Atomics.load(own, 0) });
    const silent = others.findIndex(({ heard }, i) => hangs(now - heard, silence, processes[i + 1])) + 1;
    if (silent > 0) {
      end(
        `${names[silent]} has not answered for ${
          silence / 1000
        } seconds: it hangs, or its connection is lost.`,
      );
    }
    const reached = Math.max(...sightings.map(({ sums }) => sums));
    if (reached !== most) [most, moved] = [reached, now];
    const late = names.filter((_, rank) => (sightings[rank]?.sums ?? 0) < most);
    if (late.length > 0 && now - moved > standstill) {
      end(`${late.join(", ")} made no progress for ${standstill / 60_000} minutes, while others wait.`);
    }
  });
}

async function acceptAll(
  listener: Deno.Listener,
  token: string,
  sightings: Sighting[],
  own: Int32Array,
): Promise<void> {
  for await (const connection of listener) {
    // A lost connection is silence, which is noticed above.
    listen(connection, token, sightings, own).catch(() => {});
  }
}

async function listen(
  connection: Deno.Conn,
  token: string,
  sightings: Sighting[],
  own: Int32Array,
): Promise<void> {
  let rank: number | undefined;
  for await (const line of linesOf(connection)) {
    const [first, second] = line.split(" ");
    if (rank === undefined) {
      if (first !== token) return connection.close();
      rank = Number(second);
    } else {
      const sighting = sightings[rank];
      if (sighting) Object.assign(sighting, { heard: performance.now(), sums: Number(first) });
    }
    await connection.write(new TextEncoder().encode(`${Atomics.load(own, 0)}\n`));
  }
}

/** Reports to process 0, and watches it by its answers. */
async function watchFirst(
  { rank, names, token, addresses, port, processes, progress }: WatchOrder,
): Promise<void> {
  const own = new Int32Array(progress), first: Sighting = { heard: performance.now(), sums: 0 };
  const connection = await connect(addresses, port);
  const send = (line: string) => connection.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  await send(`${token} ${rank}`);
  atEachBeat([first], (now) => {
    send(`${Atomics.load(own, 0)}`);
    // A little later than process 0 would notice, so that only one of two processes that lose each other reports it.
    if (hangs(now - first.heard, silence + 2 * beat, processes[0])) {
      end(`${names[0]} has not answered for ${silence / 1000} seconds: it hangs, or its connection is lost.`);
    }
  });
  for await (const _ of linesOf(connection)) first.heard = performance.now();
}

/** Connects to the first address that answers. @throws {Error} if none does. */
async function connect(addresses: readonly string[], port: number): Promise<Deno.Conn> {
  for (const hostname of addresses) {
    const attempt = Deno.connect({ hostname, port }).catch(() => null);
    const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), 2 * beat));
    const connection = await Promise.race([attempt, timeout]);
    if (connection) return connection;
    attempt.then((late) => late?.close());
  }
  throw new Error(`no connection to port ${port} of ${addresses.join(" or ")}`);
}

/** Yields the lines of a connection. */
async function* linesOf(connection: Deno.Conn): AsyncGenerator<string> {
  let rest = "";
  for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
