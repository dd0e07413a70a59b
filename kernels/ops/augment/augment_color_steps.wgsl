// Steps of colour jitter: brightness (0), contrast (1), saturation (2), hue (3) of an RGB pixel in [0, 1], each by a number u in [0, 1) of uniform [B, 5]
override BRIGHTNESS: f32;
override CONTRAST: f32;
override SATURATION: f32;
override HUE: f32;

// Lightness, with torchvision's weights.
fn grey_of(rgb: vec3f) -> f32 {
  return dot(rgb, vec3f(0.2989, 0.587, 0.114));
}

fn blend(rgb: vec3f, other: vec3f, strength: f32, u: f32) -> vec3f {
  let factor = mix(max(0.0, 1.0 - strength), 1.0 + strength, u);
  return clamp(mix(other, rgb, factor), vec3f(0.0), vec3f(1.0));
}

// Rotates the hue by a share of the colour circle; value and chroma of the HSV cone stay.
fn rotate_hue(rgb: vec3f, share: f32) -> vec3f {
  let value = max(rgb.r, max(rgb.g, rgb.b));
  let chroma = value - min(rgb.r, min(rgb.g, rgb.b));
  if (chroma == 0.0) { return rgb; }
  var sixth = (rgb.r - rgb.g) / chroma + 4.0;
  if (value == rgb.r) { sixth = (rgb.g - rgb.b) / chroma; }
  else if (value == rgb.g) { sixth = (rgb.b - rgb.r) / chroma + 2.0; }
  let turns = vec3f(5.0, 3.0, 1.0) / 6.0 + sixth / 6.0 + share;
  let k = 6.0 * (turns - floor(turns));
  return value - chroma * clamp(min(k, 4.0 - k), vec3f(0.0), vec3f(1.0));
}

// A pixel after the steps, in the order drawn by u[4]: all steps, or only the ones before contrast.
fn jitter_pixel(pixel: vec3f, first: u32, grey_mean: f32, is_before_contrast: bool) -> vec3f {
  var rgb = pixel;
  var left = array<u32, 4>(0u, 1u, 2u, 3u);
  var order = u32(uniform_numbers[first + 4u] * 24.0);
  for (var count = 4u; count > 0u; count--) {
    let chosen = order % count;
    order /= count;
    let step = left[chosen];
    left[chosen] = left[count - 1u];
    if (step == 1u && is_before_contrast) { break; }
    let u = uniform_numbers[first + step];
    switch step {
      case 0u: { rgb = blend(rgb, vec3f(0.0), BRIGHTNESS, u); }
      case 1u: { rgb = blend(rgb, vec3f(grey_mean), CONTRAST, u); }
      case 2u: { rgb = blend(rgb, vec3f(grey_of(rgb)), SATURATION, u); }
      default: { rgb = rotate_hue(rgb, (2.0 * u - 1.0) * HUE); }
    }
  }
  return rgb;
}
