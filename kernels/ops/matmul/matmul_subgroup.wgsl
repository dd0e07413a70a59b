// y[m, n] = Σ_k a[m, k] · b[k, n]; a and b row-major, four columns per texel; y [M, N]
// P_BLOCKS rows × 32 columns per invocation; the 8 invocations of a subgroup compute the same columns of different rows: each reads four columns of b and shares them. Lines with $p and $q are written once per block.
override M: u32;
override N: u32;
override K: u32;
override WORKGROUP: u32;

@group(0) @binding(0) var a: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var b: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Adds products for four columns, with four rows of b.
fn plus_products(sum: vec4f, rows: mat4x4f, a: vec4f) -> vec4f {
  return fma(rows[3], vec4f(a.w), fma(rows[2], vec4f(a.z), fma(rows[1], vec4f(a.y), fma(rows[0], vec4f(a.x), sum))));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  // A multiple of the subgroup size, so that all invocations of a subgroup have the same columns.
  let tiles = (M + 8u * P_BLOCKS - 1u) / (8u * P_BLOCKS) * 8u;
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  let row = i % tiles * P_BLOCKS;
  let column = i / tiles * Q_BLOCKS;
  if (column >= N / 4u) { return; }

  // One variable per sum, as an array of sums would be stored in memory.
  var sum$p_$q: vec4f;
  for (var k = 0u; k < K / 4u; k++) {
    // Rows past the last are zero; their results are not stored.
    let a$p = textureLoad(a, vec2u(k, row + $pu));
    let b_own0 = textureLoad(b, vec2u(column + lane, k * 4u));
    let b_own1 = textureLoad(b, vec2u(column + lane, k * 4u + 1u));
    let b_own2 = textureLoad(b, vec2u(column + lane, k * 4u + 2u));
    let b_own3 = textureLoad(b, vec2u(column + lane, k * 4u + 3u));
    let b$q = mat4x4f(subgroupBroadcast(b_own0, $qu), subgroupBroadcast(b_own1, $qu), subgroupBroadcast(b_own2, $qu), subgroupBroadcast(b_own3, $qu));
    sum$p_$q = plus_products(sum$p_$q, b$q, a$p);
  }
  if (row + $pu < M) { y[(row + $pu) * N / 4u + column + $qu] = sum$p_$q; }
}
