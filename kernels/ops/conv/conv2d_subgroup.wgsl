// y as in conv2d_texels.wgsl. The 8 invocations of a subgroup compute the same outputs at different positions: each reads the weights of one output in eight and shares them.
// x, w and y as in that file; 4·P_BLOCKS positions × 8·S_BLOCKS outputs per invocation, ROWS taps (c, ky, kx) per chunk. Lines with $p and $s are written once per block.
override WORKGROUP: u32;

// The weights of four outputs, read by lanes 0 to 3, as columns.
fn lower(own: vec4f) -> mat4x4f {
  return mat4x4f(
    subgroupBroadcast(own, 0u),
    subgroupBroadcast(own, 1u),
    subgroupBroadcast(own, 2u),
    subgroupBroadcast(own, 3u),
  );
}

// The weights of four outputs, read by lanes 4 to 7, as columns.
fn upper(own: vec4f) -> mat4x4f {
  return mat4x4f(
    subgroupBroadcast(own, 4u),
    subgroupBroadcast(own, 5u),
    subgroupBroadcast(own, 6u),
    subgroupBroadcast(own, 7u),
  );
}

// Sums over channels of four outputs at four positions. Written as inner products, which need fewer registers than a matrix product.
fn products(weights: mat4x4f, pixels: mat4x4f) -> mat4x4f {
  return mat4x4f(
    pixels[0] * weights,
    pixels[1] * weights,
    pixels[2] * weights,
    pixels[3] * weights,
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  // A multiple of the subgroup size, so that all invocations of a subgroup have the same outputs.
  let tiles = (N * OH * OW + 32u * P_BLOCKS - 1u) / (32u * P_BLOCKS) * 8u;
  let blocks = (OG + 8u * S_BLOCKS - 1u) / (8u * S_BLOCKS);
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  let first = i % tiles * 4u * P_BLOCKS;
  let first_output = i / tiles % blocks * 8u * S_BLOCKS;
  let group = i / (tiles * blocks) % G;
  let chunk = i / (tiles * blocks * G);
  if (chunk >= CHUNKS) { return; }

  let corners$p = corners(first + $pu * 4u, group);
  // Outputs past the last read unrelated weights; their results are not stored.
  let output = group * OG + first_output + lane;
  // One variable per matrix of [position][output], as an array of sums would be stored in memory.
  var lower$p_$s: mat4x4f;
  var upper$p_$s: mat4x4f;
  let end = min((chunk + 1u) * ROWS, C4 * KH * KW);
  var place = tap_of(chunk * ROWS);
  for (var tap = chunk * ROWS; tap < end; tap++) {
    let offset = (place.x * H + place.y) * W + place.z;
    place = next(place, KH, KW);
    let pixels$p = pixels(corners$p + offset);
    let own$s = textureLoad(w, at(tap * G * OG + output + $su * 8u));
    let lower_weights$s = lower(own$s);
    lower$p_$s += products(lower_weights$s, pixels$p);
    let upper_weights$s = upper(own$s);
    upper$p_$s += products(upper_weights$s, pixels$p);
  }
  store_matrix(lower$p_$s, first + $pu * 4u, vec3u(first_output + $su * 8u, group, chunk));
  store_matrix(upper$p_$s, first + $pu * 4u, vec3u(first_output + $su * 8u + 4u, group, chunk));
}
