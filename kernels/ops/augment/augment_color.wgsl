// out[b, :, p] = images[b, :, p] after the steps: brightness, contrast, saturation and hue changed, in a random order per image
// images and out [BATCH, 3, P], uniform [BATCH, 5], means [BATCH] of lightness before contrast; one pixel per invocation.
// Calls functions of augment_color_steps.wgsl.
override BATCH: u32;
override P: u32;

@group(0) @binding(0) var<storage, read> images: array<f32>;
@group(0) @binding(1) var<storage, read> uniform_numbers: array<f32>;
@group(0) @binding(2) var<storage, read> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= BATCH * P) { return; }
  let image = i / P;
  let at = i + image * 2u * P;
  let rgb = jitter_pixel(vec3f(images[at], images[at + P], images[at + 2u * P]), image * 5u, means[image], false);
  out[at] = rgb.r;
  out[at + P] = rgb.g;
  out[at + 2u * P] = rgb.b;
}
