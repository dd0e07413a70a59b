// dx[chunk, n, c, iy, ix] = Σ dy[n, c, oy, ox] / KERNEL² over the windows (oy, ox) that cover (iy, ix), in the rows of the chunk
// dy [PLANES, OH, OW], dx [CHUNKS, PLANES, H, W], PLANES = N·C; one element of dx per invocation, ROWS rows of windows per chunk, of at most LENGTH columns.
override CHUNKS: u32;
override ROWS: u32;
override LENGTH: u32;

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * PLANES * H * W) { return; }
  let ix = i % W;
  let iy = (i / W) % H;
  let plane = (i / (W * H)) % PLANES;
  let chunk = i / (W * H * PLANES);
  // The windows that cover the element: o·STRIDE ≤ i + PADDING < o·STRIDE + KERNEL.
  let top = (max(iy + PADDING + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
  let left = (max(ix + PADDING + 1u, KERNEL) - KERNEL + STRIDE - 1u) / STRIDE;
  let bottom = min((iy + PADDING) / STRIDE + 1u, OH);
  let right = min((ix + PADDING) / STRIDE + 1u, OW);
  let covering = (KERNEL + STRIDE - 1u) / STRIDE;
  let segments = (covering + LENGTH - 1u) / LENGTH;
  var total = 0.0;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, covering * segments); row++) {
    let oy = top + row / segments;
    if (oy >= bottom) { break; }
    let first = left + (row % segments) * LENGTH;
    for (var ox = first; ox < min(first + LENGTH, right); ox++) { total += dy[(plane * OH + oy) * OW + ox]; }
  }
  dx[i] = total / (f32(KERNEL) * f32(KERNEL));
}
