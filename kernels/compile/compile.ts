/**
 * Compiler from a graph to a Program: trace → lower → fuse → lay out → schedule → plan memory → compile the
 * kernels.
 * @module
 */
import type { Device } from "../device.ts";
import { TensorSizeError } from "../errors.ts";
import { input, isVariable, type Variable } from "../ops/leaf.ts";
import { add } from "../ops/pointwise.ts";
import { type DType, formatShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { Tuning } from "../tuning.ts";
import { mostIterations } from "../workgroups.ts";
import { allocate } from "./allocation.ts";
import { planCommands, type PlannedCommand, recomputeCheap, targetsOf, trafficOf } from "./commands.ts";
import { aliasOf, chooseStored } from "./fuse.ts";
import { checkPrecision, type Precision, storedBytes, storeInHalf } from "./half.ts";
import { Lowering, type VariantChoice } from "./lower.ts";
import { type StoredGraph, storeInBlocks } from "./layout.ts";
import { measure } from "./measure.ts";
import { planMemory } from "./memory_plan.ts";
import type { Command } from "./encode.ts";
import { Program } from "./program.ts";
import { InputLayout, Storage } from "./storage.ts";
import type { Exchange, SumAcross } from "./exchange.ts";
import { storeInTextures } from "./textures.ts";
import { checkUpdates } from "./updates.ts";

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
  /**
   * Element type in which intermediate images and operands of products are stored; float32 if absent. Variables,
   * outputs, sums and all arithmetic are float32. Too large values become infinite.
   */
  readonly precision?: Precision;
  /** Most loop iterations per invocation, at least 8; by default as many as all known adapters finish. */
  readonly longestLoop?: number;
  /** Known fastest kernels, and the effort to measure others; if absent, rules alone decide. */
  readonly tuning?: Tuning | undefined;
  /** Sums the tensors of `sumAcross` over processes; required if there are some. */
  readonly sumAcross?: SumAcross | undefined;
}

/**
 * Compiles the graph that `build` returns into a {@linkcode Program}, which can be run any number of times.
 * @throws {RangeError} or {TypeError} if an update does not fit its variable or an option is out of range.
 * @throws {TensorSizeError} if a tensor is too large.
 * @throws {GpuError} if a kernel does not compile or the device lacks float16, {@linkcode GpuMemoryError} if memory
 * runs out.
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
  const { variant = "auto", longestLoop = mostIterations, tuning = new Tuning(), precision = "float32" } =
    options;
  if (!(longestLoop >= 8)) {
    throw new RangeError(`Cannot compile: longestLoop must be at least 8, but is ${longestLoop}`);
  }
  checkPrecision(device, precision);
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
  const settings = { variant, longestLoop, tuning, precision };
  const whole = await buildStoredGraph(device, results, settings, mostBuffers);
  const reduced = recomputeCheap(whole, split(whole).targets, mostBuffers);
  const stored = precision === "float16" ? storeInHalf(reduced) : reduced;
  const graph = device.prefersTexels ? storeInTextures(stored) : stored;
  const { outputNodes, newValues, targets } = split(graph);
  const limits = { mostBuffers, mostUniforms, sharesShaders: device.isCpu };
  const { commands, inPlace } = planCommands(graph, targets, limits);
  checkSizes(commands, device);
  checkExchanges(commands, options);
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
  const sizes = commands.flatMap(({ kernel }) => kernel?.sizes ? [kernel.sizes] : []);
  const storage = await allocate(device, plan, () => new Storage(device, layout, plan, inPlace, sizes));
  const before = new Set(device.variables);
  try {
    device.check();
    return new Program(device, {
      layout,
      storage,
      commands: commands.map((command, i) => bindCommand(device, storage, command, pipelines[i])),
      sumAcross: options.sumAcross,
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
  options: Required<Omit<CompileOptions, "sumAcross">> & { readonly tuning: Tuning },
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

/** @throws {TypeError} if there are sums over processes, and no function that computes them. */
function checkExchanges(commands: readonly PlannedCommand[], { sumAcross }: CompileOptions): void {
  if (sumAcross || commands.every(({ exchange }) => exchange === undefined)) return;
  throw new TypeError("Cannot compile: a tensor is a sum over processes, but option sumAcross is missing");
}

/** Throws if a kernel could not bind one of its tensors. @throws {TensorSizeError} */
function checkSizes(commands: readonly PlannedCommand[], device: Device): void {
  for (const tensor of new Set(commands.flatMap(({ reads, writes }) => [...reads, ...writes]))) {
    const bytes = storedBytes(tensor);
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
): Command | Exchange {
  const { label, kernel, reads, writes, results } = command, traffic = trafficOf(command);
  if (command.exchange !== undefined) {
    const { buffer: target } = storage.range(writes[0]!);
    const { buffer: source, offset: sourceOffset } = storage.range(reads[0]!);
    return { label, ...traffic, source, sourceOffset, target, length: sizeOf(writes[0]!.shape) };
  }
  if (!kernel || !pipeline) return { label, ...traffic, ...storage.textureCopy(results[0]!) };
  const bindGroup = device.gpu.createBindGroup({
    layout: device.pipelines.layout(kernel.kinds),
    entries: [
      ...[...reads, ...writes].map((tensor) => storage.resource(tensor)),
      ...kernel.sizes ? [storage.sizes.resource(kernel.sizes)] : [],
    ].map((resource, binding) => ({ binding, resource })),
  });
  return { label, ...traffic, pipeline, bindGroup, workgroups: kernel.workgroups };
}
