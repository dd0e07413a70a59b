// Texture operands of the tiles of a convolution, and functions that load four positions
@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var w: texture_storage_2d<rgba32float, read>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// The texels of four positions, as columns. No loop, as iterations are limited.
fn pixels(texel: vec4u) -> mat4x4f {
  return mat4x4f(
    textureLoad(x, at(texel.x)),
    textureLoad(x, at(texel.y)),
    textureLoad(x, at(texel.z)),
    textureLoad(x, at(texel.w)),
  );
}

fn corners(first: u32, group: u32) -> vec4u {
  return vec4u(corner(first, group), corner(first + 1u, group), corner(first + 2u, group), corner(first + 3u, group));
}
