// y as in conv2d_texels.wgsl, with operands shared by a workgroup: what a GPU likes, whose workgroup memory is fast
// x, w and y as there; 64 positions × 64 outputs per workgroup of 64, 8 × 8 per invocation, ROWS taps (c, ky, kx) per chunk. Lines with $p, $o and $t are written once per position, block of outputs and tap.

// [tap][position], and [tap][lane][block] of outputs: neighbouring invocations read neighbouring vectors.
var<workgroup> pixels: array<vec4f, 256>;
var<workgroup> weights: array<vec4f, 256>;

fn offset(tap: u32) -> u32 {
  return (tap / (KH * KW) * H + tap / KW % KH) * W + tap % KW;
}

// The weights of four outputs for a tap, as rows.
fn block(tap: u32, block: u32) -> mat4x4f {
  let first = tap * 64u + block;
  return transpose(mat4x4f(weights[first], weights[first + 16u], weights[first + 32u], weights[first + 48u]));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let tiles = (N * OH * OW + 63u) / 64u;
  let blocks = (OG + 63u) / 64u;
  let i = workgroup.y * 32768u + workgroup.x;
  let first = i % tiles * 64u;
  let first_output = i / tiles % blocks * 64u;
  let group = i / (tiles * blocks) % G;
  let chunk = i / (tiles * blocks * G);
  if (chunk >= CHUNKS) { return; }

  let row = local / 8u;
  let column = local % 8u;
  let own_corner = corner(first + local, group);
  let own_output = group * OG + first_output + local;
  let own_place = local % 4u * 16u + local / 4u;
  let end = min((chunk + 1u) * ROWS, C4 * KH * KW);
  var total$p_$o: vec4f;
  for (var tap = chunk * ROWS; tap < end; tap += 4u) {
    // Taps past the last are zero, whatever the textures hold there.
    pixels[$tu * 64u + local] = select(vec4f(), textureLoad(x, at(own_corner + offset(tap + $tu))), tap + $tu < end);
    weights[$tu * 64u + own_place] = select(vec4f(), textureLoad(w, at((tap + $tu) * G * OG + own_output)), tap + $tu < end);
    // All have written what others read …
    workgroupBarrier();
    for (var t = 0u; t < 4u; t++) {
      let weights$o = block(t, column + $ou * 8u);
      let pixel$p = pixels[t * 64u + row + $pu * 8u];
      total$p_$o += weights$o * pixel$p;
    }
    // … and all have read it before it is written again.
    workgroupBarrier();
  }
  store_vector(total$p_$o, first + row + $pu * 8u, vec3u(first_output + (column + $ou * 8u) * 4u, group, chunk));
}
