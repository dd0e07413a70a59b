/**
 * Hand-written shaders whose bindings are float16 in memory.
 * @module
 */
import halfWgsl from "./half.wgsl" with { type: "text" };

/** Returns an expression's end: the position after the bracket that closes the one at `open`. */
function closingEnd(wgsl: string, open: number): number {
  let depth = 0;
  for (let at = open; at < wgsl.length; at++) {
    if (wgsl[at] === "[") depth++;
    if (wgsl[at] === "]" && --depth === 0) return at + 1;
  }
  throw new SyntaxError(`Cannot convert a shader to float16: a bracket is not closed\n${wgsl}`);
}

/**
 * Returns a shader whose bindings with `halves` are float16 in memory: every element is converted when it is
 * loaded or stored, so that the shader's own code stays float32.
 * @param halves True for each binding that is stored in float16.
 * @throws {SyntaxError} if such a binding is not declared as `array<f32>` or `array<vec4f>`.
 */
export function convertBindings(wgsl: string, halves: readonly boolean[]): string {
  if (!halves.includes(true)) return wgsl;
  const code = wgsl.replaceAll(/\/\/.*$/gm, ""); // Comments have formulas that look like accesses.
  const converted = halves.reduce((text, half, i) => half ? convertBinding(text, i) : text, code);
  return `enable f16;\n${converted}\n${halfWgsl}`;
}

function convertBinding(wgsl: string, binding: number): string {
  const declaration = new RegExp(
    `(@group\\(0\\) @binding\\(${binding}\\) var<storage, \\w+> (\\w+)): array<(f32|vec4f)>;`,
  );
  const [found, start, name, element] = declaration.exec(wgsl) ?? [];
  if (!found) {
    throw new SyntaxError(
      `Cannot convert a shader to float16: binding ${binding} must be array<f32> or array<vec4f>\n${wgsl}`,
    );
  }
  const isVector = element === "vec4f", store = isVector ? "halves_of" : "half_of";
  let text = wgsl.replace(found, `${start}: array<${isVector ? "vec4<f16>" : "f16"}>;`);
  // From the last access to the first, so that positions of the remaining ones stay valid.
  for (const { index } of [...text.matchAll(new RegExp(`\\b${name}\\[`, "g"))].toReversed()) {
    const end = closingEnd(text, index);
    const access = text.slice(index, end);
    const [assignment] = /^\s*=(?!=)/.exec(text.slice(end)) ?? [];
    if (assignment === undefined) {
      text = `${text.slice(0, index)}${element}(${access})${text.slice(end)}`;
      continue;
    }
    const semicolon = text.indexOf(";", end);
    const value = text.slice(end + assignment.length, semicolon).trim();
    text = `${text.slice(0, index)}${access} = ${store}(${value})${text.slice(semicolon)}`;
  }
  return text;
}
