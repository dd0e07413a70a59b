import { type RandomKey, variable } from "../../kernels/mod.ts";

/** Creates the random key of a step. */
export function randomKey(seed: number, step: number): RandomKey {
  return {
    seed: variable([], [seed], { dtype: "uint32" }),
    step: variable([], [step], { dtype: "uint32" }),
  };
}
