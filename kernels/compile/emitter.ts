/**
 * Emitter of the WGSL body of a fused kernel, line by line.
 * @module
 */
import type { ElementIndex, PointwiseOp, ViewOp } from "../op.ts";
import { rowTexelsOf } from "../ops/texels.ts";
import { type Shape, sizeOf, stridesOf, type Tensor } from "../tensor.ts";
import { type Bindings, wgslType } from "./bindings.ts";

/** Index split into `4 · quad + lane`. */
interface Quad {
  readonly quad: string;
  readonly lane: number;
}

/** Position of an element, with a key that identifies it. */
interface Place extends ElementIndex {
  readonly key: string;
}

/** Emitter of a kernel's body. Each line goes to the outermost loop that defines its operands. */
export class Emitter {
  /** WGSL functions that the body calls. */
  readonly helpers = new Set<string>();
  /** True if a row-major position was divided into coordinates. */
  divides = false;
  readonly #stored: ReadonlySet<Tensor>;
  readonly #bindings: Bindings;
  readonly #scopes: string[][] = [[]];
  readonly #depths = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, string>();
  /** Indices whose lane among four neighbours is known, by name. */
  readonly #quads = new Map<string, Quad>();

  /**
   * Creates an emitter with an empty body.
   * @param stored Tensors that are read instead of computed.
   * @param bindings Bindings to which read tensors are added.
   */
  constructor(stored: ReadonlySet<Tensor>, bindings: Bindings) {
    this.#stored = stored;
    this.#bindings = bindings;
  }

  /** Opens a loop with the counter variable `counter`. */
  enter(counter: string): void {
    this.#depths.set(counter, this.#scopes.length);
    this.#scopes.push([]);
  }

  /** Returns the lines of a loop level; level 0 is outside all loops. */
  lines(depth: number): string {
    return this.#scopes[depth]!.join("\n");
  }

  /** Returns a name for an expression; its definition is emitted once. */
  name(expression: string): string {
    expression = this.#simplify(expression);
    if (/^(\w+|[iuf]32\([-\d.e+]+\))$/.test(expression)) return expression;
    let name = this.#names.get(expression);
    if (!name) {
      const depth = Math.max(
        0,
        ...(expression.match(/[a-z]\w*/g) ?? []).map((word) => this.#depths.get(word) ?? 0),
      );
      name = `v${this.#names.size}`;
      this.#names.set(expression, name);
      this.#depths.set(name, depth);
      const [, quad, lane = "0"] = /^(\w+) \* 4u(?: \+ ([0-3])u)?$/.exec(expression) ?? [];
      if (quad) this.#quads.set(name, { quad, lane: Number(lane) });
      this.#scopes[depth]!.push(`let ${name} = ${expression};`);
    }
    return name;
  }

  /** Simplifies index arithmetic, such as the division of a multiple of four by four. */
  #simplify(expression: string): string {
    const [, name, operator] = /^(\w+) ([/%]) 4u$/.exec(expression) ?? [];
    const place = name === undefined ? undefined : this.#quadOf(name);
    if (place) return operator === "/" ? place.quad : `${place.lane}u`;
    return /^0u \* \d+u \+ (\w+)$/.exec(expression)?.[1] ?? /^(\w+) \+ 0u$/.exec(expression)?.[1] ??
      (/^0u [*/%] \d+u$/.test(expression) ? "0u" : expression);
  }

  #quadOf(name: string): Quad | undefined {
    const literal = /^(\d+)u$/.exec(name)?.[1];
    if (literal === undefined) return this.#quads.get(name);
    return { quad: `${Math.floor(Number(literal) / 4)}u`, lane: Number(literal) % 4 };
  }

  /** Returns the position of an element of a shape, from coordinates or a row-major position. */
  index(shape: Shape, at: { readonly axes: readonly string[] } | { readonly linear: string }): Place {
    return {
      key: "axes" in at ? at.axes.join() : at.linear,
      axes: () => "axes" in at ? at.axes : this.#coordinates(shape, at.linear),
      linear: () => this.name("linear" in at ? at.linear : this.#position(shape, at.axes)),
    };
  }

  #coordinates(shape: Shape, linear: string): string[] {
    const strides = stridesOf(shape);
    const outermost = shape.findIndex((size) => size !== 1);
    if (outermost !== shape.findLastIndex((size) => size !== 1)) this.divides = true;
    return shape.map((size, axis) => {
      if (size === 1) return "0u";
      const shifted = strides[axis] === 1 ? linear : this.name(`${linear} / ${strides[axis]}u`);
      return axis === outermost ? shifted : this.name(`${shifted} % ${size}u`);
    });
  }

  #position(shape: Shape, axes: readonly string[]): string {
    const innermost = shape.findLastIndex((size) => size !== 1);
    const size = shape[innermost] ?? 1;
    const place = size % 4 === 0 ? this.#quadOf(axes[innermost]!) : undefined;
    if (place) {
      const outer = this.#position(shape.with(innermost, size / 4), axes.with(innermost, place.quad));
      return `${this.name(outer)} * 4u + ${place.lane}u`;
    }
    const strides = stridesOf(shape);
    const terms = axes.flatMap((axis, i) =>
      shape[i] === 1 || axis === "0u" ? [] : strides[i] === 1 ? [axis] : [`${axis} * ${strides[i]}u`]
    );
    // Summed outermost axis first, so that loop-invariant terms are computed outside the loops.
    return terms.length === 0 ? "0u" : terms.reduce((sum, term) => `${this.name(sum)} + ${term}`);
  }

  /** Returns the name of the value of a node's element. */
  value(node: Tensor, index: Place): string {
    if (node.op.kind === "leaf" || this.#stored.has(node)) return this.#load(node, index);
    const key = `${node.id} ${index.key}`;
    let value = this.#values.get(key);
    if (value === undefined) {
      value = node.op.kind === "view"
        ? this.#emitView(node, node.op, index)
        : this.#emitPointwise(node, node.op as PointwiseOp, index);
      this.#values.set(key, value);
    }
    return value;
  }

  #load(node: Tensor, index: ElementIndex): string {
    const at = sizeOf(node.shape) === 1 ? "0u" : index.linear();
    const place = sizeOf(node.shape) % 4 === 0 ? this.#quadOf(at) : undefined;
    const rowTexels = rowTexelsOf(node);
    if (rowTexels !== undefined) return this.#loadTexel(node, rowTexels, at, place);
    const { name, isFour } = this.#bindings.read(node, place !== undefined);
    if (!isFour) return this.name(`${name}[${at}]`);
    if (place) return this.name(`${this.name(`${name}[${place.quad}]`)}.${"xyzw"[place.lane]}`);
    return this.name(`${name}[${at} / 4u][${at} % 4u]`);
  }

  #loadTexel(node: Tensor, rowTexels: number, at: string, place: Quad | undefined): string {
    const { name } = this.#bindings.read(node, true);
    const quad = place?.quad ?? this.name(`${at} / 4u`);
    const x = this.name(`${quad} % ${rowTexels}u`), y = this.name(`${quad} / ${rowTexels}u`);
    const texel = this.name(`textureLoad(${name}, vec2u(${x}, ${y}))`);
    return this.name(place ? `${texel}.${"xyzw"[place.lane]}` : `${texel}[${at} % 4u]`);
  }

  #emitView(node: Tensor, op: ViewOp, index: Place): string {
    const [input] = node.inputs as [Tensor];
    const valueAt = (place: Parameters<Emitter["index"]>[1]) =>
      this.value(input, this.index(input.shape, place));
    if (op.keepsOrder) return valueAt({ linear: index.linear() });
    if (op.repeats && sizeOf(input.shape) === 1) return valueAt({ linear: "0u" });
    const { axes, inside } = op.source(index.axes(), node);
    const value = valueAt({ axes: axes.map((axis) => this.name(axis)) });
    return inside ? this.name(`select(${wgslType[node.dtype]}(0), ${value}, ${inside})`) : value;
  }

  #emitPointwise(node: Tensor, op: PointwiseOp, index: Place): string {
    if (op.helpers) this.helpers.add(op.helpers);
    return this.name(op.expression(node.inputs.map((input) => this.value(input, index)), node, index));
  }
}
