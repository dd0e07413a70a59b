// out[m, n] = Σ_k A[m, k] · B[k, n] over the ROWS values of k of a chunk;  A is a or aᵀ, B is b or bᵀ, by their strides
// a [M, K] or [K, M], b [K, N] or [N, K], out [CHUNKS, M, N]; one element of out per invocation.
override M: u32;
override N: u32;
override K: u32;
override A_ROW: u32;
override A_COLUMN: u32;
override B_ROW: u32;
override B_COLUMN: u32;
override CHUNKS: u32;
override ROWS: u32;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * M * N) { return; }
  let n = i % N;
  let m = (i / N) % M;
  let chunk = i / (M * N);
  var total = 0.0;
  for (var k = chunk * ROWS; k < min((chunk + 1u) * ROWS, K); k++) {
    total += a[m * A_ROW + k * A_COLUMN] * b[k * B_ROW + n * B_COLUMN];
  }
  out[i] = total;
}
