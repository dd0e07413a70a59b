/**
 * What a layer is, and what passes through a network beside the activations.
 * @module
 */
import type { RandomKey, Tensor, Update, Variable } from "../kernels/mod.ts";

/** Variables by their PyTorch state-dict names, such as `features.0.weight`. */
export type NamedVariables = { readonly [name: string]: Variable };

/** How a network is run, and what one or several forward passes leave behind. */
export interface ForwardContext {
  /** Whether batch statistics, dropout and noise are used. */
  readonly training: boolean;
  /** New values of running statistics; every pass appends its own. */
  readonly updates: Update[];
  /**
   * Initial values of parameters and running statistics that a layer finds in the batch it is given, and has used already
   * for its output; there only in the pass of {@linkcode initializeFromData}.
   */
  readonly initialValues?: Update[];
  /**
   * What random numbers are drawn from.
   * @throws {TypeError} if the pass was given none.
   */
  readonly key: RandomKey;
  /** A stream number that no other draw of this context has. */
  nextStream(): number;
}

function context(training: boolean, key: RandomKey | undefined): ForwardContext {
  let streams = 0;
  return {
    training,
    updates: [],
    get key() {
      if (key) return key;
      throw new TypeError("Cannot run a random layer as it needs a random key: the context was given none");
    },
    nextStream: () => streams++,
  };
}

/**
 * The context of passes in training mode: batch statistics, dropout and noise. Student and teacher share one,
 * so that no two draws are the same; the running statistics' new values are in `updates`.
 * @param key What dropout and noise are drawn from; a network without them needs none.
 */
export function trainingContext(key?: RandomKey): ForwardContext {
  return context(true, key);
}

/** The context of passes in evaluation mode: running statistics, no dropout, no noise. */
export function evaluationContext(): ForwardContext {
  return context(false, undefined);
}

/**
 * The context of the pass that finds initial values in a batch; it is one in training mode.
 * @param key What dropout and noise are drawn from; a network without them needs none.
 */
export function initializationContext(
  key?: RandomKey,
): ForwardContext & Required<Pick<ForwardContext, "initialValues">> {
  // Added to it, not spread into a new object, where the key would be asked for at once.
  return Object.assign(context(true, key), { initialValues: [] });
}

/** A layer or network: its parameters are trained, its buffers (running statistics) follow from forward passes. */
export interface Module<Output = Tensor> {
  /** What the optimiser updates and a teacher averages. */
  readonly parameters: NamedVariables;
  /** Running state that is neither trained nor averaged. */
  readonly buffers: NamedVariables;
  /** The output for a batch `x`. */
  forward(x: Tensor, context: ForwardContext): Output;
}

/** The variables of children, each name behind its child's and a dot. */
export function joinNames(children: { readonly [name: string]: NamedVariables }): NamedVariables {
  return Object.fromEntries(
    Object.entries(children).flatMap(([child, variables]) =>
      Object.entries(variables).map(([name, variable]) => [`${child}.${name}`, variable])
    ),
  );
}

/** The variables of child layers, each name behind its child's and a dot: the names that PyTorch gives to attributes. */
export function variablesOf(
  children: { readonly [name: string]: Module<unknown> },
): Pick<Module, "parameters" | "buffers"> {
  const those = (kind: "parameters" | "buffers") =>
    joinNames(Object.fromEntries(Object.entries(children).map(([name, child]) => [name, child[kind]])));
  return { parameters: those("parameters"), buffers: those("buffers") };
}

/** Parameters and buffers: everything that a state dict holds. */
export function stateOf(module: Module<unknown>): NamedVariables {
  return { ...module.parameters, ...module.buffers };
}

/** Number of trained numbers of a network. */
export function parameterCount(module: Module<unknown>): number {
  return Object.values(module.parameters).reduce((count, { initial }) => count + initial.length, 0);
}
