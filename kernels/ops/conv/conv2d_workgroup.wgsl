// y as in conv2d_texels.wgsl, with operands in buffers and shared by a workgroup: fast on GPUs, whose workgroup memory is fast
// x [N, G·C4, H, W, 4], already padded, w [C4, KH, KW, G·OG, 4], y as in that file; 64 positions × 64 outputs per workgroup of 64, 8 × 8 per invocation, ROWS taps (c, ky, kx) per chunk. Lines with $p, $o and $t are written once per position, block of outputs and load.
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;

// [tap][position], and [tap][lane][block] of outputs: neighbouring invocations read neighbouring vectors.
var<workgroup> pixels: array<vec4f, 256>;
var<workgroup> weights: array<vec4f, 256>;

fn offset(tap: u32) -> u32 {
  return (tap / (KH * KW) * H + tap / KW % KH) * W + tap % KW;
}

// Taps past the last are zero.
fn pixel_of(corner: u32, tap: u32, end: u32) -> vec4f {
  return select(vec4f(), x[corner + offset(tap)], tap < end);
}

fn weight_of(output: u32, tap: u32, end: u32) -> vec4f {
  return select(vec4f(), w[tap * G * OG + output], tap < end);
}

// The weights of four outputs for a tap, as rows.
fn block(tap: u32, block: u32) -> mat4x4f {
  let first = tap * 64u + block;
  return transpose(mat4x4f(weights[first], weights[first + 16u], weights[first + 32u], weights[first + 48u]));
}

fn plus_product(sum: vec4f, weights: mat4x4f, pixel: vec4f) -> vec4f {
  let two = fma(weights[1], vec4f(pixel.y), fma(weights[0], vec4f(pixel.x), sum));
  return fma(weights[3], vec4f(pixel.w), fma(weights[2], vec4f(pixel.z), two));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let tiles = (N * OH * OW + 63u) / 64u;
  let blocks = (OG + 63u) / 64u;
  let i = workgroup.y * 32768u + workgroup.x;
  // Neighbouring workgroups read the same pixels.
  let first_output = i % blocks * 64u;
  let first = i / blocks % tiles * 64u;
  let group = i / (tiles * blocks) % G;
  let chunk = i / (tiles * blocks * G);
  if (chunk >= CHUNKS) { return; }

  let row = local / 8u;
  let column = local % 8u;
  // Each invocation loads one position and one output. Outputs past the last read unrelated weights; their results are not stored.
  let own_corner = corner(place_of(min(first + local, N * OH * OW - 1u)), group);
  let own_output = group * OG + first_output + local;
  let own_place = local % 4u * 16u + local / 4u;
  let end = min((chunk + 1u) * ROWS, C4 * KH * KW);
  var total$p_$o: vec4f;
  var tap = chunk * ROWS;
  // The next operands are loaded while the current ones are used.
  var next_pixel$t = pixel_of(own_corner, tap + $tu, end);
  var next_weight$t = weight_of(own_output, tap + $tu, end);
  while (tap < end) {
    pixels[$tu * 64u + local] = next_pixel$t;
    weights[$tu * 64u + own_place] = next_weight$t;
    // All writes precede the reads of other invocations.
    workgroupBarrier();
    tap += 4u;
    next_pixel$t = pixel_of(own_corner, tap + $tu, end);
    next_weight$t = weight_of(own_output, tap + $tu, end);
    for (var t = 0u; t < 4u; t++) {
      let weights$o = block(t, column + $ou * 8u);
      let pixel$p = pixels[t * 64u + row + $pu * 8u];
      total$p_$o = plus_product(total$p_$o, weights$o, pixel$p);
    }
    // All reads precede the next writes.
    workgroupBarrier();
  }
  store_vector(total$p_$o, place_of(first + row + $pu * 8u), vec3u(first_output + (column + $ou * 8u) * 4u, group, chunk));
}
