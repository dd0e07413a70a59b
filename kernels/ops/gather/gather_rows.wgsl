// out[b, e] = table[indices[b], e], 0 where indices[b] is not in 0 … ROWS − 1
// table [ROWS, SIZE], indices [BATCH], out [BATCH, SIZE], elements as raw bits; one element of out per invocation.
override ROWS: u32;
override SIZE: u32;
override BATCH: u32;

@group(0) @binding(0) var<storage, read> table: array<u32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= BATCH * SIZE) { return; }
  // A negative index wraps round to a large number, which is outside, too.
  let row = u32(indices[i / SIZE]);
  var element = 0u;
  if (row < ROWS) { element = table[row * SIZE + i % SIZE]; }
  out[i] = element;
}
