// y[chunk, n, o, oy, ox] = Σ_{rows (c, ky) of the chunk} Σ_kx x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx] · w[o, c, ky, kx],  g = o / OG; x is padded already
// x texels [N, G·C4, H, W], w texels [C4, KH, KW, G·OG], y [CHUNKS, N, G·O4, OH, OW], 4 channels a texel or vector; 12 positions × 16 outputs per invocation, ROWS rows per chunk, of at most LENGTH columns.
const POSITIONS = 12u;
const OUTPUTS = 16u;
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
override LENGTH: u32;
override WORKGROUP: u32;

@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// The texels of four positions, as columns. No loop, as loops are counted.
fn pixels(texel: vec4u) -> mat4x4f {
  return mat4x4f(
    textureLoad(x, at(texel.x)),
    textureLoad(x, at(texel.y)),
    textureLoad(x, at(texel.z)),
    textureLoad(x, at(texel.w)),
  );
}

// The texels of four outputs, as rows.
fn weights(first: u32) -> mat4x4f {
  return transpose(mat4x4f(
    textureLoad(w, at(first)),
    textureLoad(w, at(first + 1u)),
    textureLoad(w, at(first + 2u)),
    textureLoad(w, at(first + 3u)),
  ));
}

// Sums of four positions, a matrix of [position][output] for every four outputs. Indices into sums are constants
// everywhere: else llvmpipe keeps the sums in memory and stores each lane of them by itself.
alias Totals = array<mat4x4f, 4>;

fn add(total: ptr<function, Totals>, pixels: mat4x4f, weights: array<mat4x4f, 4>) {
  (*total)[0] += weights[0] * pixels;
  (*total)[1] += weights[1] * pixels;
  (*total)[2] += weights[2] * pixels;
  (*total)[3] += weights[3] * pixels;
}

// Where the sums of a position start in x.
fn corner(position: u32, group: u32) -> u32 {
  // Positions past the end repeat the last one; what they compute is not stored.
  let q = min(position, N * OH * OW - 1u);
  let n = q / (OH * OW);
  let oy = (q / OW) % OH;
  let ox = q % OW;
  return ((n * G + group) * C4 * H + oy * STRIDE) * W + ox * STRIDE;
}

fn corners(first: u32, group: u32) -> vec4u {
  return vec4u(corner(first, group), corner(first + 1u, group), corner(first + 2u, group), corner(first + 3u, group));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let positions = N * OH * OW;
  let tiles = ((positions + POSITIONS - 1u) / POSITIONS + WORKGROUP - 1u) / WORKGROUP;
  let blocks = (OG + OUTPUTS - 1u) / OUTPUTS;
  let i = workgroup.y * 32768u + workgroup.x;
  let first = ((i % tiles) * WORKGROUP + local) * POSITIONS;
  let first_output = ((i / tiles) % blocks) * OUTPUTS;
  let group = (i / (tiles * blocks)) % G;
  let chunk = i / (tiles * blocks * G);
  if (first >= positions || chunk >= CHUNKS) { return; }
  let segments = (KW + LENGTH - 1u) / LENGTH;

  let corners0 = corners(first, group);
  let corners1 = corners(first + 4u, group);
  let corners2 = corners(first + 8u, group);
  // Outputs past the last are other weights; what they compute is not stored.
  let output = group * OG + first_output;
  var total0: Totals;
  var total1: Totals;
  var total2: Totals;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, C4 * KH * segments); row++) {
    let segment = row % segments;
    let ky = (row / segments) % KH;
    let c = row / (segments * KH);
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KW); kx++) {
      let offset = (c * H + ky) * W + kx;
      let pixels0 = pixels(corners0 + offset);
      let pixels1 = pixels(corners1 + offset);
      let pixels2 = pixels(corners2 + offset);
      let tap = ((c * KH + ky) * KW + kx) * G * OG + output;
      let weights = array(weights(tap), weights(tap + 4u), weights(tap + 8u), weights(tap + 12u));
      add(&total0, pixels0, weights);
      add(&total1, pixels1, weights);
      add(&total2, pixels2, weights);
    }
  }
  store(total0, first, vec3u(first_output, group, chunk));
  store(total1, first + 4u, vec3u(first_output, group, chunk));
  store(total2, first + 8u, vec3u(first_output, group, chunk));
}

fn store(total: Totals, first: u32, place: vec3u) {
  store_matrix(total[0], first, place);
  store_matrix(total[1], first, place + vec3u(4u, 0u, 0u));
  store_matrix(total[2], first, place + vec3u(8u, 0u, 0u));
  store_matrix(total[3], first, place + vec3u(12u, 0u, 0u));
}

fn store_matrix(total: mat4x4f, first: u32, place: vec3u) {
  store_vector(total[0], first, place);
  store_vector(total[1], first + 1u, place);
  store_vector(total[2], first + 2u, place);
  store_vector(total[3], first + 3u, place);
}

fn store_vector(total: vec4f, q: u32, place: vec3u) {
  if (q >= N * OH * OW || place.x >= OG) { return; }
  let block = ((place.z * N + q / (OH * OW)) * G + place.y) * ((OG + 3u) / 4u) + place.x / 4u;
  // Channels missing to a multiple of four are zero.
  let exists = vec4u(0u, 1u, 2u, 3u) + place.x < vec4u(OG);
  y[block * OH * OW + q % (OH * OW)] = select(vec4f(), total, exists);
}
