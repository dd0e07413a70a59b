/**
 * From a graph to a Program: trace → lower → fuse → lay out → schedule → plan memory → write and compile the kernels.
 * @module
 */
import { type BindingKind, type Device, GpuError } from "../device.ts";
import { input, isVariable, type Variable } from "../ops/leaf.ts";
import { add } from "../ops/pointwise.ts";
import { type DType, formatShape, sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { mostIterations, oneChunk } from "../workgroups.ts";
import { fusedKernel } from "./codegen.ts";
import { aliasOf, storedNodes, topologicalOrder } from "./fuse.ts";
import { Lowering, type VariantChoice } from "./lower.ts";
import { storeInBlocks } from "./layout.ts";
import { type MemoryPlan, planMemory } from "./plan.ts";
import { type Command, Program } from "./program.ts";
import { InputLayout, Storage } from "./storage.ts";

/** An input that the host gives before each run; a float32 scalar where nothing is said. */
export interface InputSpec {
  /** Sizes of its axes. */
  readonly shape?: Shape;
  /** Element type. */
  readonly dtype?: DType;
}

/** A variable and the value it takes after the run. */
export type Update = readonly [variable: Variable, value: Tensor];

/** What a Program computes. */
export interface Graph<O extends string = string> {
  /** Values for the host. */
  readonly outputs?: Readonly<Record<O, Tensor>>;
  /** New values of variables. Every right-hand side sees the values from before the run. */
  readonly updates?: readonly Update[];
}

/** How to compile. */
export interface CompileOptions {
  /** Which way of computing ops that have several; "auto" where absent. */
  readonly variant?: VariantChoice;
  /** Loop iterations that one invocation may take, at least 8; longer sums are split. What every known adapter finishes where absent. */
  readonly longestLoop?: number;
}

/** A kernel before it has buffers. */
interface PlannedKernel {
  readonly node: Tensor;
  readonly reads: readonly Tensor[];
  readonly wgsl: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
}

/**
 * Compiles what `build` describes into a {@linkcode Program}, which can be run any number of times.
 * @throws {RangeError} or {TypeError} if an update does not fit its variable or an option is impossible, {@linkcode GpuError} if a kernel does not compile.
 * @example
 * ```ts
 * import { add, compile, Device, variable } from "../mod.ts";
 * const device = await Device.request();
 * const counter = variable([], [0]);
 * const program = await compile(device, { amount: {} }, ({ amount }) => {
 *   const next = add(counter, amount);
 *   return { outputs: { next }, updates: [[counter, next]] };
 * });
 * program.run({ amount: 2 });
 * const { next } = await program.runAndRead({ amount: 3 });
 * console.assert(next[0] === 5);
 * device.destroy();
 * ```
 */
export async function compile<I extends Readonly<Record<string, InputSpec>>, O extends string>(
  device: Device,
  inputs: I,
  build: (inputs: { readonly [K in keyof I]: Tensor }) => Graph<O>,
  options: CompileOptions = {},
): Promise<Program<keyof I & string, O>> {
  device.check();
  const { variant = "auto", longestLoop = mostIterations } = options;
  if (!(longestLoop >= 8)) {
    throw new RangeError(`Cannot compile as the longest loop must be at least 8: it is ${longestLoop}`);
  }
  const placeholders = Object.fromEntries(
    Object.entries(inputs).map((
      [name, { shape = [], dtype = "float32" }],
    ) => [name, input(name, shape, dtype)]),
  ) as { [K in keyof I]: Tensor };
  const { outputs = {} as Record<O, Tensor>, updates = [] } = build(placeholders);
  checkUpdates(updates);

  const lowering = new Lowering({
    busyInvocations: device.isCpu ? 512 : 16_384,
    device,
    variant,
    longestLoop,
  });
  const outputNames = Object.keys(outputs) as O[];
  const outputNodes = outputNames.map((name) => lowering.lower(outputs[name]));
  // A variable that becomes another one's value goes through a buffer: copies happen one after the other.
  const updateNodes = updates.map(([, value]) =>
    lowering.lower(isVariable(aliasOf(value)) ? add(value, 0) : value)
  );

  const lowered = [...outputNodes, ...updateNodes];
  const { roots, stored } = storeInBlocks(
    { roots: lowered, stored: storedNodes(lowered, device.gpu.limits.maxStorageBuffersPerShaderStage - 1) },
    (node) => lowering.readsBlocks(node),
  );
  // Nothing computes an empty tensor; an empty texture still has to be there to be bound.
  const schedule = topologicalOrder(roots).filter((node) =>
    stored.has(node) && (sizeOf(node.shape) > 0 || isTexels(node))
  );
  const kernels = new Map(
    schedule.flatMap((node) => isTexels(node) ? [] : [[node, plannedKernel(node, stored)]]),
  );
  const readsOf = (node: Tensor) => kernels.get(node)?.reads ?? node.inputs.map(aliasOf);
  const lasting = new Set(roots.map(aliasOf).filter((node) => stored.has(node)));
  const plan = planMemory(schedule, readsOf, lasting);

  const layout = new InputLayout(Object.values(placeholders));
  const pipelines = await Promise.all(
    schedule.map((node) => {
      const kernel = kernels.get(node);
      return kernel && device.pipeline(kernel.wgsl, kernel.constants, bindingsOf(kernel));
    }),
  );
  const storage = await allocate(device, layout, plan);
  const commands = schedule.map((node, i): Command => {
    const kernel = kernels.get(node);
    const label = labelOf(node);
    if (!kernel) return { label, ...storage.textureCopy(node) };
    const resources = [...kernel.reads, node].map((tensor) => storage.resource(tensor));
    const bindGroup = device.gpu.createBindGroup({
      layout: device.bindGroupLayout(bindingsOf(kernel)),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    return { label, pipeline: pipelines[i]!, bindGroup, workgroups: kernel.workgroups };
  });
  device.check();
  return new Program(device, {
    layout,
    storage,
    commands,
    updates: updates.map(([variable], i) => ({ variable, source: roots[outputNames.length + i]! })),
    outputs: outputNames.map((name, i) => ({ name, node: roots[i]! })),
    lowerBound: plan.lowerBound,
  });
}

function checkUpdates(updates: readonly Update[]): void {
  const seen = new Set<Variable>();
  for (const [variable, value] of updates) {
    if (!isVariable(variable)) {
      throw new TypeError("Cannot update a tensor as only variables last: it is the result of an op");
    }
    if (seen.has(variable)) {
      throw new RangeError(
        `Cannot update variable ${variable.name} as it can have one new value: it has two`,
      );
    }
    seen.add(variable);
    if (!sameShape(variable.shape, value.shape) || variable.dtype !== value.dtype) {
      throw new RangeError(
        `Cannot update variable ${variable.name} as shape and type must stay: it is ${variable.dtype} ${
          formatShape(variable.shape)
        }, its new value ${value.dtype} ${formatShape(value.shape)}`,
      );
    }
  }
}

function plannedKernel(node: Tensor, stored: ReadonlySet<Tensor>): PlannedKernel {
  if (node.op.kind !== "kernel") return { node, constants: {}, ...fusedKernel(node, stored) };
  const chunks = oneChunk(node.op.extent?.(node) ?? { rows: 0, length: 0 });
  return { node, reads: node.inputs.map(aliasOf), ...node.op.kernel(node, chunks) };
}

function isTexels(node: Tensor): boolean {
  return node.op.kind === "texels";
}

function bindingsOf({ reads }: PlannedKernel): BindingKind[] {
  return [...reads.map((read) => isTexels(read) ? "texels" : "read"), "write"];
}

function labelOf(node: Tensor): string {
  return `${node.op.name} ${formatShape(node.shape)}`;
}

/** Makes the memory of a Program; running out of it is an error here and not a surprise later. */
async function allocate(device: Device, layout: InputLayout, plan: MemoryPlan): Promise<Storage> {
  device.gpu.pushErrorScope("out-of-memory");
  device.gpu.pushErrorScope("validation");
  const storage = new Storage(device, layout, plan);
  const errors = [await device.gpu.popErrorScope(), await device.gpu.popErrorScope()];
  const error = errors.find((e) => e !== null);
  if (error) {
    storage.destroy();
    throw new GpuError(
      `Cannot allocate ${
        Math.ceil(storage.bytes / 2 ** 20)
      } MiB on ${device.name}: ${error.message}. Try a smaller batch.`,
    );
  }
  return storage;
}
