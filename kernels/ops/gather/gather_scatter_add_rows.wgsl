// out[chunk, r, e] = Σ_{b of the chunk} [indices[b] = r] · rows[b, e]
// rows [BATCH, SIZE], indices [BATCH], out [CHUNKS, COUNT, SIZE]; one element of out per invocation, ROWS rows per chunk.
override COUNT: u32;
override SIZE: u32;
override BATCH: u32;
override CHUNKS: u32;
override ROWS: u32;

@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = (workgroup.y * 32768u + workgroup.x) * 64u + local;
  if (i >= CHUNKS * COUNT * SIZE) { return; }
  let element = i % SIZE;
  let row = i32((i / SIZE) % COUNT);
  let chunk = i / (SIZE * COUNT);
  var total = 0.0;
  for (var b = chunk * ROWS; b < min((chunk + 1u) * ROWS, BATCH); b++) {
    if (indices[b] == row) { total += rows[b * SIZE + element]; }
  }
  out[i] = total;
}
