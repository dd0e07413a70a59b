// dw[chunk, o, c, ky, kx] = Σ_{rows (n, oy) of the chunk} Σ_ox dy[n, o, oy, ox] · x[n, g·CG + c, oy·STRIDE + ky − PADDING, ox·STRIDE + kx − PADDING]
// x [N, G·CG, H, W], dy [N, G·OG, OH, OW], dw [CHUNKS, G·OG, CG, KH, KW]; one element of dw per invocation, ROWS rows per chunk, of at most LENGTH columns.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  let weights = G * OG * CG * KH * KW;
  if (i >= CHUNKS * weights) { return; }
  let kx = i % KW;
  let ky = (i / KW) % KH;
  let c = (i / (KW * KH)) % CG;
  let o = (i / (KW * KH * CG)) % (G * OG);
  let chunk = i / weights;
  let segments = (OW + LENGTH - 1u) / LENGTH;
  var total = 0.0;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, N * OH * segments); row++) {
    let segment = row % segments;
    let oy = (row / segments) % OH;
    let n = row / (segments * OH);
    // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
    let iy = oy * STRIDE + ky - PADDING;
    if (iy >= H) { continue; }
    let x_row = ((n * G * CG + (o / OG) * CG + c) * H + iy) * W;
    let dy_row = ((n * G * OG + o) * OH + oy) * OW;
    for (var ox = segment * LENGTH; ox < min((segment + 1u) * LENGTH, OW); ox++) {
      let ix = ox * STRIDE + kx - PADDING;
      if (ix < W) { total += dy[dy_row + ox] * x[x_row + ix]; }
    }
  }
  dw[i] = total;
}
