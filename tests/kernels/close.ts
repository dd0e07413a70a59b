import { AssertionError } from "../assert.ts";

/** Fails unless |got − want| ≤ atol + rtol·|want| for every element; names the worst one. */
export function assertClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { rtol, atol, what = "value" }: { rtol: number; atol: number; what?: string },
): void {
  if (got.length !== want.length) {
    throw new AssertionError(`${what}: ${got.length} elements, wanted ${want.length}`);
  }
  let worst = -1, worstExcess = 0;
  for (let i = 0; i < got.length; i++) {
    if (got[i] === want[i]) continue;
    const excess = Math.abs(got[i]! - want[i]!) / (atol + rtol * Math.abs(want[i]!));
    if (!(excess <= Math.max(1, worstExcess))) {
      worst = i;
      worstExcess = Number.isNaN(excess) ? Infinity : excess;
    }
  }
  if (worst >= 0) {
    throw new AssertionError(
      `${what}: element ${worst} of ${got.length} is ${got[worst]}, wanted ${want[worst]} (${
        worstExcess.toPrecision(3)
      } × the tolerance ${atol} + ${rtol}·|want|)`,
    );
  }
}
