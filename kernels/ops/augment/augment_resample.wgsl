// out[b, c, y, x] = Σ w_x · w_y · image(at + M·(tap − at)) / Σ w_x · w_y over the taps within support of the position of (y, x) in box b
// pixels of N·C·H·W elements, indices [BATCH], boxes [BATCH, 8] of left, top, width, height (pixels) and the rows of M, out [BATCH, C, S, S]; one element of out per invocation.
// Calls functions of augment_pixel.wgsl.
override BATCH: u32;
override IMAGES: u32;
override C: u32;
override H: u32;
override W: u32;
override S: u32;
override SCALE: f32;
override IS_TURNED: u32;

@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> boxes: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// Taps of an output pixel along an axis: a triangle as wide as the larger of an output pixel and an image pixel.
struct Taps {
  centre: f32,
  support: f32,
  first: i32,
  last: i32,
}

fn taps_of(i: u32, start: f32, length: f32, size: u32) -> Taps {
  let step = length / f32(S);
  let centre = start + (f32(i) + 0.5) * step - 0.5;
  let support = max(abs(step), 1.0);
  let first = max(i32(ceil(centre - support)), 0);
  let last = min(i32(floor(centre + support)), i32(size) - 1);
  return Taps(centre, support, first, last);
}

fn weight_of(tap: i32, taps: Taps) -> f32 {
  return max(0.0, 1.0 - abs(f32(tap) - taps.centre) / taps.support);
}

fn tap_at(start: u32, box: u32, y: i32, x: i32) -> f32 {
  if (IS_TURNED == 0u) { return pixel(start, y, x); }
  let centre_x = 0.5 * f32(W - 1u);
  let centre_y = 0.5 * f32(H - 1u);
  let u = f32(x) - centre_x;
  let v = f32(y) - centre_y;
  return interpolated(
    start,
    centre_y + boxes[box + 6u] * u + boxes[box + 7u] * v,
    centre_x + boxes[box + 4u] * u + boxes[box + 5u] * v,
  );
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= BATCH * C * S * S) { return; }
  let slot = i / (S * S * C);
  let image = u32(indices[slot]);
  if (image >= IMAGES) {
    out[i] = 0.0;
    return;
  }
  let start = (image * C + (i / (S * S)) % C) * H * W;
  let box = slot * 8u;
  let across = taps_of(i % S, boxes[box], boxes[box + 2u], W);
  let down = taps_of((i / S) % S, boxes[box + 1u], boxes[box + 3u], H);
  var sum = 0.0;
  var weights = 0.0;
  for (var y = down.first; y <= down.last; y++) {
    let row = weight_of(y, down);
    for (var x = across.first; x <= across.last; x++) {
      let weight = row * weight_of(x, across);
      sum += weight * tap_at(start, box, y, x);
      weights += weight;
    }
  }
  // A box outside its image has no taps.
  out[i] = select(0.0, SCALE * sum / weights, weights > 0.0);
}
