// dw[chunk, o, c, ky, kx] = Σ_{rows (n, oy) of the chunk} Σ_ox dy[n, g, o, TOP + oy·STEP, LEFT + ox·STEP] · x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx]
// x texels [N, G·C4, H, W], dy texels [N, G·O4, DH, DW], both padded already; dw [CHUNKS, G·OG, CG, KH, KW]; 8 outputs × 8 channels of a tap per invocation, ROWS rows per chunk, of at most LENGTH columns.
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

@group(0) @binding(0) var x: texture_2d<f32>;
@group(0) @binding(1) var dy: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

fn at(texel: u32) -> vec2u {
  return vec2u(texel & 2047u, texel >> 11u);
}

// Column k is x · dy[k]. No loop, as loops are counted.
fn outer(x: vec4f, dy: vec4f) -> mat4x4f {
  return mat4x4f(x * dy.x, x * dy.y, x * dy.z, x * dy.w);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c4 = (CG + 3u) / 4u;
  let o4 = (OG + 3u) / 4u;
  let channel_blocks = (c4 + 1u) / 2u;
  let output_blocks = (o4 + 1u) / 2u;
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  if (i >= CHUNKS * G * output_blocks * channel_blocks * KH * KW) { return; }
  // Neighbouring invocations differ in the chunk: they run equally long.
  let chunk = i % CHUNKS;
  let kx = (i / CHUNKS) % KW;
  let ky = (i / (CHUNKS * KW)) % KH;
  let channel_block = (i / (CHUNKS * KW * KH)) % channel_blocks;
  let output_block = (i / (CHUNKS * KW * KH * channel_blocks)) % output_blocks;
  let group = i / (CHUNKS * KW * KH * channel_blocks * output_blocks);

  // A block past the last channels repeats the block before; what it computes is not stored.
  let c_first = channel_block * 2u;
  let c_second = min(c_first + 1u, c4 - 1u);
  let o_first = output_block * 2u;
  let o_second = min(o_first + 1u, o4 - 1u);
  let segments = (OW + LENGTH - 1u) / LENGTH;
  var total: array<array<mat4x4f, 2>, 2>;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, N * OH * segments); row++) {
    let segment = row % segments;
    let oy = (row / segments) % OH;
    let n = row / (segments * OH);
    let x_row = (oy * STRIDE + ky) * W + kx;
    let x_first = (n * G + group) * c4 * H * W + c_first * H * W + x_row;
    let x_second = (n * G + group) * c4 * H * W + c_second * H * W + x_row;
    let dy_row = (TOP + oy * STEP) * DW + LEFT;
    let dy_first = ((n * G + group) * o4 + o_first) * DH * DW + dy_row;
    let dy_second = ((n * G + group) * o4 + o_second) * DH * DW + dy_row;
    for (var ox = segment * LENGTH; ox < min((segment + 1u) * LENGTH, OW); ox++) {
      let x0 = textureLoad(x, at(x_first + ox * STRIDE), 0);
      let x1 = textureLoad(x, at(x_second + ox * STRIDE), 0);
      let d0 = textureLoad(dy, at(dy_first + ox * STEP), 0);
      let d1 = textureLoad(dy, at(dy_second + ox * STEP), 0);
      total[0][0] += outer(x0, d0);
      total[0][1] += outer(x1, d0);
      total[1][0] += outer(x0, d1);
      total[1][1] += outer(x1, d1);
    }
  }
  for (var k = 0u; k < 8u; k++) {
    let o = o_first * 4u + k;
    if (o >= OG) { break; }
    for (var j = 0u; j < 8u; j++) {
      let c = c_first * 4u + j;
      if (c >= CG) { break; }
      dw[(((chunk * G * OG + group * OG + o) * CG + c) * KH + ky) * KW + kx] = total[k / 4u][j / 4u][k % 4u][j % 4u];
    }
  }
}
