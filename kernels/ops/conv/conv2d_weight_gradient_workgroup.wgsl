// dw as in conv2d_weight_gradient_texels.wgsl, with operands in buffers and shared by a workgroup
// x [N, G·C4, H, W, 4], dy [N, G·O4, DH, DW, 4], both already padded; dw as in that file; 64 outputs × 64 channels of a tap per workgroup of 64, 8 × 8 per invocation, ROWS positions per chunk. Lines with $o, $c and $t are written once per block of outputs, block of channels and load.

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;

// [position][block]; rows are padded by one, so that columns are in different banks.
var<workgroup> pixels: array<vec4f, 272>;
var<workgroup> gradients: array<vec4f, 272>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c4 = (CG + 3u) / 4u;
  let o4 = (OG + 3u) / 4u;
  let channel_tiles = (c4 + 15u) / 16u;
  let output_tiles = (o4 + 15u) / 16u;
  let i = workgroup.y * 32768u + workgroup.x;
  // Neighbouring workgroups read the same or adjacent texels.
  let kx = i % KW;
  let ky = i / KW % KH;
  let c = i / (KW * KH) % channel_tiles * 16u;
  let o = i / (KW * KH * channel_tiles) % output_tiles * 16u;
  let group = i / (KW * KH * channel_tiles * output_tiles) % G;
  let chunk = i / (KW * KH * channel_tiles * output_tiles * G);
  if (chunk >= CHUNKS) { return; }

  let row = local / 8u;
  let column = local % 8u;
  // Each invocation loads one position of every fourth block. Blocks past the last repeat the last one; their results are not stored.
  let own = local % 16u;
  let x_start$t = ((group * c4 + min(c + local / 16u + $tu * 4u, c4 - 1u)) * H + ky) * W + kx;
  let dy_start$t = ((group * o4 + min(o + local / 16u + $tu * 4u, o4 - 1u)) * DH + TOP) * DW + LEFT;
  let own_place = own * 17u + local / 16u;
  // Sums of four channels (columns of a matrix: outputs).
  var total$o_$c: mat4x4f;
  let end = min((chunk + 1u) * ROWS, N * OH * OW);
  var position = chunk * ROWS;
  // The next operands are loaded while the current ones are used. Positions past the end repeat the last one, with zero gradients.
  var at = place(min(position + own, end - 1u), c4, o4);
  var next_pixel$t = x[x_start$t + at.x];
  var next_gradient$t = select(vec4f(), dy[dy_start$t + at.y], position + own < end);
  while (position < end) {
    pixels[own_place + $tu * 4u] = next_pixel$t;
    gradients[own_place + $tu * 4u] = next_gradient$t;
    // All writes precede the reads of other invocations.
    workgroupBarrier();
    position += 16u;
    at = place(min(position + own, end - 1u), c4, o4);
    next_pixel$t = x[x_start$t + at.x];
    next_gradient$t = select(vec4f(), dy[dy_start$t + at.y], position + own < end);
    for (var q = 0u; q < 16u; q++) {
      let pixel$c = pixels[q * 17u + column + $cu * 8u];
      let gradient$o = gradients[q * 17u + row + $ou * 8u];
      total$o_$c = plus_products(total$o_$c, pixel$c, gradient$o);
    }
    // All reads precede the next writes.
    workgroupBarrier();
  }
  let start = (chunk * G + group) * OG * CG * KH * KW + ky * KW + kx;
  store_matrix(total$o_$c, start, (o + row + $ou * 8u) * 4u, (c + column + $cu * 8u) * 4u);
}

fn plus_products(sum: mat4x4f, pixel: vec4f, gradient: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(pixel, vec4f(gradient.x), sum[0]),
    fma(pixel, vec4f(gradient.y), sum[1]),
    fma(pixel, vec4f(gradient.z), sum[2]),
    fma(pixel, vec4f(gradient.w), sum[3]),
  );
}
