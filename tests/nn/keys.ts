import { type RandomKey, variable } from "../../kernels/mod.ts";

/** What a step draws random numbers from. */
export function randomKey(seed: number, step: number): RandomKey {
  return {
    seed: variable([], [seed], { dtype: "uint32" }),
    step: variable([], [step], { dtype: "uint32" }),
  };
}
