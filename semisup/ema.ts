/**
 * The teacher's weights: an exponential moving average of the student's.
 * @module
 */
import { add, mul, sub, type Tensor, type Update } from "../kernels/mod.ts";
import type { NamedVariables } from "../nn/mod.ts";

/**
 * The decay after `steps` completed steps, with warm-up: `min(1 − 1 / (steps + 1), decay)`. It makes the average
 * that of all steps so far until `decay` forgets faster.
 * @param steps Counted after the step: 1 after the first, which gives ½.
 * @param decay In [0, 1].
 * @throws {RangeError} if the decay is outside [0, 1] or the number of steps is negative.
 */
export function warmedEmaDecay(steps: number, decay: number): number {
  if (!(decay >= 0 && decay <= 1)) {
    throw new RangeError(`Cannot average weights as the decay must be in [0, 1]: it is ${decay}`);
  }
  if (!(steps >= 0)) {
    throw new RangeError(`Cannot average weights as the number of steps must be at least 0: it is ${steps}`);
  }
  return Math.min(1 - 1 / (steps + 1), decay);
}

/**
 * New values of the teacher's parameters: `teacher ← decay · teacher + (1 − decay) · student` (Tarvainen & Valpola
 * 2017, equation 2), with the student's parameters as they are after its own updates.
 * @param teacher The averaged parameters. Running statistics are not averaged: they follow the teacher's passes.
 * @param student Parameters of the same names.
 * @param studentUpdates New values of the student's parameters in the same step.
 * @param decay float32 scalar.
 * @throws {RangeError} if the student has no parameter of a teacher's name.
 */
export function emaUpdates(
  teacher: NamedVariables,
  student: NamedVariables,
  studentUpdates: readonly Update[],
  decay: Tensor,
): Update[] {
  const updated = new Map<Tensor, Tensor>(studentUpdates);
  return Object.entries(teacher).map(([name, average]) => {
    const current = student[name];
    if (!current) {
      throw new RangeError(
        `Cannot average weights as the student must have the teacher's parameters: it has no ${name}`,
      );
    }
    const next = updated.get(current) ?? current;
    return [average, add(mul(decay, average), mul(sub(1, decay), next))];
  });
}
