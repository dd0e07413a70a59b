// dw as in conv2d_weight_gradient_texels.wgsl. The 8 invocations of a subgroup compute the same outputs for different channels and taps: each reads the gradients of one block at one of four positions and shares them.
// x, dy and dw as in that file; 8·S_BLOCKS outputs × 4·C_BLOCKS channels of a tap per invocation, ROWS positions per chunk. Lines with $s and $c are written once per block.
override WORKGROUP: u32;

// The gradients of four outputs at four positions, read by lanes 0 to 3, as rows.
fn lower(own: vec4f) -> mat4x4f {
  return transpose(mat4x4f(
    subgroupBroadcast(own, 0u),
    subgroupBroadcast(own, 1u),
    subgroupBroadcast(own, 2u),
    subgroupBroadcast(own, 3u),
  ));
}

// The gradients of four outputs at four positions, read by lanes 4 to 7, as rows.
fn upper(own: vec4f) -> mat4x4f {
  return transpose(mat4x4f(
    subgroupBroadcast(own, 4u),
    subgroupBroadcast(own, 5u),
    subgroupBroadcast(own, 6u),
    subgroupBroadcast(own, 7u),
  ));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let c4 = (CG + 3u) / 4u;
  let o4 = (OG + 3u) / 4u;
  let channel_tiles = (c4 + C_BLOCKS - 1u) / C_BLOCKS;
  let output_tiles = (OG + 8u * S_BLOCKS - 1u) / (8u * S_BLOCKS);
  // A multiple of the subgroup size, so that all invocations of a subgroup have the same outputs.
  let columns = (KW * KH * channel_tiles + 7u) / 8u * 8u;
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  let kx = i % columns % KW;
  let ky = i % columns / KW % KH;
  // Results past the last channel are not stored.
  let c = i % columns / (KW * KH) * C_BLOCKS;
  let o = i / columns % output_tiles * 2u * S_BLOCKS;
  let group = i / (columns * output_tiles) % G;
  let chunk = i / (columns * output_tiles * G);
  if (chunk >= CHUNKS) { return; }

  let x_start = ((group * c4 + c) * H + ky) * W + kx;
  let own_start = ((group * o4 + o + lane / 4u) * DH + TOP) * DW + LEFT;
  // One variable per matrix of [output][channel], as an array of sums would be stored in memory.
  var lower$s_$c: mat4x4f;
  var upper$s_$c: mat4x4f;
  let end = min((chunk + 1u) * ROWS, N * OH * OW);
  let last = place_of(end - 1u);
  let step = place_of(4u);
  var next = place_of(chunk * ROWS + lane % 4u);
  for (var position = chunk * ROWS; position < end; position += 4u) {
    let own_position = position + lane % 4u;
    // Positions past the end repeat the last one.
    let own_place = offsets(select(last, next, own_position < end), c4, o4);
    next = advance(next, step);
    let places = vec4u(
      subgroupBroadcast(own_place.x, 0u),
      subgroupBroadcast(own_place.x, 1u),
      subgroupBroadcast(own_place.x, 2u),
      subgroupBroadcast(own_place.x, 3u),
    );
    let x$c = pixels(x_start + $cu * H * W, places);
    let own$s = select(vec4f(), textureLoad(dy, at(own_start + $su * 2u * DH * DW + own_place.y)), own_position < end);
    let lower_gradients$s = lower(own$s);
    lower$s_$c += x$c * lower_gradients$s;
    let upper_gradients$s = upper(own$s);
    upper$s_$c += x$c * upper_gradients$s;
  }
  let start = (chunk * G + group) * OG * CG * KH * KW + ky * KW + kx;
  store_matrix(lower$s_$c, start, (o + $su * 2u) * 4u, (c + $cu) * 4u);
  store_matrix(upper$s_$c, start, (o + $su * 2u + 1u) * 4u, (c + $cu) * 4u);
}
