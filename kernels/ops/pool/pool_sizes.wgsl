// Sizes of pooling: windows of KERNEL × KERNEL elements of [PLANES, H, W], one for each element of [PLANES, OH, OW]
override PLANES: u32;
override H: u32;
override W: u32;
override OH: u32;
override OW: u32;
override KERNEL: u32;
override STRIDE: u32;
override PADDING: u32;
