// dx[chunk, n, c, y, x] = Σ_{rows (o, ky) of the chunk} Σ_kx dy[n, o, (y + PADDING − ky) / STRIDE, (x + PADDING − kx) / STRIDE] · w[o, c mod CG, ky, kx], whole quotients only
// dy [N, G·OG, OH, OW], w [G·OG, CG, KH, KW], dx [CHUNKS, N, G·CG, H, W]; one element of dx per invocation, ROWS rows per chunk, of at most LENGTH columns.

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * N * G * CG * H * W) { return; }
  let ix = i % W;
  let iy = (i / W) % H;
  let c = (i / (W * H)) % (G * CG);
  let n = (i / (W * H * G * CG)) % N;
  let chunk = i / (W * H * G * CG * N);
  let first_output = (c / CG) * OG;
  let segments = (KW + LENGTH - 1u) / LENGTH;
  var total = 0.0;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, OG * KH * segments); row++) {
    let segment = row % segments;
    let ky = (row / segments) % KH;
    let o = first_output + row / (segments * KH);
    // Unsigned: a row above the image wraps round to a large number, which is outside too.
    let sy = iy + PADDING - ky;
    if (sy % STRIDE != 0u || sy / STRIDE >= OH) { continue; }
    let dy_row = ((n * G * OG + o) * OH + sy / STRIDE) * OW;
    let w_row = ((o * CG + c % CG) * KH + ky) * KW;
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KW); kx++) {
      let sx = ix + PADDING - kx;
      if (sx % STRIDE == 0u && sx / STRIDE < OW) { total += dy[dy_row + sx / STRIDE] * w[w_row + kx]; }
    }
  }
  dx[i] = total;
}
