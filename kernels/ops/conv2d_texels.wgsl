// y[chunk, n, o, oy, ox] = Σ_{rows (c, ky) of the chunk} Σ_kx x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx] · w[o, c, ky, kx],  g = o / OG; x is padded already
// x texels [N, G·C4, H, W], w texels [G·OG, C4, KH, KW] (4 channels a texel), y [CHUNKS, N, G·OG, OH, OW]; 12 positions × 16 outputs per invocation, ROWS rows per chunk, of at most LENGTH columns.
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
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// The texels of four positions or outputs, as columns. No loop, as loops are counted.
fn pixels(texel: vec4u) -> mat4x4f {
  return mat4x4f(
    textureLoad(x, at(texel.x)),
    textureLoad(x, at(texel.y)),
    textureLoad(x, at(texel.z)),
    textureLoad(x, at(texel.w)),
  );
}

fn weights(first: u32, step: u32) -> mat4x4f {
  return mat4x4f(
    textureLoad(w, at(first)),
    textureLoad(w, at(first + step)),
    textureLoad(w, at(first + 2u * step)),
    textureLoad(w, at(first + 3u * step)),
  );
}

// Sums of four positions, a matrix of [output][position] for every four outputs. Indices into sums are constants
// everywhere: else llvmpipe keeps the sums in memory and stores each lane of them by itself.
alias Totals = array<mat4x4f, 4>;

fn add(total: ptr<function, Totals>, pixels: mat4x4f, weights: array<mat4x4f, 4>) {
  (*total)[0] += transpose(pixels) * weights[0];
  (*total)[1] += transpose(pixels) * weights[1];
  (*total)[2] += transpose(pixels) * weights[2];
  (*total)[3] += transpose(pixels) * weights[3];
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
  let taps = C4 * KH * KW;
  let segments = (KW + LENGTH - 1u) / LENGTH;

  let corners0 = corners(first, group);
  let corners1 = corners(first + 4u, group);
  let corners2 = corners(first + 8u, group);
  var total0: Totals;
  var total1: Totals;
  var total2: Totals;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, C4 * KH * segments); row++) {
    let segment = row % segments;
    let ky = (row / segments) % KH;
    let c = row / (segments * KH);
    let w_row = (group * OG + first_output) * taps + (c * KH + ky) * KW;
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KW); kx++) {
      let offset = (c * H + ky) * W + kx;
      let pixels0 = pixels(corners0 + offset);
      let pixels1 = pixels(corners1 + offset);
      let pixels2 = pixels(corners2 + offset);
      let tap = w_row + kx;
      let weights = array(
        weights(tap, taps),
        weights(tap + 4u * taps, taps),
        weights(tap + 8u * taps, taps),
        weights(tap + 12u * taps, taps),
      );
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
  for (var p = 0u; p < 4u; p++) {
    let q = first + p;
    let start = (((place.z * N + q / (OH * OW)) * G + place.y) * OG + place.x) * OH * OW + q % (OH * OW);
    for (var o = 0u; o < 4u; o++) {
      if (q < N * OH * OW && place.x + o < OG) { y[start + o * OH * OW] = total[o][p]; }
    }
  }
}
