// dw[chunk, o, c, ky, kx] = Σ_{(n, oy, ox) of the chunk} dy[n, g, o, TOP + oy·STEP, LEFT + ox·STEP] · x[n, g, c, oy·STRIDE + ky, ox·STRIDE + kx]
// x texels [N, G·C4, H, W], dy texels [N, G·O4, DH, DW], both already padded; dw [CHUNKS, G·OG, CG, KH, KW]; 4·O_BLOCKS outputs × 4·C_BLOCKS channels of a tap per invocation, ROWS positions per chunk. Lines with $o and $c are written once per block.
override WORKGROUP: u32;

// The gradients of four positions, as rows; zero past the last position.
fn gradients(first: u32, places: vec4u, exists: vec4<bool>) -> mat4x4f {
  return transpose(mat4x4f(
    select(vec4f(), textureLoad(dy, at(first + places.x)), exists.x),
    select(vec4f(), textureLoad(dy, at(first + places.y)), exists.y),
    select(vec4f(), textureLoad(dy, at(first + places.z)), exists.z),
    select(vec4f(), textureLoad(dy, at(first + places.w)), exists.w),
  ));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c4 = (CG + 3u) / 4u;
  let o4 = (OG + 3u) / 4u;
  let channel_tiles = (c4 + C_BLOCKS - 1u) / C_BLOCKS;
  let output_tiles = (o4 + O_BLOCKS - 1u) / O_BLOCKS;
  let i = (workgroup.y * 32768u + workgroup.x) * WORKGROUP + local;
  // Neighbouring invocations read the same or adjacent texels, and run equally long.
  let kx = i % KW;
  let ky = i / KW % KH;
  let c = i / (KW * KH) % channel_tiles * C_BLOCKS;
  let o = i / (KW * KH * channel_tiles) % output_tiles * O_BLOCKS;
  let group = i / (KW * KH * channel_tiles * output_tiles) % G;
  let chunk = i / (KW * KH * channel_tiles * output_tiles * G);
  if (chunk >= CHUNKS) { return; }

  // Channels past the last read unrelated texels; their results are not stored.
  let x_start = ((group * c4 + c) * H + ky) * W + kx;
  let dy_start = ((group * o4 + o) * DH + TOP) * DW + LEFT;
  // One variable per matrix of [output][channel], as an array of sums would be stored in memory.
  var total$o_$c: mat4x4f;
  let end = min((chunk + 1u) * ROWS, N * OH * OW);
  for (var position = chunk * ROWS; position < end; position += 4u) {
    let exists = position + vec4u(0u, 1u, 2u, 3u) < vec4u(end);
    // Positions past the end repeat the last one.
    let place0 = place(position, c4, o4);
    let place1 = place(min(position + 1u, end - 1u), c4, o4);
    let place2 = place(min(position + 2u, end - 1u), c4, o4);
    let place3 = place(min(position + 3u, end - 1u), c4, o4);
    let x_places = vec4u(place0.x, place1.x, place2.x, place3.x);
    let dy_places = vec4u(place0.y, place1.y, place2.y, place3.y);
    let x$c = pixels(x_start + $cu * H * W, x_places);
    let dy$o = gradients(dy_start + $ou * DH * DW, dy_places, exists);
    total$o_$c += x$c * dy$o;
  }
  let start = (chunk * G + group) * OG * CG * KH * KW + ky * KW + kx;
  store_matrix(total$o_$c, start, (o + $ou) * 4u, (c + $cu) * 4u);
}
