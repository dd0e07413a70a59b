/**
 * The interface of layers and networks, and the context of their forward passes.
 * @module
 */
import {
  type BatchShare,
  type RandomKey,
  sizeOf,
  type Tensor,
  type Update,
  type Variable,
} from "../kernels/mod.ts";

/** Variables by their PyTorch state-dict names, such as `features.0.weight`. */
export type NamedVariables = { readonly [name: string]: Variable };

/** Modules by name, such as `conv1`. */
export type NamedModules = { readonly [name: string]: Module<unknown> };

/** Mode, random numbers and side effects of one or several forward passes. */
export interface ForwardContext {
  /** True if batch statistics, dropout and noise are used. */
  readonly training: boolean;
  /** New values of running statistics; every pass appends to this list. */
  readonly updates: Update[];
  /**
   * Initial values of parameters and running statistics. Layers compute them from the batch, append them here
   * and use them in the same pass. Undefined except in the pass of {@linkcode initializeFromData}.
   */
  readonly initialValues?: Update[];
  /**
   * Layers that are not trained: their batch normalisation uses the running statistics and keeps them. None if
   * absent.
   */
  readonly frozenLayers?: ReadonlySet<Module<unknown>>;
  /**
   * Source of random numbers.
   * @throws {TypeError} if the context was created without one.
   */
  readonly key: RandomKey;
  /** Returns a stream number that this context has not returned before. */
  nextStream(): number;
  /** The batch, if several processes share its rows. */
  readonly shared?: SharedPass | undefined;
}

/** Passes over a batch whose rows several processes share. */
export interface SharedPass {
  /** Rows of this process. */
  readonly share: BatchShare;
  /** True if batch normalisation uses statistics of the whole batch, false if those of the rows of this process. */
  readonly syncBatchNorm: boolean;
  /** Returns a place among the sums over processes that was not returned before. */
  nextSum(): number;
}

/** Returns the shared batch of a pass if batch normalisation uses its statistics. */
export function synchronisedBatch({ shared }: ForwardContext): SharedPass | undefined {
  return shared?.syncBatchNorm ? shared : undefined;
}

function createContext(
  training: boolean,
  key: RandomKey | undefined,
  syncBatchNorm = false,
): ForwardContext {
  let streams = 0, sums = 0;
  const share = key?.share;
  return {
    ...(share && { shared: { share, syncBatchNorm, nextSum: () => sums++ } }),
    training,
    updates: [],
    get key() {
      if (key) return key;
      throw new TypeError("Cannot run a random layer: it needs a random key, but none was passed");
    },
    nextStream: () => streams++,
  };
}

/**
 * Creates the context of forward passes in training mode: with batch statistics, dropout and noise. Student
 * and teacher share one context, so that no two draws are the same. New running statistics are collected in
 * `updates`.
 * @param key Source of random numbers; optional for networks without dropout and noise. If it has a share, so has
 * the context.
 * @param syncBatchNorm True if batch normalisation uses statistics of the whole batch of all processes.
 */
export function trainingContext(
  key?: RandomKey,
  { syncBatchNorm = false }: { readonly syncBatchNorm?: boolean } = {},
): ForwardContext {
  return createContext(true, key, syncBatchNorm);
}

/**
 * Creates the context of forward passes in evaluation mode: with running statistics, without dropout and
 * noise.
 */
export function evaluationContext(): ForwardContext {
  return createContext(false, undefined);
}

/**
 * Creates the context of the pass that computes initial values from a batch, in training mode.
 * @param key Source of random numbers; optional for networks without dropout and noise.
 */
export function initializationContext(
  key?: RandomKey,
): ForwardContext & Required<Pick<ForwardContext, "initialValues">> {
  // Spreading the context into a new object would call the getter of `key`, which throws if there is none.
  return Object.assign(createContext(true, key), { initialValues: [] });
}

/**
 * A layer or network. Its parameters are trained; its buffers, such as running statistics, change in forward
 * passes.
 */
export interface Module<Output = Tensor> {
  /** Variables that the optimiser updates and the teacher averages. */
  readonly parameters: NamedVariables;
  /** Variables that are neither trained nor averaged, such as running statistics. */
  readonly buffers: NamedVariables;
  /**
   * Layers inside, by the prefix of their variables' names. Summaries and observations list them; a module
   * without `children` counts as one layer.
   */
  readonly children?: NamedModules;
  /** Computes the output for a batch `x`. */
  forward(x: Tensor, context: ForwardContext): Output;
}

/** Returns whether a layer uses statistics of the batch in a pass: in training, unless the layer is frozen. */
export function usesBatchStatistics(layer: Module<unknown>, context: ForwardContext): boolean {
  return context.training && !context.frozenLayers?.has(layer);
}

/** Merges the variables of children; the names become `CHILD.NAME`. */
export function joinNames(children: { readonly [name: string]: NamedVariables }): NamedVariables {
  return Object.fromEntries(
    Object.entries(children).flatMap(([child, variables]) =>
      Object.entries(variables).map(([name, variable]) => [`${child}.${name}`, variable])
    ),
  );
}

/**
 * Merges parameters and buffers of child layers; the names become `CHILD.NAME`, as PyTorch names attributes.
 */
export function variablesOf(
  children: NamedModules,
): Pick<Module, "parameters" | "buffers"> {
  const merge = (kind: "parameters" | "buffers") =>
    joinNames(Object.fromEntries(Object.entries(children).map(([name, child]) => [name, child[kind]])));
  return { parameters: merge("parameters"), buffers: merge("buffers") };
}

/** Returns parameters and buffers: the contents of a state dict. */
export function stateOf(module: Module<unknown>): NamedVariables {
  return { ...module.parameters, ...module.buffers };
}

/** Returns the number of trained values of a network: the sizes of its parameters, each counted once. */
export function parameterCount(module: Module<unknown>): number {
  return elementCount(Object.values(module.parameters));
}

/** Returns the number of elements of variables; a variable that is listed twice counts once. */
export function elementCount(variables: readonly Variable[]): number {
  return [...new Set(variables)].reduce((count, { shape }) => count + sizeOf(shape), 0);
}
