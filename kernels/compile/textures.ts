/**
 * Operands of fused kernels in textures: on some adapters, a load of a texel costs a fraction of the same load
 * from a storage buffer, so that a copy pays off even for a single reader.
 * @module
 */
import { copyToTexture, fitsTexture, rowTexelsOf } from "../ops/texels.ts";
import { sizeOf, type Tensor, withInputs } from "../tensor.ts";
import { texelsPerRow } from "../workgroups.ts";
import { aliasOf, readsWhole, topologicalOrder } from "./fuse.ts";
import { isHalf } from "./half.ts";
import type { StoredGraph } from "./layout.ts";

/** Fewest elements of a tensor whose copy saves more than it costs. */
const fewestElements = 4096;

/**
 * Returns the graph in which fused kernels read stored blocks of channels from textures. Hand-written kernels
 * read the same buffers and textures as before. A tensor is copied once, for all its readers.
 */
export function storeInTextures({ roots, stored }: StoredGraph): StoredGraph {
  const newStored = new Set<Tensor>();
  // Replacements of each node, for readers of buffers and for fused kernels.
  const buffers = new Map<Tensor, Tensor>(), operands = new Map<Tensor, Tensor>();
  const copies = new Map<Tensor, Tensor>();
  const copyOf = (buffer: Tensor) => {
    const copy = copies.get(buffer) ?? copyToTexture(buffer);
    copies.set(buffer, copy);
    newStored.add(copy);
    return copy;
  };
  for (const node of topologicalOrder(roots)) {
    const rebuild = (replacements: ReadonlyMap<Tensor, Tensor>) => {
      const inputs = node.inputs.map((input) => replacements.get(input)!);
      return inputs.every((input, i) => input === node.inputs[i]) ? node : withInputs(node, inputs);
    };
    const isAlias = aliasOf(node) !== node;
    const readsBuffers = isAlias || readsWhole(node);
    const buffer = isSharedCopy(node)
      ? copyOf(buffers.get(node.inputs[0]!)!)
      : rebuild(readsBuffers ? buffers : operands);
    buffers.set(node, buffer);
    operands.set(
      node,
      isAlias ? rebuild(operands) : stored.has(node) && isCopied(node) ? copyOf(buffer) : buffer,
    );
    if (stored.has(node)) newStored.add(buffer);
  }
  return { roots: roots.map((root) => buffers.get(root)!), stored: newStored };
}

/** Returns whether a node is a texture as {@linkcode storeInTextures} would make it. */
function isSharedCopy(node: Tensor): boolean {
  return rowTexelsOf(node) === texelsPerRow && node.inputs.every((input) => aliasOf(input) === input);
}

/** Returns whether fused kernels read a stored node from a texture. */
function isCopied(node: Tensor): boolean {
  const { op, shape, dtype } = node;
  return op.kind !== "texels" && dtype === "float32" && !isHalf(node) && shape.at(-1) === 4 &&
    sizeOf(shape) >= fewestElements &&
    fitsTexture(shape);
}
