/** A trainer without a device, whose work takes as long as a test says. */
import type { Trainer } from "../../semisup/mod.ts";

const none = new Map<string, never>();
const empty = { labels: new Int32Array(), student: none, teacher: none, optimizer: none };

/** A trainer whose work takes as long as it says, by a clock that stands still otherwise. */
export function timedTrainer(
  seconds: Readonly<Record<"step" | "evaluation" | "checkpoint", number>>,
  totalSteps: number,
  stepsPerEpoch = 28,
) {
  let milliseconds = 60_000;
  const looks: number[] = [];
  const trainer = {
    step: 0,
    totalSteps,
    stepsPerEpoch,
    isDisposed: false,
    canEvaluate: seconds.evaluation > 0,
    advance(count: number) {
      const taken = Math.min(count, totalSteps - trainer.step);
      // Shaders are compiled before the first step.
      milliseconds += 1000 * (taken * seconds.step + (trainer.step === 0 ? 30 : 0));
      trainer.step += taken;
      looks.push(count);
      return Promise.resolve();
    },
    evaluate() {
      milliseconds += 1000 * seconds.evaluation;
      return Promise.resolve({});
    },
    checkpoint() {
      milliseconds += 1000 * seconds.checkpoint;
      return Promise.resolve(empty);
    },
    [Symbol.dispose]() {
      trainer.isDisposed = true;
    },
  };
  return {
    trainer: trainer as unknown as Trainer & { readonly isDisposed: boolean },
    looks,
    now: () => milliseconds,
  };
}
