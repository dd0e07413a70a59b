// out[b, c, y, x] = scale[c] · image(sourceOf(y, x)) + offset[c]: image indices[b], mirrored, rotated and shifted by its own draws
// pixels of N·C·H·W elements, indices [BATCH], scale_offset [2, C], out [BATCH, C, H, W]; one element of out per invocation.
// Calls functions of augment_pixel.wgsl and threefry.wgsl.
override BATCH: u32;
override IMAGES: u32;
override C: u32;
override H: u32;
override W: u32;
override STREAM: u32;
override TRANSLATE: u32;
override ROTATE: f32;
override FLIP: u32;
// Place of slot 0 in the whole batch, and distance of the next slot.
override FIRST_SLOT: u32;
override SLOT_STEP: u32;

@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> seed: array<u32>;
@group(0) @binding(3) var<storage, read> step: array<u32>;
@group(0) @binding(4) var<storage, read> scale_offset: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

fn draw(number: u32, slot: u32) -> vec2u {
  return threefry_2x32(vec2u(seed[0], step[0]), vec2u(number + 8u * (FIRST_SLOT + SLOT_STEP * slot), STREAM));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= BATCH * C * H * W) { return; }
  var x = i32(i % W);
  var y = i32((i / W) % H);
  let c = (i / (W * H)) % C;
  let slot = i / (W * H * C);
  let image = u32(indices[slot]);
  if (image >= IMAGES) {
    out[i] = 0.0;
    return;
  }
  let start = (image * C + c) * H * W;
  if (TRANSLATE > 0u) {
    let shift = vec2i(draw(0u, slot) % (2u * TRANSLATE + 1u)) - i32(TRANSLATE);
    x -= shift.x;
    y -= shift.y;
  }
  var angle_and_flip = vec2u(0u);
  if (ROTATE > 0.0 || FLIP == 1u) { angle_and_flip = draw(1u, slot); }
  let is_flipped = FLIP == 1u && (angle_and_flip.y >> 31u) == 1u;
  var value = 0.0;
  if (ROTATE > 0.0) {
    let angle = (2.0 * unit_interval(angle_and_flip.x) - 1.0) * ROTATE;
    let centre_x = 0.5 * f32(W - 1u);
    let centre_y = 0.5 * f32(H - 1u);
    let u = f32(x) - centre_x;
    let v = f32(y) - centre_y;
    let across = u * cos(angle) - v * sin(angle);
    let down = u * sin(angle) + v * cos(angle);
    value = interpolated(start, centre_y + down, centre_x + select(across, -across, is_flipped));
  } else {
    value = pixel(start, y, select(x, i32(W) - 1 - x, is_flipped));
  }
  out[i] = value * scale_offset[c] + scale_offset[C + c];
}
