// dw[chunk, o, c, ky, kx] = Σ_{rows (n, oy) of the chunk} Σ_ox dy[n, g, o, TOP + oy·STEP, LEFT + ox·STEP] · x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx]
// x texels [N, G·C4, H, W], dy texels [N, G·O4, DH, DW], both padded already; dw [CHUNKS, G·OG, CG, KH, KW]; 16 outputs × 8 channels of a tap per invocation, ROWS rows per chunk, of at most LENGTH columns.
override N: u32;
override H: u32;
override W: u32;
override CG: u32;
override OG: u32;
override G: u32;
override KH: u32;
override KW: u32;
override OH: u32;
override OW: u32;
override DH: u32;
override DW: u32;
override TOP: u32;
override LEFT: u32;
override STEP: u32;
override STRIDE: u32;
override CHUNKS: u32;
override ROWS: u32;
override LENGTH: u32;
override WORKGROUP: u32;

@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var dy: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// Sums of four outputs, a matrix of [output][channel] for every four channels. Indices into sums are constants
// everywhere: else llvmpipe keeps the sums in memory and stores each lane of them by itself.
alias Totals = array<mat4x4f, 2>;

// Column k is x · dy[k]. No loop, as loops are counted.
fn outer(x: vec4f, dy: vec4f) -> mat4x4f {
  return mat4x4f(x * dy.x, x * dy.y, x * dy.z, x * dy.w);
}

fn add(total: ptr<function, Totals>, x0: vec4f, x1: vec4f, dy: vec4f) {
  (*total)[0] += outer(x0, dy);
  (*total)[1] += outer(x1, dy);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c4 = (CG + 3u) / 4u;
  let o4 = (OG + 3u) / 4u;
  let channel_blocks = (c4 + 1u) / 2u;
  let output_blocks = (o4 + 3u) / 4u;
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  // Neighbouring invocations read the same texels or those beside, and run equally long.
  let kx = i % KW;
  let ky = (i / KW) % KH;
  let channel_block = (i / (KW * KH)) % channel_blocks;
  let output_block = (i / (KW * KH * channel_blocks)) % output_blocks;
  let group = (i / (KW * KH * channel_blocks * output_blocks)) % G;
  let chunk = i / (KW * KH * channel_blocks * output_blocks * G);
  if (chunk >= CHUNKS) { return; }

  // Texels past the last channels are other ones; what they compute is not stored.
  let c = vec2u(0u, 1u) + channel_block * 2u;
  let o = vec4u(0u, 1u, 2u, 3u) + output_block * 4u;
  let segments = (OW + LENGTH - 1u) / LENGTH;
  var total0: Totals;
  var total1: Totals;
  var total2: Totals;
  var total3: Totals;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, N * OH * segments); row++) {
    let segment = row % segments;
    let oy = (row / segments) % OH;
    let n = row / (segments * OH);
    let x_planes = (n * G + group) * c4 + c;
    let x_row = (x_planes * H + oy * STRIDE + ky) * W + kx;
    let dy_planes = (n * G + group) * o4 + o;
    let dy_row = (dy_planes * DH + TOP + oy * STEP) * DW + LEFT;
    for (var ox = segment * LENGTH; ox < min((segment + 1u) * LENGTH, OW); ox++) {
      let x0 = textureLoad(x, at(x_row.x + ox * STRIDE));
      let x1 = textureLoad(x, at(x_row.y + ox * STRIDE));
      let dy0 = textureLoad(dy, at(dy_row.x + ox * STEP));
      let dy1 = textureLoad(dy, at(dy_row.y + ox * STEP));
      let dy2 = textureLoad(dy, at(dy_row.z + ox * STEP));
      let dy3 = textureLoad(dy, at(dy_row.w + ox * STEP));
      add(&total0, x0, x1, dy0);
      add(&total1, x0, x1, dy1);
      add(&total2, x0, x1, dy2);
      add(&total3, x0, x1, dy3);
    }
  }
  let start = (chunk * G + group) * OG * CG * KH * KW + ky * KW + kx;
  store(total0, start, o.x * 4u, c.x * 4u);
  store(total1, start, o.y * 4u, c.x * 4u);
  store(total2, start, o.z * 4u, c.x * 4u);
  store(total3, start, o.w * 4u, c.x * 4u);
}

fn store(total: Totals, start: u32, o: u32, c: u32) {
  store_matrix(total[0], start, o, c);
  store_matrix(total[1], start, o, c + 4u);
}

fn store_matrix(total: mat4x4f, start: u32, o: u32, c: u32) {
  for (var k = 0u; k < 4u; k++) {
    for (var j = 0u; j < 4u; j++) {
      if (o + k < OG && c + j < CG) { dw[start + ((o + k) * CG + c + j) * KH * KW] = total[k][j]; }
    }
  }
}
