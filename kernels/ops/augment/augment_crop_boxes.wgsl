// out[b] = (left, top, width, height, rows of M): a random box of image b, in pixels, mirrored (width < 0) or not, and the rotation of the image
// uniform [BATCH, 24], aspects [BATCH] of width / height of the images as displayed, out [BATCH, 8]; one box per invocation.
override BATCH: u32;
override H: u32;
override W: u32;
override ROTATE: f32;
override FLIP: u32;

@group(0) @binding(0) var<storage, read> uniform_numbers: array<f32>;
@group(0) @binding(1) var<storage, read> aspects: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const least_area = 0.08;
const log_ratio = 0.28768207245178096; // ln 4/3

// Shares of the image's width and height: the first of ten tries that fits, else the largest box of an allowed ratio.
fn shares_of(first: u32, aspect: f32) -> vec2f {
  for (var i = first; i < first + 20u; i += 2u) {
    let area = least_area + (1.0 - least_area) * uniform_numbers[i];
    let ratio = exp((2.0 * uniform_numbers[i + 1u] - 1.0) * log_ratio);
    let shares = sqrt(vec2f(area * ratio / aspect, area * aspect / ratio));
    if (max(shares.x, shares.y) <= 1.0) { return shares; }
  }
  return min(vec2f(4.0 / 3.0 / aspect, aspect * 4.0 / 3.0), vec2f(1.0));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let image = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (image >= BATCH) { return; }
  let first = image * 24u;
  let size = vec2f(f32(W), f32(H));
  let shares = shares_of(first, aspects[image]);
  let place = vec2f(uniform_numbers[first + 20u], uniform_numbers[first + 21u]);
  var corner = place * (1.0 - shares) * size;
  var extent = shares * size;
  if (FLIP == 1u && uniform_numbers[first + 23u] >= 0.5) {
    corner.x += extent.x;
    extent.x = -extent.x;
  }
  let angle = (2.0 * uniform_numbers[first + 22u] - 1.0) * ROTATE;
  // Pixels may not be square: the rotation is that of an image with square pixels.
  let pixel_aspect = aspects[image] * size.y / size.x;
  out[image * 8u] = corner.x;
  out[image * 8u + 1u] = corner.y;
  out[image * 8u + 2u] = extent.x;
  out[image * 8u + 3u] = extent.y;
  out[image * 8u + 4u] = cos(angle);
  out[image * 8u + 5u] = -sin(angle) / pixel_aspect;
  out[image * 8u + 6u] = sin(angle) * pixel_aspect;
  out[image * 8u + 7u] = cos(angle);
}
