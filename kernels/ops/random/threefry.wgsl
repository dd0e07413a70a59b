// Threefry-2x32, 20 rounds: two random words from key (k0, k1) and counter (c0, c1); for use in any kernel.
fn threefry_2x32(key: vec2u, counter: vec2u) -> vec2u {
  let last_key = 0x1bd11bdau ^ key.x ^ key.y;
  var word = counter + key;
  word = threefry_mix(threefry_mix(threefry_mix(threefry_mix(word, 13u), 15u), 26u), 6u) + vec2u(key.y, last_key + 1u);
  word = threefry_mix(threefry_mix(threefry_mix(threefry_mix(word, 17u), 29u), 16u), 24u) + vec2u(last_key, key.x + 2u);
  word = threefry_mix(threefry_mix(threefry_mix(threefry_mix(word, 13u), 15u), 26u), 6u) + vec2u(key.x, key.y + 3u);
  word = threefry_mix(threefry_mix(threefry_mix(threefry_mix(word, 17u), 29u), 16u), 24u) + vec2u(key.y, last_key + 4u);
  return threefry_mix(threefry_mix(threefry_mix(threefry_mix(word, 13u), 15u), 26u), 6u) + vec2u(last_key, key.x + 5u);
}

fn threefry_mix(word: vec2u, rotation: u32) -> vec2u {
  let sum = word.x + word.y;
  return vec2u(sum, ((word.y << rotation) | (word.y >> (32u - rotation))) ^ sum);
}

// The upper 24 bits as a multiple of 2^-24 in [0, 1): exact in f32.
fn unit_interval(word: u32) -> f32 {
  return f32(word >> 8u) * 5.9604644775390625e-8;
}

// Box and Muller: standard normal from two words.
fn box_muller(words: vec2u) -> f32 {
  // 1 − u is in (0, 1], so its logarithm is finite. An approximate logarithm may be positive at 1.
  let radius = sqrt(max(0.0, -2.0 * log(1.0 - unit_interval(words.x))));
  return radius * cos(6.283185307179586 * unit_interval(words.y));
}
