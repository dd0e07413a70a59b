// y[o, tile] = Aᵀ · m[:, :, o, t] · A: a 4×4 tile of a convolution's result from its values at Winograd's points 0, ±1, ±2, ∞
// m [6, 6, O4, N·TH·TW] and y [N, O4, OH, OW], vectors of 4 channels; one block of channels of one tile per invocation.
override N: u32;
override O4: u32;
override OH: u32;
override OW: u32;
override TH: u32;
override TW: u32;

@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

alias Line = array<vec4f, 4>;

// Aᵀ · d
fn line(d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f, d4: vec4f, d5: vec4f) -> Line {
  let even1 = d1 + d2;
  let odd1 = d1 - d2;
  let even2 = d3 + d4;
  let odd2 = d3 - d4;
  return Line(d0 + even1 + even2, odd1 + 2.0 * odd2, even1 + 4.0 * even2, odd1 + 8.0 * odd2 + d5);
}

fn row(at: u32) -> Line {
  let step = O4 * N * TH * TW;
  return line(
    load_block(at),
    load_block(at + step),
    load_block(at + 2u * step),
    load_block(at + 3u * step),
    load_block(at + 4u * step),
    load_block(at + 5u * step),
  );
}

fn store(plane: u32, at: vec2u, values: vec4f) {
  if (at.x < OH && at.y < OW) { y[(plane * OH + at.x) * OW + at.y] = values; }
}

fn store_row(plane: u32, at: vec2u, values: Line) {
  store(plane, at, values[0]);
  store(plane, at + vec2u(1u, 0u), values[1]);
  store(plane, at + vec2u(2u, 0u), values[2]);
  store(plane, at + vec2u(3u, 0u), values[3]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  let tiles = N * TH * TW;
  if (i >= O4 * tiles) { return; }
  let o = i / tiles;
  let n = i % tiles / (TH * TW);
  let corner = vec2u(i / TW % TH, i % TW) * 4u;
  let plane = n * O4 + o;
  let step = 6u * O4 * tiles;

  let d0 = row(i);
  let d1 = row(i + step);
  let d2 = row(i + 2u * step);
  let d3 = row(i + 3u * step);
  let d4 = row(i + 4u * step);
  let d5 = row(i + 5u * step);
  store_row(plane, corner, line(d0[0], d1[0], d2[0], d3[0], d4[0], d5[0]));
  store_row(plane, corner + vec2u(0u, 1u), line(d0[1], d1[1], d2[1], d3[1], d4[1], d5[1]));
  store_row(plane, corner + vec2u(0u, 2u), line(d0[2], d1[2], d2[2], d3[2], d4[2], d5[2]));
  store_row(plane, corner + vec2u(0u, 3u), line(d0[3], d1[3], d2[3], d3[3], d4[3], d5[3]));
}
