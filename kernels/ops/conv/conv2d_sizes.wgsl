// Sizes of a convolution, for the shaders of one element per invocation: images [N, G·CG, H, W] and [N, G·OG, OH, OW], weight [G·OG, CG, KH, KW]
override N: u32;
override H: u32;
override W: u32;
override CG: u32;
override OG: u32;
override G: u32;
override KH: u32;
override KW: u32;
override OH: u32;
override OW: u32;
override STRIDE: u32;
override PADDING: u32;
override CHUNKS: u32;
override ROWS: u32;
override LENGTH: u32;
