"""Features of torchvision's and timm's networks with weights made from a formula: pretrained.safetensors.

Run with Debian's python3-torch and python3-torchvision, and timm 1.0.29:

    pip install --no-deps --target TIMM timm==1.0.29
    PYTHONPATH=TIMM python3 make_pretrained.py

Only the features, and names and shapes of the state dicts, are stored. Every value follows from an integer hash
of its name and flat index (see `fill`), so the test makes the same files in TypeScript.
"""
import json
import struct
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

FILL = """
u(name, i) = ((fnv1a32(name) + i * 2654435761) mod 2^32 finalised by x ^= x>>16; x *= 0x7feb352d; x ^= x>>15;
x *= 0x846ca68b; x ^= x>>16) / 2^32, i = flat index. Weights of rank > 1: (2u-1) * sqrt(3 / fan_in),
fan_in = numel / shape[0]. Weights of batch normalisation: .3 + .6 u, running_var: .5 + u. All else: (2u-1)/10.
Images x: 2 (2u-1). num_batches_tracked: 7. All in float64, then rounded to float32.
"""
IMAGES = (1, 3, 32, 48)


def uniform(name, count):
    start = 0x811C9DC5
    for byte in name.encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    mask = np.uint64(0xFFFFFFFF)
    x = (np.uint64(start) + np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) & mask
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x7FEB352D)) & mask
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(0x846CA68B)) & mask
    x ^= x >> np.uint64(16)
    return x.astype(np.float64) / 2**32


def fill(name, shape):
    if name.endswith("num_batches_tracked"):
        return torch.tensor(7)
    count = int(np.prod(shape, dtype=np.int64))
    u = uniform(name, count)
    if len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(3 / (count / shape[0]))
    elif name.endswith("running_var"):
        values = 0.5 + u
    elif name.endswith("weight"):
        values = 0.3 + 0.6 * u
    else:
        values = (2 * u - 1) / 10
    return torch.from_numpy(values.reshape(shape).astype(np.float32))


def features(network):
    state = network.state_dict()
    network.load_state_dict({name: fill(name, tuple(value.shape)) for name, value in state.items()})
    network.fc = torch.nn.Identity()
    count = int(np.prod(IMAGES))
    x = torch.from_numpy((2 * (2 * uniform("x", count) - 1)).reshape(IMAGES).astype(np.float32))
    with torch.no_grad():
        result = network.eval()(x).numpy()
    return result, {name: list(value.shape) for name, value in state.items()}


def save(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        bytes_ = np.ascontiguousarray(value).tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(bytes_)]}
        data += bytes_
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


networks = {
    "torchvision/resnet18": torchvision.models.resnet18(),
    "torchvision/resnext50": torchvision.models.resnext50_32x4d(),
    "timm/resnet34": timm.create_model("resnet34"),
}
tensors, names = {}, {}
for name, network in networks.items():
    tensors[name], names[name] = features(network)
    print(name, np.abs(tensors[name]).mean(), np.abs(tensors[name]).max())
versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}"
save(
    Path(__file__).with_name("pretrained.safetensors"),
    tensors,
    {"fill": FILL, "images": json.dumps(IMAGES), "state_dicts": json.dumps(names), "versions": versions},
)
