// y[n, c, oy, ox] = values at the first maximum of x in the window of rows oy·STRIDE − PADDING …, columns ox·STRIDE − PADDING …
// x, values [PLANES, H, W], y [PLANES, OH, OW], PLANES = N·C; one element of y per invocation.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= PLANES * OH * OW) { return; }
  let first_x = (i % OW) * STRIDE - PADDING;
  let first_y = ((i / OW) % OH) * STRIDE - PADDING;
  let plane = i / (OW * OH) * H;
  var largest = -3.4028234663852886e38;
  var place = 0u;
  var found = false;
  for (var ky = 0u; ky < KERNEL; ky++) {
    // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
    let iy = first_y + ky;
    if (iy >= H) { continue; }
    for (var kx = 0u; kx < KERNEL; kx++) {
      let ix = first_x + kx;
      if (ix >= W) { continue; }
      let at = (plane + iy) * W + ix;
      let value = x[at];
      // The first element counts even if it is −∞, which no literal can express.
      if (!found || value > largest) {
        largest = value;
        place = at;
        found = true;
      }
    }
  }
  y[i] = values[place];
}
