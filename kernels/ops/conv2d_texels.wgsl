// y[n, o, oy, ox] = Σ_{c, ky, kx} x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx] · w[o, c, ky, kx],  g = o / OG; x is padded already
// x texels [N, G·C4, H, W], w texels [G·OG, C4, KH, KW] (4 channels a texel), y [N, G·OG, OH, OW]; 8 positions × 16 outputs per invocation.
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
override WORKGROUP: u32;

@group(0) @binding(0) var x: texture_2d<f32>;
@group(0) @binding(1) var w: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let positions = N * OH * OW;
  let first = ((workgroup.z * 32768u + workgroup.x) * WORKGROUP + local) * POSITIONS;
  if (first >= positions) { return; }
  let blocks = (OG + OUTPUTS - 1u) / OUTPUTS;
  let group = workgroup.y / blocks;
  let first_output = (workgroup.y % blocks) * OUTPUTS;
  let taps = C4 * KH * KW;

  var corner: array<u32, POSITIONS>;
  for (var p = 0u; p < POSITIONS; p++) {
    // Positions past the end repeat the last one; what they compute is not stored.
    let q = min(first + p, positions - 1u);
    let n = q / (OH * OW);
    let oy = (q / OW) % OH;
    let ox = q % OW;
    corner[p] = ((n * G + group) * C4 * H + oy * STRIDE) * W + ox * STRIDE;
  }
  var total: array<array<f32, POSITIONS>, OUTPUTS>;
  for (var c = 0u; c < C4; c++) {
    for (var ky = 0u; ky < KH; ky++) {
      for (var kx = 0u; kx < KW; kx++) {
        let offset = (c * H + ky) * W + kx;
        var pixel: array<vec4f, POSITIONS>;
        for (var p = 0u; p < POSITIONS; p++) {
          pixel[p] = textureLoad(x, at(corner[p] + offset), 0);
        }
        let tap = (group * OG + first_output) * taps + (c * KH + ky) * KW + kx;
        for (var o = 0u; o < OUTPUTS; o++) {
          let weight = textureLoad(w, at(tap + o * taps), 0);
          for (var p = 0u; p < POSITIONS; p++) {
            total[o][p] += dot(pixel[p], weight);
          }
        }
      }
    }
  }
  for (var o = 0u; o < OUTPUTS; o++) {
    if (first_output + o >= OG) { break; }
    for (var p = 0u; p < POSITIONS; p++) {
      let q = first + p;
      if (q < positions) {
        let n = q / (OH * OW);
        y[(n * G * OG + group * OG + first_output + o) * OH * OW + q % (OH * OW)] = total[o][p];
      }
    }
  }
}
