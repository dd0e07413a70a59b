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

// Image, row and column of a position. Positions past the end have no image; their results are not stored.
fn place_of(position: u32) -> vec3u {
  let row = position / OW;
  return vec3u(row / OH, row % OH, position % OW);
}

// The next place, counted without a division. Sizes are those of a row and of a column.
fn next(place: vec3u, height: u32, width: u32) -> vec3u {
  let wraps = place.z + 1u == width;
  let y = place.y + select(0u, 1u, wraps);
  let is_end = y == height;
  return vec3u(place.x + select(0u, 1u, is_end), select(y, 0u, is_end), select(place.z + 1u, 0u, wraps));
}

// Index in x at which the sums of a place start.
fn corner(place: vec3u, group: u32) -> u32 {
  return ((place.x * G + group) * C4 * H + place.y * STRIDE) * W + place.z * STRIDE;
}

// Outputs `at.x` to `at.x + 3` of group `at.y` and chunk `at.z`.
fn store_vector(total: vec4f, place: vec3u, at: vec3u) {
  if (place.x >= N || at.x >= OG) { return; }
  let block = ((at.z * N + place.x) * G + at.y) * ((OG + 3u) / 4u) + at.x / 4u;
  // Channels of the block beyond the last output are zero.
  let exists = vec4u(0u, 1u, 2u, 3u) + at.x < vec4u(OG);
  y[(block * OH + place.y) * OW + place.z] = select(vec4f(), total, exists);
}
