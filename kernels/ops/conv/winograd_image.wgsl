// v[i, j, c, t] = (L · d[c, t] · Lᵀ)[i, j]: the values of each 6×6 patch d of an image, or of each 4×4 tile of a gradient, at Winograd's points 0, ±1, ±2, ∞
// x [N, C4, H, W] and v [6, 6, C4, N·TH·TW], vectors of 4 channels; patches start every 4 elements, at −PADDING; one block of channels of one patch per invocation.
override N: u32;
override C4: u32;
override H: u32;
override W: u32;
override TH: u32;
override TW: u32;
override PADDING: u32;
override IS_GRADIENT: u32;

@group(0) @binding(1) var<storage, read_write> v: array<vec4f>;

alias Line = array<vec4f, 6>;

// Bᵀ · d for images; A · d for gradients, which have four elements.
fn line(d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f, d4: vec4f, d5: vec4f) -> Line {
  if (IS_GRADIENT == 1u) {
    return Line(
      d0,
      d0 + d1 + d2 + d3,
      d0 - d1 + d2 - d3,
      d0 + 2.0 * d1 + 4.0 * d2 + 8.0 * d3,
      d0 - 2.0 * d1 + 4.0 * d2 - 8.0 * d3,
      d3,
    );
  }
  return Line(
    4.0 * d0 - 5.0 * d2 + d4,
    d3 + d4 - 4.0 * (d1 + d2),
    d4 - d3 + 4.0 * (d1 - d2),
    2.0 * (d3 - d1) + d4 - d2,
    2.0 * (d1 - d3) + d4 - d2,
    4.0 * d1 - 5.0 * d3 + d5,
  );
}

// Element (y, x_) of the patch at `corner`; zero outside the image and past a gradient's tile.
fn load(plane: u32, corner: vec2u, y: u32, x_: u32) -> vec4f {
  // Unsigned: coordinates before the start wrap round to large numbers.
  let at = corner + vec2u(y, x_);
  let exists = at.x < H && at.y < W && (IS_GRADIENT == 0u || max(y, x_) < 4u);
  return select(vec4f(), load_block((plane * H + min(at.x, H - 1u)) * W + min(at.y, W - 1u)), exists);
}

fn column(plane: u32, corner: vec2u, j: u32) -> Line {
  return line(
    load(plane, corner, 0u, j),
    load(plane, corner, 1u, j),
    load(plane, corner, 2u, j),
    load(plane, corner, 3u, j),
    load(plane, corner, 4u, j),
    load(plane, corner, 5u, j),
  );
}

fn store(at: u32, values: Line) {
  let step = C4 * N * TH * TW;
  v[at] = values[0];
  v[at + step] = values[1];
  v[at + 2u * step] = values[2];
  v[at + 3u * step] = values[3];
  v[at + 4u * step] = values[4];
  v[at + 5u * step] = values[5];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  let tiles = N * TH * TW;
  if (i >= C4 * tiles) { return; }
  let c = i / tiles;
  let n = i % tiles / (TH * TW);
  let corner = vec2u(i / TW % TH, i % TW) * 4u - PADDING;
  let plane = n * C4 + c;
  let step = 6u * C4 * tiles;

  let d0 = column(plane, corner, 0u);
  let d1 = column(plane, corner, 1u);
  let d2 = column(plane, corner, 2u);
  let d3 = column(plane, corner, 3u);
  let d4 = column(plane, corner, 4u);
  let d5 = column(plane, corner, 5u);
  store(i, line(d0[0], d1[0], d2[0], d3[0], d4[0], d5[0]));
  store(i + step, line(d0[1], d1[1], d2[1], d3[1], d4[1], d5[1]));
  store(i + 2u * step, line(d0[2], d1[2], d2[2], d3[2], d4[2], d5[2]));
  store(i + 3u * step, line(d0[3], d1[3], d2[3], d3[3], d4[3], d5[3]));
  store(i + 4u * step, line(d0[4], d1[4], d2[4], d3[4], d4[4], d5[4]));
  store(i + 5u * step, line(d0[5], d1[5], d2[5], d3[5], d4[5], d5[5]));
}
