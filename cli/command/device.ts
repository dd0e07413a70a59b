/**
 * The device of a command, with a count while shaders compile.
 * @module
 */
import { Device, GpuUnavailableError } from "../../kernels/mod.ts";
import { outputOptions, printNote } from "../terminal/output.ts";
import { knownLoads } from "./known_loads.ts";
import { type TransientLine, transientLine } from "../terminal/transient_line.ts";

/** Environment variable with the interfaces that Deno tries, separated by commas. */
const backends = "DENO_WEBGPU_BACKEND";

/**
 * Opens the GPU. OpenGL is used only if the environment asks for it: with a broken Vulkan, training would continue
 * several times as slowly and with other results.
 */
async function openDevice(): Promise<Device> {
  const isRestricted = !Deno.env.has(backends);
  if (isRestricted) Deno.env.set(backends, "vulkan,metal,dx12");
  try {
    return await Device.request({ knownLoads });
  } catch (error) {
    if (!isRestricted || !(error instanceof GpuUnavailableError)) throw error;
    const openGl = `OpenGL:          set ${backends}=gl; it is several times as slow and rounds differently`;
    throw new GpuUnavailableError(`${error.message}\n  ${openGl}`, { cause: error });
  } finally {
    // Programs that this one starts decide for themselves.
    if (isRestricted) Deno.env.delete(backends);
  }
}

/** Returns the name of the GPU, or null if there is none. */
export async function adapterName(): Promise<string | null> {
  try {
    using device = await openDevice();
    return device.name;
  } catch (error) {
    if (error instanceof GpuUnavailableError) return null;
    throw error;
  }
}

/**
 * Returns the GPU; on a terminal it counts the shaders while they compile.
 * @throws {GpuUnavailableError} if there is none.
 */
export async function requestDevice(): Promise<Device> {
  const device = await openDevice();
  if (device.isCpu) {
    const card = await findGraphicsCard();
    if (card !== null) {
      printNote(
        `Computing on the processor, although there is a graphics card (${card}): its Vulkan driver is missing or does not work`,
      );
    }
  }
  const isShown = Deno.stderr.isTerminal() && !outputOptions().quiet;
  device.pipelines.onProgress = isShown ? compileCounter(transientLine()) : undefined;
  return device;
}

/** Makers of graphics cards by their PCI numbers; other cards, as of virtual machines, compute nothing. */
const makers: Readonly<Record<string, string>> = { "0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel" };

/** Returns the maker of a graphics card that Linux lists, or null if there is none. */
async function findGraphicsCard(): Promise<string | null> {
  if (Deno.build.os !== "linux") return null;
  const folder = "/sys/class/drm";
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!/^renderD\d+$/.test(name)) continue;
      const maker = makers[(await Deno.readTextFile(`${folder}/${name}/device/vendor`)).trim()];
      if (maker !== undefined) return maker;
    }
  } catch (error) {
    // Containers and permissions of Deno may hide these files, which only a note depends on.
    const { NotFound, PermissionDenied, NotCapable } = Deno.errors;
    if (![NotFound, PermissionDenied, NotCapable].some((kind) => error instanceof kind)) throw error;
  }
  return null;
}

/** Returns a function that shows how many of the requested shaders are compiled, and nothing once all are. */
export function compileCounter(line: TransientLine): (compiled: number, requested: number) => void {
  return (compiled, requested) => {
    if (compiled === requested) line.clear();
    else line.show(`compiling shaders ${compiled}/${requested}`);
  };
}

/** Sets a variable without which the driver complains on stderr about windows, which are not used. */
export function silenceDriver(): void {
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}
