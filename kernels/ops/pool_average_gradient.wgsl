// dx[n, c, iy, ix] = Σ dy[n, c, oy, ox] / KERNEL² over the windows (oy, ox) that cover (iy, ix)
// dy [PLANES, OH, OW], dx [PLANES, H, W], PLANES = N·C; one element of dx per invocation.
override PLANES: u32;
override H: u32;
override W: u32;
override OH: u32;
override OW: u32;
override KERNEL: u32;
override STRIDE: u32;
override PADDING: u32;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= PLANES * H * W) { return; }
  let ix = i % W;
  let iy = (i / W) % H;
  let plane = i / (W * H);
  // The windows that cover the element: o·STRIDE ≤ i + PADDING < o·STRIDE + KERNEL.
  let top = (max(iy + PADDING + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
  let left = (max(ix + PADDING + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
  let bottom = min((iy + PADDING) / STRIDE + 1u, OH);
  let right = min((ix + PADDING) / STRIDE + 1u, OW);
  var total = 0.0;
  for (var oy = top; oy < bottom; oy++) {
    for (var ox = left; ox < right; ox++) { total += dy[(plane * OH + oy) * OW + ox]; }
  }
  dx[i] = total / f32(KERNEL * KERNEL);
}
