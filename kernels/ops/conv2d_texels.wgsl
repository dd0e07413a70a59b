// y[chunk, n, o, oy, ox] = Σ_{rows (c, ky) of the chunk} Σ_kx x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx] · w[o, c, ky, kx],  g = o / OG; x is padded already
// x texels [N, G·C4, H, W], w texels [G·OG, C4, KH, KW] (4 channels a texel), y [CHUNKS, N, G·OG, OH, OW]; 8 positions × 16 outputs per invocation, ROWS rows per chunk, of at most LENGTH columns.
const POSITIONS = 8u;
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

@group(0) @binding(0) var x: texture_2d<f32>;
@group(0) @binding(1) var w: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// One texel of each of four positions, as columns: a weight times this is four sums over channels. No loop, as loops are counted.
fn pixels(texel: vec4u) -> mat4x4f {
  return mat4x4f(
    textureLoad(x, at(texel.x), 0),
    textureLoad(x, at(texel.y), 0),
    textureLoad(x, at(texel.z), 0),
    textureLoad(x, at(texel.w), 0),
  );
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

  var corner: array<vec4u, 2>;
  for (var p = 0u; p < POSITIONS; p++) {
    // Positions past the end repeat the last one; what they compute is not stored.
    let q = min(first + p, positions - 1u);
    let n = q / (OH * OW);
    let oy = (q / OW) % OH;
    let ox = q % OW;
    corner[p / 4u][p % 4u] = ((n * G + group) * C4 * H + oy * STRIDE) * W + ox * STRIDE;
  }
  var total: array<array<vec4f, 2>, OUTPUTS>;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, C4 * KH * segments); row++) {
    let segment = row % segments;
    let ky = (row / segments) % KH;
    let c = row / (segments * KH);
    let w_row = (group * OG + first_output) * taps + (c * KH + ky) * KW;
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KW); kx++) {
      let offset = (c * H + ky) * W + kx;
      let pixels0 = pixels(corner[0] + offset);
      let pixels1 = pixels(corner[1] + offset);
      for (var o = 0u; o < OUTPUTS; o++) {
        let weight = textureLoad(w, at(w_row + kx + o * taps), 0);
        total[o][0] += weight * pixels0;
        total[o][1] += weight * pixels1;
      }
    }
  }
  for (var o = 0u; o < OUTPUTS; o++) {
    if (first_output + o >= OG) { break; }
    for (var p = 0u; p < POSITIONS; p++) {
      let q = first + p;
      if (q < positions) {
        let image = chunk * N + q / (OH * OW);
        y[(image * G * OG + group * OG + first_output + o) * OH * OW + q % (OH * OW)] = total[o][p / 4u][p % 4u];
      }
    }
  }
}
