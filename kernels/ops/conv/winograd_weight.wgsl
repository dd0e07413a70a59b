// u[c, i, j, o] = (G · w[o, c] · Gᵀ)[i, j]: the values of each 3×3 kernel at Winograd's points 0, ±1, ±2, ∞
// w [O, C, 3, 3], or [C, O, 3, 3] to be rotated by 180°; u [C4, 6, 6, O], vectors of 4 channels, zero past the last; one vector of kernels per invocation.
override O: u32;
override C: u32;
override IS_ROTATED: u32;

@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<vec4f>;

alias Line = array<vec4f, 6>;

// G · g
fn line(g0: vec4f, g1: vec4f, g2: vec4f) -> Line {
  let even = g0 + g2;
  let far = g0 + 4.0 * g2;
  return Line(
    g0 / 4.0,
    (even + g1) / -6.0,
    (even - g1) / -6.0,
    (far + 2.0 * g1) / 24.0,
    (far - 2.0 * g1) / 24.0,
    g2,
  );
}

fn weight(o: u32, c: u32, k: u32) -> f32 {
  let at = select((o * C + c) * 9u + k, (c * O + o) * 9u + 8u - k, IS_ROTATED == 1u);
  return select(0.0, w[at], c < C);
}

fn weights(o: u32, c: u32, k: u32) -> vec4f {
  return vec4f(weight(o, c, k), weight(o, c + 1u, k), weight(o, c + 2u, k), weight(o, c + 3u, k));
}

fn column(o: u32, c: u32, kx: u32) -> Line {
  return line(weights(o, c, kx), weights(o, c, 3u + kx), weights(o, c, 6u + kx));
}

fn store(at: u32, values: Line) {
  u[at] = values[0];
  u[at + O] = values[1];
  u[at + 2u * O] = values[2];
  u[at + 3u * O] = values[3];
  u[at + 4u * O] = values[4];
  u[at + 5u * O] = values[5];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  let o = i % O;
  let block = i / O;
  if (block * 4u >= C) { return; }

  let g0 = column(o, block * 4u, 0u);
  let g1 = column(o, block * 4u, 1u);
  let g2 = column(o, block * 4u, 2u);
  let at = block * 36u * O + o;
  store(at, line(g0[0], g1[0], g2[0]));
  store(at + 6u * O, line(g0[1], g1[1], g2[1]));
  store(at + 12u * O, line(g0[2], g1[2], g2[2]));
  store(at + 18u * O, line(g0[3], g1[3], g2[3]));
  store(at + 24u * O, line(g0[4], g1[4], g2[4]));
  store(at + 30u * O, line(g0[5], g1[5], g2[5]));
}
