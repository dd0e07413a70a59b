// Block `at` of the first operand, from a texture of 2048 texels per row.
@group(0) @binding(0) var operand: texture_storage_2d<rgba32float, read>;

fn load_block(at: u32) -> vec4f {
  return textureLoad(operand, vec2u(at % 2048u, at / 2048u));
}
