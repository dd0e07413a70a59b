#!/usr/bin/env python3
"""Makes the golden vectors of class weights and label smoothing.

    apt-get install python3-torch        # Debian 12: PyTorch 1.13.1
    /usr/bin/python3 tests/vectors/make_classification.py

writes classification.safetensors beside this script: PyTorch's cross_entropy with `weight`, `label_smoothing`,
`ignore_index=-1` and `reduction="mean"`, and its gradient. All is computed in float64 from inputs that float32
holds exactly, and stored as float32. The same PyTorch gives the same bytes.
"""
import torch
import torch.nn.functional as F

from make_methods import exact, save

ROWS, CLASSES = 12, 5
WEIGHTS = {
    "plain": None,
    "weighted": [0.5, 2.0, 1.0, 0.25, 3.0],
    "one_zero": [0.0, 1.5, 1.0, 0.75, 2.0],
}
SMOOTHING = {"0": 0.0, "0.1": 0.1, "0.5": 0.5}


def main():
    torch.manual_seed(5)
    logits = exact(3 * torch.randn(ROWS, CLASSES, dtype=torch.float64))
    labels = torch.tensor([0, 4, -1, 1, 1, 3, -1, -1, 2, 0, 4, -1])
    tensors = {"logits": logits, "labels": labels}
    for name, weights in WEIGHTS.items():
        weight = None if weights is None else torch.tensor(weights, dtype=torch.float64)
        if weight is not None:
            tensors[f"{name}/weights"] = weight
        for text, smoothing in SMOOTHING.items():
            x = logits.clone().requires_grad_()
            cost = F.cross_entropy(x, labels, weight=weight, ignore_index=-1, label_smoothing=smoothing)
            cost.backward()
            tensors[f"{name}/{text}/cost"] = cost
            tensors[f"{name}/{text}/gradient"] = x.grad
    save("classification.safetensors", tensors, {"labelled": int((labels >= 0).sum())})


if __name__ == "__main__":
    main()
