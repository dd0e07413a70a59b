// y[chunk, n, o, oy, ox] = Σ_{rows (c, ky) of the chunk} Σ_kx x[n, g·CG + c, oy·STRIDE + ky − PADDING, ox·STRIDE + kx − PADDING] · w[o, c, ky, kx],  g = o / OG
// x [N, G·CG, H, W], w [G·OG, CG, KH, KW], y [CHUNKS, N, G·OG, OH, OW]; one element of y per invocation, ROWS rows per chunk, of at most LENGTH columns.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * N * G * OG * OH * OW) { return; }
  let ox = i % OW;
  let oy = (i / OW) % OH;
  let o = (i / (OW * OH)) % (G * OG);
  let n = (i / (OW * OH * G * OG)) % N;
  let chunk = i / (OW * OH * G * OG * N);
  let first_channel = n * G * CG + (o / OG) * CG;
  let segments = (KW + LENGTH - 1u) / LENGTH;
  var total = 0.0;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, CG * KH * segments); row++) {
    let segment = row % segments;
    let ky = (row / segments) % KH;
    let c = row / (segments * KH);
    // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
    let iy = oy * STRIDE + ky - PADDING;
    if (iy >= H) { continue; }
    let x_row = ((first_channel + c) * H + iy) * W;
    let w_row = ((o * CG + c) * KH + ky) * KW;
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KW); kx++) {
      let ix = ox * STRIDE + kx - PADDING;
      if (ix < W) { total += x[x_row + ix] * w[w_row + kx]; }
    }
  }
  y[i] = total;
}
