// y[chunk, n, o, oy, ox] = Σ_{(c, ky, kx) of the chunk} x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx] · w[o, c, ky, kx],  g = o / OG; x is already padded
// x texels [N, G·C4, H, W], w texels [C4, KH, KW, G·OG], y [CHUNKS, N, G·O4, OH, OW], 4 channels per texel or vector; 4·P_BLOCKS positions × 4·O_BLOCKS outputs per invocation, ROWS taps (c, ky, kx) per chunk. Lines with $p and $o are written once per block.
override WORKGROUP: u32;

// The weights of four outputs, as rows.
fn weights(first: u32) -> mat4x4f {
  return transpose(mat4x4f(
    textureLoad(w, at(first)),
    textureLoad(w, at(first + 1u)),
    textureLoad(w, at(first + 2u)),
    textureLoad(w, at(first + 3u)),
  ));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let positions = N * OH * OW;
  let tiles = (positions + 4u * P_BLOCKS - 1u) / (4u * P_BLOCKS);
  let blocks = (OG + 4u * O_BLOCKS - 1u) / (4u * O_BLOCKS);
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  let first = i % tiles * 4u * P_BLOCKS;
  let first_output = i / tiles % blocks * 4u * O_BLOCKS;
  let group = i / (tiles * blocks) % G;
  let chunk = i / (tiles * blocks * G);
  if (chunk >= CHUNKS) { return; }

  let corners$p = corners(first + $pu * 4u, group);
  // Outputs past the last read unrelated weights; their results are not stored.
  let output = group * OG + first_output;
  // One variable per matrix of [position][output], as an array of sums would be stored in memory.
  var total$p_$o: mat4x4f;
  // One loop instead of one per axis, as loops cost more than counting.
  let end = min((chunk + 1u) * ROWS, C4 * KH * KW);
  var place = tap_of(chunk * ROWS);
  for (var tap = chunk * ROWS; tap < end; tap++) {
    let offset = (place.x * H + place.y) * W + place.z;
    place = next(place, KH, KW);
    let pixels$p = pixels(corners$p + offset);
    let weights$o = weights(tap * G * OG + output + $ou * 4u);
    total$p_$o += weights$o * pixels$p;
  }
  store_matrix(total$p_$o, first + $pu * 4u, vec3u(first_output + $ou * 4u, group, chunk));
}
