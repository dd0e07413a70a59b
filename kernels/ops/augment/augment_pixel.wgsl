// pixel(start, y, x) = pixels[start + y·W + x], in words of four bytes or one float32 each; for kernels that declare `pixels`, H and W.
override FLOATS: u32;
override REFLECT: u32;

// Maps any position into 0 … size − 1 by mirroring at the first and last pixel.
fn reflected(at: i32, size: u32) -> u32 {
  let period = max(2u * (size - 1u), 1u);
  let within = u32(abs(at)) % period;
  return select(within, period - within, within >= size);
}

// Pixel of the channel plane whose first element is at `start`.
fn pixel(start: u32, y: i32, x: i32) -> f32 {
  var row = u32(y);
  var column = u32(x);
  if (REFLECT == 1u) {
    row = reflected(y, H);
    column = reflected(x, W);
  }
  // A negative coordinate has wrapped round to a large number, which is outside, too.
  if (row >= H || column >= W) { return 0.0; }
  let at = start + row * W + column;
  if (FLOATS == 1u) { return bitcast<f32>(pixels[at]); }
  return f32((pixels[at / 4u] >> (8u * (at % 4u))) & 255u);
}

// Bilinear interpolation at a position between pixels.
fn interpolated(start: u32, y: f32, x: f32) -> f32 {
  let row = floor(y);
  let column = floor(x);
  let y0 = i32(row);
  let x0 = i32(column);
  let upper = mix(pixel(start, y0, x0), pixel(start, y0, x0 + 1), x - column);
  let lower = mix(pixel(start, y0 + 1, x0), pixel(start, y0 + 1, x0 + 1), x - column);
  return mix(upper, lower, y - row);
}
