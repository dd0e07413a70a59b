/**
 * How far the teacher's weights are from the student's, and how both move from one look to the next.
 * @module
 */
import { type HostArray, sizeOf, type Variable } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";

/** Where the weights are at a look; each distance is divided by the norm of the student's weights. */
export interface WeightLook {
  /** `‖teacher − student‖ / ‖student‖`. */
  readonly teacherDistance: number;
  /** `‖teacher − teacher at the look before‖ / ‖student‖`; 0 at the first look. */
  readonly teacherMovement: number;
  /** `‖student − student at the look before‖ / ‖student‖`; 0 at the first look. */
  readonly studentMovement: number;
}

/** Elements that are looked at, at most: copies of two looks are held in memory. */
const mostElements = 2 ** 22;

/** Watches the parameters of student and teacher: all, or of large networks the smallest ones that are few enough. */
export class WeightWatch {
  /** What is to be read at each look: the student's, then the teacher's as many. */
  readonly variables: readonly Variable[];
  #former: readonly HostArray[] | undefined;

  /** Chooses what to look at. */
  constructor({ student, teacher }: Pick<Algorithm, "student" | "teacher">) {
    const pairs = chosenPairs(student.parameters, teacher.parameters);
    this.variables = [...pairs.map(([own]) => own), ...pairs.map(([, other]) => other)];
  }

  /** Takes in the values of {@linkcode variables} as they are now. */
  look(values: readonly HostArray[]): WeightLook {
    const count = values.length / 2;
    const student = values.slice(0, count), teacher = values.slice(count);
    const former = this.#former;
    this.#former = values;
    const norm = Math.sqrt(squares(student, undefined)) || 1;
    const distance = (now: readonly HostArray[], then: readonly HostArray[]) =>
      Math.sqrt(squares(now, then)) / norm;
    return {
      teacherDistance: distance(teacher, student),
      teacherMovement: former ? distance(teacher, former.slice(count)) : 0,
      studentMovement: former ? distance(student, former.slice(0, count)) : 0,
    };
  }
}

type Parameters = Readonly<Record<string, Variable>>;

function chosenPairs(student: Parameters, teacher: Parameters): (readonly [Variable, Variable])[] {
  const pairs = Object.entries(student).flatMap(([name, own]) => {
    const other = teacher[name];
    return other ? [[own, other] as const] : [];
  });
  const size = ([{ shape }]: (typeof pairs)[number]) => sizeOf(shape);
  let elements = 0;
  return pairs.sort((a, b) => size(a) - size(b)).filter((pair, i) => {
    elements += size(pair);
    return i === 0 || elements <= mostElements;
  });
}

/** `Σ (a − b)²` over all elements, in float64; of `a` alone where there is no `b`. */
function squares(a: readonly HostArray[], b: readonly HostArray[] | undefined): number {
  let sum = 0;
  a.forEach((values, i) => {
    const others = b?.[i];
    for (const [j, value] of values.entries()) {
      const difference = value - (others?.[j] ?? 0);
      sum += difference * difference;
    }
  });
  return sum;
}
