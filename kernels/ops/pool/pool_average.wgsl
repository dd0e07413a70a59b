// y[chunk, n, c, oy, ox] = Σ_{rows ky of the chunk} Σ_kx x[n, c, oy·STRIDE + ky − PADDING, ox·STRIDE + kx − PADDING] / KERNEL²
// x [PLANES, H, W], y [CHUNKS, PLANES, OH, OW], PLANES = N·C; one element of y per invocation, ROWS rows per chunk, of at most LENGTH columns.
override CHUNKS: u32;
override ROWS: u32;
override LENGTH: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * PLANES * OH * OW) { return; }
  let first_x = (i % OW) * STRIDE - PADDING;
  let first_y = ((i / OW) % OH) * STRIDE - PADDING;
  let plane = (i / (OW * OH)) % PLANES * H;
  let chunk = i / (OW * OH * PLANES);
  let segments = (KERNEL + LENGTH - 1u) / LENGTH;
  var total = 0.0;
  for (var row = chunk * ROWS; row < min((chunk + 1u) * ROWS, KERNEL * segments); row++) {
    let segment = row % segments;
    // Unsigned: a row above the image wraps round and fails the same comparison as one below it.
    let iy = first_y + row / segments;
    if (iy >= H) { continue; }
    for (var kx = segment * LENGTH; kx < min((segment + 1u) * LENGTH, KERNEL); kx++) {
      let ix = first_x + kx;
      if (ix < W) { total += x[(plane + iy) * W + ix]; }
    }
  }
  y[i] = total / (f32(KERNEL) * f32(KERNEL));
}
