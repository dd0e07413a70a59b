// Operations of RandAugment on a pixel, by their numbers in rand_augment_reference.ts.
// For kernels that have `images`, C, H, W, FILL and `Draw`.

// Level of a value as a byte.
fn level_of(value: f32) -> u32 {
  return u32(clamp(floor(255.0 * value + 0.5), 0.0, 255.0));
}

// `factor` of the value itself, the rest of another one.
fn blended(other: f32, value: f32, factor: f32) -> f32 {
  return clamp(mix(other, value, factor), 0.0, 1.0);
}

// Lightness of the pixel whose first channel is at `first`: Pillow's for RGB, else the mean of the channels.
fn grey_at(first: u32) -> f32 {
  let plane = H * W;
  if (C == 3u) {
    let rgb = vec3f(images[first], images[first + plane], images[first + 2u * plane]);
    return dot(rgb, vec3f(0.299, 0.587, 0.114));
  }
  var sum = 0.0;
  for (var c = 0u; c < C; c++) { sum += images[first + c * plane]; }
  return sum / f32(C);
}

// Operations on the values of a channel; `grey` and `statistics` are needed by some of them only.
fn recoloured(drawn: Draw, value: f32, grey: f32, statistics: vec2f) -> f32 {
  let factor = 1.0 + 0.9 * drawn.amount;
  switch drawn.operation {
    case 1u: { // autoContrast
      let range = statistics.y - statistics.x;
      if (range > 0.0) { return clamp((value - statistics.x) / range, 0.0, 1.0); }
      return value;
    }
    case 4u: { // solarize
      return select(value, 1.0 - value, value >= 256.0 / 255.0 * (1.0 - drawn.strength));
    }
    case 5u, 7u: { // color, contrast
      return blended(grey, value, factor);
    }
    case 6u: { // posterize
      let dropped = u32(4.0 * drawn.strength + 0.5);
      return f32((level_of(value) >> dropped) << dropped) / 255.0;
    }
    case 8u: { // brightness
      return blended(0.0, value, factor);
    }
    default: { // identity
      return value;
    }
  }
}

// Pillow's SMOOTH filter, which leaves the outermost pixels as they are.
fn smoothed_at(start: u32, p: u32) -> f32 {
  let x = p % W;
  let y = p / W;
  let at = start + p;
  if (x == 0u || y == 0u || x + 1u >= W || y + 1u >= H) { return images[at]; }
  let above = images[at - W - 1u] + images[at - W] + images[at - W + 1u];
  let beside = images[at - 1u] + 5.0 * images[at] + images[at + 1u];
  let below = images[at + W - 1u] + images[at + W] + images[at + W + 1u];
  return (above + beside + below) / 13.0;
}

// Source of a pixel: origin + M · (place − origin) + shift, with the rows of M.
struct Map {
  origin: vec2f,
  across: vec2f,
  down: vec2f,
  shift: vec2f,
}

fn map_of(drawn: Draw) -> Map {
  let corner = vec2f(-0.5);
  let none = vec2f(0.0);
  let steps = floor(drawn.strength * vec2f(f32(3u * W), f32(3u * H)) / 10.0 + 0.5) * sign(drawn.amount);
  switch drawn.operation {
    case 3u: { // rotate: at most 30 degrees
      let angle = drawn.amount * 0.5235987755982988;
      let turn = vec2f(cos(angle), sin(angle));
      return Map(0.5 * vec2f(f32(W - 1u), f32(H - 1u)), vec2f(turn.x, -turn.y), turn.yx, none);
    }
    case 10u: { // shearX
      return Map(corner, vec2f(1.0, 0.3 * drawn.amount), vec2f(0.0, 1.0), none);
    }
    case 11u: { // shearY
      return Map(corner, vec2f(1.0, 0.0), vec2f(0.3 * drawn.amount, 1.0), none);
    }
    case 12u: { // translateX
      return Map(corner, vec2f(1.0, 0.0), vec2f(0.0, 1.0), vec2f(steps.x, 0.0));
    }
    default: { // translateY
      return Map(corner, vec2f(1.0, 0.0), vec2f(0.0, 1.0), vec2f(0.0, steps.y));
    }
  }
}

fn source_of(map: Map, place: vec2f) -> vec2f {
  let from_origin = place - map.origin;
  return map.origin + vec2f(dot(map.across, from_origin), dot(map.down, from_origin)) + map.shift;
}

// Bilinear interpolation like Pillow's; FILL outside the image, which ends half a pixel beyond the centres.
fn interpolated_at(start: u32, place: vec2f) -> f32 {
  let size = vec2f(f32(W), f32(H));
  if (any(place < vec2f(-0.5)) || any(place >= size - 0.5)) { return FILL; }
  let low = floor(place);
  let share = place - low;
  let first = vec2u(clamp(low, vec2f(0.0), size - 1.0));
  let last = vec2u(clamp(low + 1.0, vec2f(0.0), size - 1.0));
  let upper = mix(images[start + first.y * W + first.x], images[start + first.y * W + last.x], share.x);
  let lower = mix(images[start + last.y * W + first.x], images[start + last.y * W + last.x], share.x);
  return mix(upper, lower, share.y);
}
