// Block `at` of the first operand, from a buffer.
@group(0) @binding(0) var<storage, read> operand: array<vec4f>;

fn load_block(at: u32) -> vec4f {
  return operand[at];
}
