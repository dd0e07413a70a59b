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

// Image, row and column of a position.
fn place_of(position: u32) -> vec3u {
  let row = position / OW;
  return vec3u(row / OH, row % OH, position % OW);
}

// A place moved by a number of positions, both as image, row and column: without a division.
fn advance(place: vec3u, by: vec3u) -> vec3u {
  let column = place.z + by.z;
  let wraps = column >= OW;
  let row = place.y + by.y + select(0u, 1u, wraps);
  let ends = row >= OH;
  return vec3u(
    place.x + by.x + select(0u, 1u, ends),
    select(row, row - OH, ends),
    select(column, column - OW, wraps),
  );
}

// Offsets of a place's corner in x and dy.
fn offsets(place: vec3u, c4: u32, o4: u32) -> vec2u {
  let x = (place.x * G * c4 * H + place.y * STRIDE) * W + place.z * STRIDE;
  return vec2u(x, (place.x * G * o4 * DH + place.y * STEP) * DW + place.z * STEP);
}

// Offsets of a position's corner in x and dy.
fn place(position: u32, c4: u32, o4: u32) -> vec2u {
  return offsets(place_of(position), c4, o4);
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
