// half_of(x) = x rounded to float16, +∞ if x is too large or not a number: an overflow must reach the gradients, where loss scaling finds it
fn half_infinity() -> f32 {
  // Goes through a variable, as WGSL forbids infinities in constant expressions.
  var word = 0x7f800000u;
  return bitcast<f32>(word);
}

// Not left to the conversion, whose result may be the largest number instead.
fn half_of(x: f32) -> f16 {
  return f16(select(half_infinity(), x, abs(x) < 65520.0));
}

fn halves_of(x: vec4f) -> vec4<f16> {
  return vec4<f16>(select(vec4f(half_infinity()), x, abs(x) < vec4f(65520.0)));
}
