// Common code of all tiles of a weight's gradient: sizes, places of a position in the operands, storing of sums
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
override DH: u32;
override DW: u32;
override TOP: u32;
override LEFT: u32;
override STEP: u32;
override STRIDE: u32;
override CHUNKS: u32;
override ROWS: u32;

@group(0) @binding(2) var<storage, read_write> dw: array<f32>;

// Offsets of a position's corner in x and dy.
fn place(position: u32, c4: u32, o4: u32) -> vec2u {
  let row = position / OW;
  let n = row / OH;
  let oy = row % OH;
  let ox = position % OW;
  return vec2u((n * G * c4 * H + oy * STRIDE) * W + ox * STRIDE, (n * G * o4 * DH + oy * STEP) * DW + ox * STEP);
}

fn store_matrix(total: mat4x4f, start: u32, o: u32, c: u32) {
  store_vector(total[0], start, o, c);
  store_vector(total[1], start, o + 1u, c);
  store_vector(total[2], start, o + 2u, c);
  store_vector(total[3], start, o + 3u, c);
}

fn store_vector(total: vec4f, start: u32, o: u32, c: u32) {
  store(total.x, start, o, c);
  store(total.y, start, o, c + 1u);
  store(total.z, start, o, c + 2u);
  store(total.w, start, o, c + 3u);
}

fn store(total: f32, start: u32, o: u32, c: u32) {
  if (o < OG && c < CG) { dw[start + (o * CG + c) * KH * KW] = total; }
}
