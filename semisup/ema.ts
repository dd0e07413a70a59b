/**
 * The teacher's weights: an exponential moving average of the student's.
 * @module
 */
import { add, mul, sub, type Tensor, type Update } from "../kernels/mod.ts";
import type { NamedVariables } from "../nn/mod.ts";

/**
 * Returns the decay after `steps` completed steps, with warm-up: `min(1 − 1 / (steps + 1), decay)`. The
 * average is the plain mean of all steps so far until `decay` forgets faster.
 * @param steps Completed steps, this one included: 1 after the first, which gives ½.
 * @param decay In [0, 1].
 * @throws {RangeError} if the decay is outside [0, 1] or the number of steps is negative.
 */
export function warmedEmaDecay(steps: number, decay: number): number {
  if (!(decay >= 0 && decay <= 1)) {
    throw new RangeError(`Cannot average weights: the decay must be in [0, 1], but is ${decay}`);
  }
  if (!(steps >= 0)) {
    throw new RangeError(`Cannot average weights: the number of steps must be at least 0, but is ${steps}`);
  }
  return Math.min(1 - 1 / (steps + 1), decay);
}

/**
 * Computes the new values of the teacher's parameters: `teacher ← decay · teacher + (1 − decay) · student`
 * (Tarvainen & Valpola 2017, equation 2), with the student's parameters after its own updates.
 * @param teacher The averaged parameters. Running statistics follow the teacher's own passes instead.
 * @param student Parameters of the same names.
 * @param studentUpdates New values of the student's parameters in the same step.
 * @param decay float32 scalar.
 * @throws {RangeError} if the student lacks a parameter of the teacher.
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
        `Cannot average weights: the student must have all parameters of the teacher, but lacks ${name}`,
      );
    }
    const next = updated.get(current) ?? current;
    return [average, add(mul(decay, average), mul(sub(1, decay), next))];
  });
}
