// dw[o, c] = Gᵀ · m[:, :, o, c] · G: the gradient of each 3×3 kernel from its values at Winograd's points 0, ±1, ±2, ∞
// m [6, 6, KERNELS], dw [KERNELS, 3, 3], KERNELS = O·C; one kernel per invocation.
override KERNELS: u32;

@group(0) @binding(0) var<storage, read> m: array<f32>;
@group(0) @binding(1) var<storage, read_write> dw: array<f32>;

// Gᵀ · d
fn line(d0: f32, d1: f32, d2: f32, d3: f32, d4: f32, d5: f32) -> vec3f {
  let near = (d1 + d2) / -6.0;
  let far = (d3 + d4) / 24.0;
  return vec3f(d0 / 4.0 + near + far, (d2 - d1) / 6.0 + (d3 - d4) / 12.0, near + 4.0 * far + d5);
}

fn row(at: u32) -> vec3f {
  return line(
    m[at],
    m[at + KERNELS],
    m[at + 2u * KERNELS],
    m[at + 3u * KERNELS],
    m[at + 4u * KERNELS],
    m[at + 5u * KERNELS],
  );
}

fn store(at: u32, values: vec3f) {
  dw[at] = values.x;
  dw[at + 3u] = values.y;
  dw[at + 6u] = values.z;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= KERNELS) { return; }

  let d0 = row(i);
  let d1 = row(i + 6u * KERNELS);
  let d2 = row(i + 12u * KERNELS);
  let d3 = row(i + 18u * KERNELS);
  let d4 = row(i + 24u * KERNELS);
  let d5 = row(i + 30u * KERNELS);
  store(i * 9u, line(d0.x, d1.x, d2.x, d3.x, d4.x, d5.x));
  store(i * 9u + 1u, line(d0.y, d1.y, d2.y, d3.y, d4.y, d5.y));
  store(i * 9u + 2u, line(d0.z, d1.z, d2.z, d3.z, d4.z, d5.z));
}
