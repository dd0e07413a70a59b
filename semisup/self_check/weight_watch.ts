/**
 * Distances between the weights of teacher and student, and their movement from one measurement to the next.
 * @module
 */
import { type HostArray, sizeOf, type Variable } from "../../kernels/mod.ts";
import type { Algorithm } from "../algorithm.ts";

/** Distances of weights at a measurement, each divided by the norm of the student's weights. */
export interface WeightDistances {
  /** `‖teacher − student‖ / ‖student‖`. */
  readonly teacherDistance: number;
  /** `‖teacher − teacher at the measurement before‖ / ‖student‖`; 0 at the first measurement. */
  readonly teacherMovement: number;
  /** `‖student − student at the measurement before‖ / ‖student‖`; 0 at the first measurement. */
  readonly studentMovement: number;
}

/** Upper bound of the number of weights watched: copies of two measurements are held in memory. */
const maxElements = 2 ** 22;

/** Watches the parameters of student and teacher: all of them, or the smallest ones of large networks. */
export class WeightWatch {
  /** Variables to read for each measurement: the student's, then as many of the teacher's. */
  readonly variables: readonly Variable[];
  #previous: readonly HostArray[] | undefined;

  /** Selects the parameters to watch. */
  constructor({ student, teacher }: Pick<Algorithm, "student" | "teacher">) {
    const pairs = selectPairs(student.parameters, teacher.parameters);
    this.variables = [...pairs.map(([ofStudent]) => ofStudent), ...pairs.map(([, ofTeacher]) => ofTeacher)];
  }

  /** Computes distances from the current values of {@linkcode variables}. */
  measure(values: readonly HostArray[]): WeightDistances {
    const count = values.length / 2;
    const student = values.slice(0, count), teacher = values.slice(count);
    const previous = this.#previous;
    this.#previous = values;
    const norm = Math.sqrt(squares(student, undefined)) || 1;
    const distance = (now: readonly HostArray[], then: readonly HostArray[]) =>
      Math.sqrt(squares(now, then)) / norm;
    return {
      teacherDistance: distance(teacher, student),
      teacherMovement: previous ? distance(teacher, previous.slice(count)) : 0,
      studentMovement: previous ? distance(student, previous.slice(0, count)) : 0,
    };
  }
}

type Parameters = Readonly<Record<string, Variable>>;

function selectPairs(student: Parameters, teacher: Parameters): (readonly [Variable, Variable])[] {
  const pairs = Object.entries(student).flatMap(([name, ofStudent]) => {
    const ofTeacher = teacher[name];
    return ofTeacher ? [[ofStudent, ofTeacher] as const] : [];
  });
  const size = ([{ shape }]: (typeof pairs)[number]) => sizeOf(shape);
  let elements = 0;
  return pairs.sort((a, b) => size(a) - size(b)).filter((pair, i) => {
    elements += size(pair);
    return i === 0 || elements <= maxElements;
  });
}

/** Sums `(a − b)²` over all elements in float64, or `a²` if `b` is undefined. */
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
