// dx[n, c, iy, ix] = Σ dy[n, c, oy, ox] over the windows (oy, ox) whose first maximum of x is at (iy, ix)
// x, dx [PLANES, H, W], dy [PLANES, OH, OW], PLANES = N·C; one element of dx per invocation.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

// True if the element at (iy, ix) is the first maximum of the window that starts at (first_y, first_x).
fn is_first_maximum(plane: u32, iy: u32, ix: u32, first_y: u32, first_x: u32) -> bool {
  let value = x[(plane + iy) * W + ix];
  for (var ky = 0u; ky < KERNEL; ky++) {
    // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
    let y = first_y + ky;
    if (y >= H) { continue; }
    for (var kx = 0u; kx < KERNEL; kx++) {
      let column = first_x + kx;
      if (column >= W) { continue; }
      let other = x[(plane + y) * W + column];
      let is_earlier = y < iy || (y == iy && column < ix);
      if (other > value || (is_earlier && other == value)) { return false; }
    }
  }
  return true;
}

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
    for (var ox = left; ox < right; ox++) {
      if (is_first_maximum(plane * H, iy, ix, oy * STRIDE - PADDING, ox * STRIDE - PADDING)) {
        total += dy[(plane * OH + oy) * OW + ox];
      }
    }
  }
  dx[i] = total;
}
