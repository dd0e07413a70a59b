// dx[n, c, iy, ix] = dy[n, c, oy, ox] at the first maximum of x in window (oy, ox), else 0; windows do not overlap: KERNEL ≤ STRIDE
// x, dx [PLANES, H, W], dy [PLANES, OH, OW], PLANES = N·C; one cell of STRIDE × STRIDE elements of dx, with the window in its corner, per invocation.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  let rows = (H + PADDING + STRIDE - 1u) / STRIDE;
  let columns = (W + PADDING + STRIDE - 1u) / STRIDE;
  if (i >= PLANES * rows * columns) { return; }
  let ox = i % columns;
  let oy = (i / columns) % rows;
  let plane = i / (columns * rows);
  let first_x = ox * STRIDE - PADDING;
  let first_y = oy * STRIDE - PADDING;
  // Remainders at the lower and right edges are cells without a window.
  let has_window = oy < OH && ox < OW;
  var largest = -3.4028234663852886e38;
  var place = 0u;
  var found = false;
  var slope = 0.0;
  if (has_window) {
    slope = dy[(plane * OH + oy) * OW + ox];
    for (var ky = 0u; ky < KERNEL; ky++) {
      // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
      let iy = first_y + ky;
      if (iy >= H) { continue; }
      for (var kx = 0u; kx < KERNEL; kx++) {
        let ix = first_x + kx;
        if (ix >= W) { continue; }
        let at = (plane * H + iy) * W + ix;
        let value = x[at];
        if (!found || value > largest) {
          largest = value;
          place = at;
          found = true;
        }
      }
    }
  }
  for (var ky = 0u; ky < STRIDE; ky++) {
    let iy = first_y + ky;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < STRIDE; kx++) {
      let ix = first_x + kx;
      if (ix >= W) { continue; }
      let at = (plane * H + iy) * W + ix;
      dx[at] = select(0.0, slope, has_window && at == place);
    }
  }
}
