// out[b] = images[b] after the operation of RandAugment that uniform[b] draws; values in [0, 1]
// images and out [BATCH, C, H, W], uniform [BATCH, 3]: operation, strength, sign; one channel per workgroup.
// Needs the functions of rand_augment_pixels.wgsl and rand_augment_statistics.wgsl.
override BATCH: u32;
override C: u32;
override H: u32;
override W: u32;
// The list to choose from: COUNT numbers of operations, four bits each, eight to a word.
override COUNT: u32;
override FIRST_EIGHT: u32;
override LAST_EIGHT: u32;
override STRENGTH: f32;
override IS_RANDOM: u32;
override FILL: f32;

@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> uniform_numbers: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

struct Draw {
  operation: u32,
  strength: f32, // In 0 … 1
  amount: f32, // The strength with a random sign
}

fn draw_of(image: u32) -> Draw {
  let chosen = min(u32(uniform_numbers[3u * image] * f32(COUNT)), COUNT - 1u);
  let word = select(FIRST_EIGHT, LAST_EIGHT, chosen >= 8u);
  let strength = STRENGTH * select(1.0, uniform_numbers[3u * image + 1u], IS_RANDOM == 1u);
  let is_negative = uniform_numbers[3u * image + 2u] < 0.5;
  return Draw((word >> (4u * (chosen % 8u))) & 15u, strength, select(strength, -strength, is_negative));
}

// Each operation has its own loop: software adapters execute every branch in a loop's body, taken or not.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let plane = workgroup.y * 32768u + workgroup.x;
  if (plane >= BATCH * C) { return; }
  let start = plane * H * W;
  let image = plane / C;
  let drawn = draw_of(image);
  switch drawn.operation {
    case 2u: { // equalize
      make_table(start, local);
      for (var p = local; p < H * W; p += 64u) { out[start + p] = equalized(images[start + p]); }
    }
    case 3u, 10u, 11u, 12u, 13u: { // rotate, shearX, shearY, translateX, translateY
      let map = map_of(drawn);
      for (var p = local; p < H * W; p += 64u) {
        out[start + p] = interpolated_at(start, source_of(map, vec2f(f32(p % W), f32(p / W))));
      }
    }
    case 9u: { // sharpness
      for (var p = local; p < H * W; p += 64u) {
        out[start + p] = blended(smoothed_at(start, p), images[start + p], 1.0 + 0.9 * drawn.amount);
      }
    }
    default: {
      var statistics = vec2f(0.0, 1.0);
      if (drawn.operation == 1u) { statistics = range_of(start, local); }
      if (drawn.operation == 7u) { statistics = vec2f(mean_grey_of(image * C * H * W, local)); }
      for (var p = local; p < H * W; p += 64u) {
        var grey = statistics.x;
        if (drawn.operation == 5u) { grey = grey_at(image * C * H * W + p); }
        out[start + p] = recoloured(drawn, images[start + p], grey, statistics);
      }
    }
  }
}
