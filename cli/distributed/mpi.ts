/**
 * Open MPI, called by its C interface: the few functions that a run needs.
 * @module
 */
import { reasonOf } from "../command/reason.ts";
import { readLaunch } from "./launch.ts";

/** Open MPI of this process. */
export interface Mpi {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly ranks: number;
  /** Replaces values by their sums over all processes; the event loop continues meanwhile. */
  sum(values: Float32Array<ArrayBuffer>): Promise<void>;
  /** Waits for all processes, then leaves. */
  finish(): Promise<void>;
  /** Ends all processes at once. */
  abort(code: number): void;
}

/** Flags of `dlopen`: resolve all symbols now, and show them to the plugins that Open MPI loads. */
const now = 0x2, global = 0x100;
/** `MPI_THREAD_MULTIPLE`: sums run beside the main thread, which may end all processes meanwhile. */
const anyThread = 3;
/** `MPI_IN_PLACE`. */
const inPlace = 1n;

/** Names of the library, newest first; Open MPI 4 and 5 have the same interface. */
const libraries = ["libmpi.so.40", "libmpi.so"];

/**
 * Loads Open MPI and waits for all processes that `mpirun` started; the event loop continues meanwhile.
 * @throws {Error} if this process was not started by `mpirun`, or the library is missing or too old.
 */
export async function openMpi(): Promise<Mpi> {
  const { rank, ranks } = readLaunch();
  if (ranks === null) {
    throw new Error(
      "Cannot use --distributed: the command must be started by mpirun of Open MPI, as in `mpirun -n 4 deno run -A cli/train.ts --distributed`",
    );
  }
  const symbol = loadLibrary();
  const define = <const D extends Deno.ForeignFunction>(name: string, definition: D) =>
    new Deno.UnsafeFnPointer(symbol<Omit<D, "nonblocking">>(name), definition);
  const int = "i32", pointer = "pointer", result = { result: int } as const;
  const init = define("MPI_Init_thread", {
    parameters: [pointer, pointer, int, "buffer"],
    ...result,
    nonblocking: true,
  });
  const allreduce = define("MPI_Allreduce", {
    parameters: [pointer, "buffer", int, pointer, pointer, pointer],
    ...result,
    nonblocking: true,
  });
  const finalize = define("MPI_Finalize", { parameters: [], ...result, nonblocking: true });
  const abort = define("MPI_Abort", { parameters: [pointer, int], ...result });
  const world = symbol("ompi_mpi_comm_world"), float = symbol("ompi_mpi_float");
  const plus = symbol("ompi_mpi_op_sum"), place = Deno.UnsafePointer.create(inPlace);
  const provided = new Int32Array(1);
  check("MPI_Init_thread", await init.call(null, null, anyThread, provided));
  if (provided[0] !== anyThread) {
    throw new Error("Cannot use --distributed: Open MPI was built without support of threads");
  }
  return {
    rank,
    ranks,
    sum: async (values) =>
      check("MPI_Allreduce", await allreduce.call(place, values, values.length, float, plus, world)),
    finish: async () => check("MPI_Finalize", await finalize.call()),
    abort: (code) => check("MPI_Abort", abort.call(world, code)),
  };
}

/** Loads the library. @returns a function that returns the address of a symbol. */
function loadLibrary(): <T>(name: string) => Deno.PointerObject<T> {
  const c = openC(), text = (name: string) => new TextEncoder().encode(`${name}\0`);
  // Deno's own dlopen hides the symbols from the plugins of Open MPI.
  const library = libraries.map((name) => c.dlopen(text(name), now | global)).find((each) => each !== null);
  if (!library) {
    throw new Error(
      "Cannot use --distributed: libmpi.so of Open MPI is missing. Install it, on Debian with `apt-get install openmpi-bin`.",
    );
  }
  return <T>(name: string) => {
    const address = c.dlsym(library, text(name));
    if (address) return address as Deno.PointerObject<T>;
    throw new Error(`Cannot use --distributed: libmpi.so has no ${name}. Use Open MPI 4 or 5.`);
  };
}

/** Returns the functions of the C library that load other libraries. */
function openC() {
  try {
    return Deno.dlopen("libc.so.6", {
      dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
      dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    }).symbols;
  } catch (error) {
    throw new Error(`Cannot use --distributed: it needs Linux with glibc (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

/** @throws {Error} if a function of MPI failed. */
function check(name: string, code: number): void {
  if (code !== 0) throw new Error(`Cannot continue: ${name} of Open MPI failed with code ${code}`);
}
