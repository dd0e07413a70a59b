// dx[n, c, y, x] = Σ_{o, ky, kx} dy[n, o, (y + PADDING − ky) / STRIDE, (x + PADDING − kx) / STRIDE] · w[o, c mod CG, ky, kx], whole quotients only
// dy [N, G·OG, OH, OW], w [G·OG, CG, KH, KW], dx [N, G·CG, H, W]; one element of dx per invocation.
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
override STRIDE: u32;
override PADDING: u32;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= N * G * CG * H * W) { return; }
  let ix = i % W;
  let iy = (i / W) % H;
  let c = (i / (W * H)) % (G * CG);
  let n = i / (W * H * G * CG);
  let first_output = (c / CG) * OG;
  var total = 0.0;
  for (var o = first_output; o < first_output + OG; o++) {
    for (var ky = 0u; ky < KH; ky++) {
      let sy = iy + PADDING - ky;
      if (sy % STRIDE != 0u || sy / STRIDE >= OH) { continue; }
      for (var kx = 0u; kx < KW; kx++) {
        let sx = ix + PADDING - kx;
        if (sx % STRIDE != 0u || sx / STRIDE >= OW) { continue; }
        total += dy[((n * G * OG + o) * OH + sy / STRIDE) * OW + sx / STRIDE] * w[((o * CG + c % CG) * KH + ky) * KW + kx];
      }
    }
  }
  dx[i] = total;
}
