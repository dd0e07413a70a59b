// y[i] = Σ of LOADS blocks of the operand
override LOADS: u32;

@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(32)
fn main(@builtin(local_invocation_index) i: u32) {
  var total = vec4f();
  for (var k = 0u; k < LOADS; k++) { total += load_block((i * 8u + k * 257u) & 65535u); }
  y[i] = total;
}
