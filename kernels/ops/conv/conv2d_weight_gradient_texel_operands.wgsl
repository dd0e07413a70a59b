// Texture operands of the tiles of a weight's gradient, and a function that loads four texels
@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var dy: texture_storage_2d<rgba32float, read>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// The texels of four positions, as columns. No loop, as iterations are limited.
fn pixels(first: u32, places: vec4u) -> mat4x4f {
  return mat4x4f(
    textureLoad(x, at(first + places.x)),
    textureLoad(x, at(first + places.y)),
    textureLoad(x, at(first + places.z)),
    textureLoad(x, at(first + places.w)),
  );
}
