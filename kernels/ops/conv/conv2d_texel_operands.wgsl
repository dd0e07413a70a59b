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

// The corners of four positions. Positions past the end read unrelated texels; their results are not stored.
fn corners(first: u32, group: u32) -> vec4u {
  let place0 = place_of(first);
  let place1 = next(place0, OH, OW);
  let place2 = next(place1, OH, OW);
  let place3 = next(place2, OH, OW);
  return vec4u(corner(place0, group), corner(place1, group), corner(place2, group), corner(place3, group));
}

// Channel, row and column of a tap.
fn tap_of(tap: u32) -> vec3u {
  return vec3u(tap / (KH * KW), tap / KW % KH, tap % KW);
}

fn store_matrix(total: mat4x4f, first: u32, at: vec3u) {
  let place0 = place_of(first);
  let place1 = next(place0, OH, OW);
  let place2 = next(place1, OH, OW);
  store_vector(total[0], place0, at);
  store_vector(total[1], place1, at);
  store_vector(total[2], place2, at);
  store_vector(total[3], next(place2, OH, OW), at);
}
