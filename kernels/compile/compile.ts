/**
 * Compiler from a graph to a Program: trace → lower → fuse → lay out → schedule → plan memory → compile the
 * kernels.
 * @module
 */
import type { Device } from "../device.ts";
import { GpuError, TensorSizeError } from "../errors.ts";
import { input, isVariable, type Variable } from "../ops/leaf.ts";
import { add } from "../ops/pointwise.ts";
import { type DType, formatShape, sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { Tuning } from "../tuning.ts";
import { bufferBytes } from "../variable_memory.ts";
import { mostIterations } from "../workgroups.ts";
import { planCommands, type PlannedCommand, recomputeCheap, targetsOf, trafficOf } from "./commands.ts";
import { aliasOf, chooseStored } from "./fuse.ts";
import { Lowering, type VariantChoice } from "./lower.ts";
import { type StoredGraph, storeInBlocks } from "./layout.ts";
import { measure } from "./measure.ts";
import { type MemoryPlan, planMemory } from "./memory_plan.ts";
import { type Command, Program } from "./program.ts";
import { InputLayout, Storage } from "./storage.ts";
import { storeInTextures } from "./textures.ts";

/** Input that the host passes to each run; by default a float32 scalar. */
export interface InputSpec {
  /** Sizes of the axes; `[]` if absent. */
  readonly shape?: Shape;
  /** Element type; float32 if absent. */
  readonly dtype?: DType;
}

/** Variable and its value after the run. */
export type Update = readonly [variable: Variable, value: Tensor];

/** Outputs and updates that a Program computes. */
export interface Graph<O extends string = string, E = unknown> {
  /** Values that the host can read. */
  readonly outputs?: Readonly<Record<O, Tensor>>;
  /** New values of variables, all computed from the values before the run. */
  readonly updates?: readonly Update[];
  /** Any other result of building the graph, passed on as the Program's `extras`. */
  readonly extras?: E;
}

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** Variant of ops that have several; "auto" if absent. */
  readonly variant?: VariantChoice;
  /** Most loop iterations per invocation, at least 8; by default as many as all known adapters finish. */
  readonly longestLoop?: number;
  /** Known fastest kernels, and the effort to measure others; if absent, rules alone decide. */
  readonly tuning?: Tuning | undefined;
}

/**
 * Compiles the graph that `build` returns into a {@linkcode Program}, which can be run any number of times.
 * @throws {RangeError} or {TypeError} if an update does not fit its variable or an option is out of range.
 * @throws {TensorSizeError} if a tensor is too large.
 * @throws {GpuError} if a kernel does not compile or memory runs out.
 * @example
 * ```ts
 * import { add, compile, Device, variable } from "../mod.ts";
 * using device = await Device.request();
 * const counter = variable([], [0]);
 * const program = await compile(device, { amount: {} }, ({ amount }) => {
 *   const next = add(counter, amount);
 *   return { outputs: { next }, updates: [[counter, next]] };
 * });
 * program.run({ amount: 2 });
 * const { next } = await program.runAndRead({ amount: 3 });
 * console.assert(next[0] === 5);
 * ```
 */
export async function compile<I extends Readonly<Record<string, InputSpec>>, O extends string, E>(
  device: Device,
  inputs: I,
  build: (inputs: { readonly [K in keyof I]: Tensor }) => Graph<O, E>,
  options: CompileOptions = {},
): Promise<Program<keyof I & string, O, E>> {
  device.check();
  const { variant = "auto", longestLoop = mostIterations, tuning = new Tuning() } = options;
  if (!(longestLoop >= 8)) {
    throw new RangeError(`Cannot compile: longestLoop must be at least 8, but is ${longestLoop}`);
  }
  const placeholders = Object.fromEntries(
    Object.entries(inputs).map((
      [name, { shape = [], dtype = "float32" }],
    ) => [name, input(name, shape, dtype)]),
  ) as { [K in keyof I]: Tensor };
  const { outputs = {} as Record<O, Tensor>, updates = [], extras } = build(placeholders);
  checkUpdates(updates);

  const names = Object.keys(outputs) as O[];
  const results = [
    ...names.map((name) => outputs[name]),
    // A new value that is another variable is copied to a buffer first, as updates are copied one after the
    // other.
    ...updates.map(([, value]) => isVariable(aliasOf(value)) ? add(value, 0) : value),
  ];
  const { maxStorageBuffersPerShaderStage: mostBuffers, maxUniformBuffersPerShaderStage } = device.gpu.limits;
  const mostUniforms = device.prefersTexels ? maxUniformBuffersPerShaderStage : 0;
  const split = ({ roots }: StoredGraph) => {
    const outputNodes = roots.slice(0, names.length);
    const newValues = updates.map(([variable], i) => [variable, roots[names.length + i]!] as const);
    return { outputNodes, newValues, targets: targetsOf(outputNodes, newValues) };
  };
  const whole = await buildStoredGraph(device, results, { variant, longestLoop, tuning }, mostBuffers);
  const reduced = recomputeCheap(whole, split(whole).targets, mostBuffers);
  const graph = device.prefersTexels ? storeInTextures(reduced) : reduced;
  const { outputNodes, newValues, targets } = split(graph);
  const { commands, inPlace } = planCommands(graph, targets, { mostBuffers, mostUniforms });
  checkSizes(commands, device);
  const persistent = new Set(graph.roots.map(aliasOf).filter((node) => graph.stored.has(node)));
  const plan = planMemory(
    commands.map(({ results, reads }) => ({ results: results.filter((node) => !inPlace.has(node)), reads })),
    persistent,
  );
  const layout = new InputLayout(Object.values(placeholders));
  const pipelines = await device.settle(Promise.all(
    commands.map((command) =>
      command.kernel &&
      device.pipelines.get(command.kernel.wgsl, command.kernel.constants, command.kernel.kinds)
    ),
  ));
  const storage = await allocate(device, layout, plan, inPlace);
  const before = new Set(device.variables);
  try {
    device.check();
    return new Program(device, {
      layout,
      storage,
      commands: commands.map((command, i) => bindCommand(device, storage, command, pipelines[i])),
      updates: newValues.filter(([variable, source]) => inPlace.get(aliasOf(source)) !== variable)
        .map(([variable, source]) => ({ variable, source })),
      outputs: names.map((name, i) => ({ name, node: outputNodes[i]! })),
      lowerBound: plan.lowerBound,
      extras: extras as E,
    });
  } catch (error) {
    storage[Symbol.dispose]();
    for (const variable of new Set(device.variables).difference(before)) device.release(variable);
    throw error;
  }
}

/** Lowers results and chooses the nodes to store, after measuring kernels if `tuning` asks for it. */
async function buildStoredGraph(
  device: Device,
  results: readonly Tensor[],
  options: Required<CompileOptions> & { readonly tuning: Tuning },
  maxBindings: number,
): Promise<StoredGraph> {
  const lower = () => {
    const busyInvocations = device.isCpu ? 512 : 16_384;
    const lowering = new Lowering({ ...options, busyInvocations, device, measured: options.tuning.choices });
    return { lowering, lowered: results.map((result) => lowering.lower(result)) };
  };
  let { lowering, lowered } = lower();
  const compileVariant = (result: Tensor, variant: string) =>
    compile(device, {}, () => ({ outputs: { result } }), { ...options, variant });
  if (await measure(device, options.tuning, lowering.unmeasured, compileVariant)) {
    ({ lowering, lowered } = lower());
  }
  return storeInBlocks(
    { roots: lowered, stored: chooseStored(lowered, maxBindings - 1) },
    (node) => lowering.readsBlocks(node),
  );
}

/** Throws if a kernel could not bind one of its tensors. @throws {TensorSizeError} */
function checkSizes(commands: readonly PlannedCommand[], device: Device): void {
  for (const tensor of new Set(commands.flatMap(({ reads, writes }) => [...reads, ...writes]))) {
    const bytes = bufferBytes(sizeOf(tensor.shape));
    if (bytes <= device.largestBinding) continue;
    const subject = isVariable(tensor) ? `with variable ${tensor.name}` : tensor.op.name;
    throw new TensorSizeError(
      `${subject} ${formatShape(tensor.shape)}`,
      bytes,
      device.largestBinding,
      device.name,
    );
  }
}

/** Returns a command with its pipeline and memory bound. */
function bindCommand(
  device: Device,
  storage: Storage,
  command: PlannedCommand,
  pipeline: GPUComputePipeline | undefined,
): Command {
  const { label, kernel, reads, writes, results } = command, traffic = trafficOf(command);
  if (!kernel || !pipeline) return { label, ...traffic, ...storage.textureCopy(results[0]!) };
  const bindGroup = device.gpu.createBindGroup({
    layout: device.pipelines.layout(kernel.kinds),
    entries: [...reads, ...writes].map((tensor, binding) => ({
      binding,
      resource: storage.resource(tensor),
    })),
  });
  return { label, ...traffic, pipeline, bindGroup, workgroups: kernel.workgroups };
}

function checkUpdates(updates: readonly Update[]): void {
  const seen = new Set<Variable>();
  for (const [variable, value] of updates) {
    if (!isVariable(variable)) {
      throw new TypeError(
        "Cannot update a tensor: only variables can be updated, but it is the result of an op",
      );
    }
    if (seen.has(variable)) {
      throw new RangeError(
        `Cannot update variable ${variable.name} twice in one run. Combine its new values into one.`,
      );
    }
    seen.add(variable);
    if (!sameShape(variable.shape, value.shape) || variable.dtype !== value.dtype) {
      throw new RangeError(
        `Cannot update variable ${variable.name}: shape and type must not change, but it is ${variable.dtype} ${
          formatShape(variable.shape)
        } and the new value is ${value.dtype} ${formatShape(value.shape)}`,
      );
    }
  }
}

/** Allocates the memory of a Program. @throws {GpuError} if memory runs out. */
async function allocate(
  device: Device,
  layout: InputLayout,
  plan: MemoryPlan,
  inPlace: ReadonlyMap<Tensor, Variable>,
): Promise<Storage> {
  device.gpu.pushErrorScope("out-of-memory");
  device.gpu.pushErrorScope("validation");
  const storage = new Storage(device, layout, plan, inPlace);
  const scopes = [device.gpu.popErrorScope(), device.gpu.popErrorScope()];
  const errors = await device.settle(Promise.all(scopes));
  const error = errors.find((e) => e !== null);
  if (error) {
    storage[Symbol.dispose]();
    throw new GpuError(
      `Cannot allocate ${
        Math.ceil(storage.bytes / 2 ** 20)
      } MiB on ${device.name}: ${error.message}. Use smaller batches.`,
    );
  }
  return storage;
}
