#!/usr/bin/env python3
"""Makes the golden vectors of FixMatch, VAT with entropy minimisation, and ICT.

    apt-get install python3-torch        # Debian 12: PyTorch 1.13.1
    /usr/bin/python3 tests/vectors/make_methods.py

writes fixmatch.safetensors, vat.safetensors and ict.safetensors beside this script. It imports PyTorch only and
follows the papers, not the code of this repository. All is computed in float64 from inputs that float32 holds
exactly, and stored as float32. The same PyTorch gives the same bytes.
"""
import json
import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

FOLDER = Path(__file__).resolve().parent
STEPS, UNLABELLED, LABELLED, CLASSES = 3, 8, 4, 5
IMAGE = (2, 6, 6)
EMA_DECAY, MOMENTUM = 0.6, 0.9
RATES = {"fixmatch": (0.01, 0.008, 0.005), "vat": (0.05, 0.04, 0.025), "ict": (0.01, 0.008, 0.005)}


def save(name, tensors, metadata):
    """Writes a safetensors file: length of the header (u64), JSON header, data as F32 or I32."""
    header, data = {"__metadata__": {key: json.dumps(value) for key, value in metadata.items()}}, b""
    for key, value in tensors.items():
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        is_float = array.dtype.kind == "f"
        raw = np.ascontiguousarray(array, dtype="<f4" if is_float else "<i4").tobytes()
        header[key] = {
            "dtype": "F32" if is_float else "I32",
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / name).write_bytes(struct.pack("<Q", len(text)) + text + data)
    print(name, 8 + len(text) + len(data), "bytes")


def exact(tensor):
    """Rounds to float32 and returns float64, so that stored inputs are the inputs used."""
    return tensor.float().double()


class Network(nn.Module):
    """Convolution 2→6, leaky ReLU, convolution 6→8 (stride 2), leaky ReLU, spatial mean, linear layer 8→5."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(IMAGE[0], 6, 3, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(6, 8, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
        )
        self.heads = nn.ModuleList([nn.Linear(8, CLASSES)])

    def forward(self, x):
        return self.heads[0](self.features(x).mean(dim=(2, 3)))


def network(seed, head_scale):
    """A network of fixed weights; larger head weights give more confident predictions."""
    torch.manual_seed(seed)
    made = Network().double()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name.startswith("heads"):
                parameter.mul_(head_scale)
            parameter.copy_(exact(parameter))
    return made


def batches(seed, extras):
    """Inputs of each step: labels (−1 = unlabelled, which come first), and the draws of `extras`."""
    generator = torch.Generator().manual_seed(seed)
    count = UNLABELLED + LABELLED
    made = []
    for _ in range(STEPS):
        labels = torch.randint(0, CLASSES, (count,), generator=generator)
        labels[:UNLABELLED] = -1
        made.append({"labels": labels, **extras(generator, count)})
    return made


def images(generator, count, scale=2.0):
    return exact(torch.randn(count, *IMAGE, generator=generator, dtype=torch.float64) * scale)


def classification_cost(logits, labels):
    """Mean cross-entropy of the labelled examples."""
    return F.cross_entropy(logits[UNLABELLED:], labels[UNLABELLED:])


def train(start, inputs, rates, costs_of):
    """Trains by SGD (Nesterov momentum, no weight decay), with an averaged teacher.

    `costs_of(student, teacher, batch)` returns named costs, each with its weight, and tensors to store.
    """
    student, teacher = network(*start), network(*start)
    optimizer = torch.optim.SGD(student.parameters(), lr=1, momentum=MOMENTUM, nesterov=True)
    names, parameters = zip(*student.named_parameters())
    tensors, log = {}, []
    for step, (batch, rate) in enumerate(zip(inputs, rates)):
        costs, notes = costs_of(student, teacher, batch)
        total = sum(weight * cost for cost, weight in costs.values())
        if step == 0:
            for cost_name, (cost, _) in costs.items():
                gradients = torch.autograd.grad(cost, parameters, retain_graph=True)
                tensors.update({f"step0/grad_{cost_name}/{n}": g for n, g in zip(names, gradients)})
        optimizer.zero_grad()
        total.backward()
        tensors.update({f"step{step}/grad/{n}": p.grad.clone() for n, p in zip(names, parameters)})
        tensors.update({f"step{step}/{key}": value for key, value in notes.items()})
        log.append({"total": total.item(), **{name: cost.item() for name, (cost, _) in costs.items()}})
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        with torch.no_grad():
            for averaged, parameter in zip(teacher.parameters(), parameters):
                averaged.mul_(EMA_DECAY).add_(parameter, alpha=1 - EMA_DECAY)
    for group, trained in (("student", student), ("teacher", teacher)):
        tensors.update({f"final_{group}/{n}": p for n, p in trained.named_parameters()})
    return tensors, log


def save_method(name, start, inputs, variants, options):
    tensors = {f"init/{n}": p for n, p in network(*start).named_parameters()}
    for step, batch in enumerate(inputs):
        tensors.update({f"step{step}/{key}": value for key, value in batch.items()})
    logs = {}
    for variant, costs_of in variants.items():
        results, logs[variant] = train(start, inputs, RATES[name], costs_of)
        tensors.update({f"{variant}/{key}": value for key, value in results.items()})
    common = {"momentum": MOMENTUM, "nesterov": True, "weight_decay": 0, "ema_decay": EMA_DECAY}
    options = {**common, "learning_rates": RATES[name], "unlabelled": UNLABELLED, **options}
    save(f"{name}.safetensors", tensors, {"options": options, "log": logs})


def make_fixmatch():
    """Sohn et al. 2020, equations 3 and 4; pseudo-labels get no gradient."""
    threshold, weight = 0.6, 1.5

    def costs_with(consistent):
        def costs_of(student, _teacher, batch):
            weak = student(batch["weak"])
            confidence, pseudo_labels = weak.detach().softmax(1).max(1)
            assert (confidence - threshold).abs().min() > 0.004, "a prediction is too near the threshold"
            mask = (confidence >= threshold).double()
            per_example = mask * F.cross_entropy(student(batch["strong"]), pseudo_labels, reduction="none")
            assert 0 < mask[:consistent].sum() < mask[:consistent].numel(), "all examples are alike"
            costs = {
                "classification": (classification_cost(weak, batch["labels"]), 1),
                "consistency": (per_example[:consistent].mean(), weight),
            }
            return costs, {"confidence": confidence, "mask": mask, "consistency_per_example": per_example}
        return costs_of

    def views(generator, count):
        weak = images(generator, count)
        return {"weak": weak, "strong": exact(weak + images(generator, count, 1.0))}

    variants = {"unlabelled": costs_with(UNLABELLED), "all": costs_with(UNLABELLED + LABELLED)}
    save_method("fixmatch", (6, 20), batches(27, views), variants, {"threshold": threshold, "weight": weight})


def kl_divergence(p_logits, q_logits):
    """KL(p ‖ q) of each example; p gets no gradient."""
    log_p = p_logits.detach().log_softmax(1)
    return (log_p.exp() * (log_p - q_logits.log_softmax(1))).sum(1)


def unit(direction):
    """Each example's direction, of length 1 over channels and pixels."""
    return direction / direction.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)


def make_vat():
    """Miyato et al. 2018, algorithm 1 with one power iteration, plus the conditional entropy."""
    epsilon, xi, weight, entropy_weight = 2.0, 0.1, 1.0, 0.5

    def costs_with(regularised):
        def costs_of(student, _teacher, batch):
            x = batch["images"]
            logits = student(x)
            r = (xi * unit(batch["direction"])).requires_grad_()
            (gradient,) = torch.autograd.grad(kl_divergence(logits, student(x + r)).sum(), r)
            adversarial = epsilon * unit(gradient.detach())
            divergence = kl_divergence(logits, student(x + adversarial))
            entropy = -(logits.softmax(1) * logits.log_softmax(1)).sum(1)
            costs = {
                "classification": (classification_cost(logits, batch["labels"]), 1),
                "consistency": (divergence[:regularised].mean(), weight),
                "entropy": (entropy[:regularised].mean(), entropy_weight),
            }
            return costs, {"adversarial": adversarial}
        return costs_of

    def draws(generator, count):
        return {"images": images(generator, count), "direction": images(generator, count, 1.0)}

    variants = {"unlabelled": costs_with(UNLABELLED), "all": costs_with(UNLABELLED + LABELLED)}
    options = {"epsilon": epsilon, "xi": xi, "weight": weight, "entropy_weight": entropy_weight}
    save_method("vat", (6, 8), batches(12, draws), variants, options)


def make_ict():
    """Verma et al. 2019, algorithm 1: mixed unlabelled examples against the mixed outputs of the teacher.

    The paper mixes predictions (`probabilities`); its authors' program mixes logits (`logits`).
    """
    weight = 100.0

    def costs_with(mixed):
        def costs_of(student, teacher, batch):
            x, order, share = batch["images"][:UNLABELLED], batch["permutation"].long(), batch["lambda"]
            with torch.no_grad():
                outputs = teacher(x)
                outputs = outputs.softmax(1) if mixed == "probabilities" else outputs
                target = share * outputs + (1 - share) * outputs[order]
                target = target if mixed == "probabilities" else target.softmax(1)
            predicted = student(share * x + (1 - share) * x[order]).softmax(1)
            costs = {
                "classification": (classification_cost(student(batch["images"]), batch["labels"]), 1),
                "consistency": (((predicted - target) ** 2).mean(), weight),
            }
            return costs, {"target": target}
        return costs_of

    def draws(generator, count):
        return {
            "images": images(generator, count),
            "permutation": torch.randperm(UNLABELLED, generator=generator),
            "lambda": exact(torch.rand((), generator=generator, dtype=torch.float64)),
        }

    variants = {mixed: costs_with(mixed) for mixed in ("probabilities", "logits")}
    save_method("ict", (6, 12), batches(13, draws), variants, {"weight": weight})


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_fixmatch()
    make_vat()
    make_ict()
