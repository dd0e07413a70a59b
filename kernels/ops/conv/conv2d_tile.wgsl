// Common code of all tiles of a convolution: sizes, start of a position, storing of sums
override N: u32;
override H: u32;
override W: u32;
override C4: u32;
override OG: u32;
override G: u32;
override KH: u32;
override KW: u32;
override OH: u32;
override OW: u32;
override STRIDE: u32;
override CHUNKS: u32;
override ROWS: u32;

@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Index in x at which the sums of a position start.
fn corner(position: u32, group: u32) -> u32 {
  // Positions past the end repeat the last one; their results are not stored.
  let q = min(position, N * OH * OW - 1u);
  let n = q / (OH * OW);
  let oy = (q / OW) % OH;
  let ox = q % OW;
  return ((n * G + group) * C4 * H + oy * STRIDE) * W + ox * STRIDE;
}

fn store_vector(total: vec4f, q: u32, place: vec3u) {
  if (q >= N * OH * OW || place.x >= OG) { return; }
  let block = ((place.z * N + q / (OH * OW)) * G + place.y) * ((OG + 3u) / 4u) + place.x / 4u;
  // Channels of the block beyond the last output are zero.
  let exists = vec4u(0u, 1u, 2u, 3u) + place.x < vec4u(OG);
  y[block * OH * OW + q % (OH * OW)] = select(vec4f(), total, exists);
}
