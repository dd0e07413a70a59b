// Statistics of a channel for RandAugment, computed by the 64 invocations of a workgroup.
// For kernels that have `images`, C, H and W.
var<workgroup> partial: array<vec2f, 64>;
var<workgroup> table: array<atomic<u32>, 256>;

// Smallest and largest value of the channel that begins at `start`.
fn range_of(start: u32, local: u32) -> vec2f {
  var range = vec2f(images[start]);
  for (var p = local; p < H * W; p += 64u) {
    range = vec2f(min(range.x, images[start + p]), max(range.y, images[start + p]));
  }
  partial[local] = range;
  workgroupBarrier(); // All parts are written before any is read.
  for (var i = 0u; i < 64u; i++) { range = vec2f(min(range.x, partial[i].x), max(range.y, partial[i].y)); }
  return range;
}

// Mean lightness of the image whose first channel begins at `first`.
fn mean_grey_of(first: u32, local: u32) -> f32 {
  var sum = 0.0;
  for (var p = local; p < H * W; p += 64u) { sum += grey_at(first + p); }
  partial[local] = vec2f(sum);
  workgroupBarrier(); // All parts are written before any is read.
  sum = 0.0;
  for (var i = 0u; i < 64u; i++) { sum += partial[i].x; }
  return sum / f32(H * W);
}

// Makes the table of new levels that equalizes the channel's histogram, in whole numbers like Pillow's.
fn make_table(start: u32, local: u32) {
  for (var i = local; i < 256u; i += 64u) { atomicStore(&table[i], 0u); }
  workgroupBarrier(); // All counts are 0 before the first pixel is counted.
  for (var p = local; p < H * W; p += 64u) { atomicAdd(&table[level_of(images[start + p])], 1u); }
  workgroupBarrier(); // All pixels are counted before the counts are added up.
  if (local == 0u) {
    var last = 255u;
    while (last > 0u && atomicLoad(&table[last]) == 0u) { last--; }
    let width = (H * W - atomicLoad(&table[last])) / 255u;
    var sum = width / 2u;
    for (var i = 0u; i < 256u; i++) {
      let count = atomicLoad(&table[i]);
      var level = i;
      if (width > 0u) { level = min(sum / width, 255u); }
      atomicStore(&table[i], level);
      sum += count;
    }
  }
  workgroupBarrier(); // The table is complete before it is read.
}

fn equalized(value: f32) -> f32 {
  return f32(atomicLoad(&table[level_of(value)])) / 255.0;
}
