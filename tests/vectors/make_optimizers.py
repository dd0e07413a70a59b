#!/usr/bin/env python3
"""Makes the golden vectors of AdamW, clipping by global norm and learning-rate schedules.

    /usr/bin/python3 tests/vectors/make_optimizers.py

writes optimizers.safetensors beside this script; make_methods.py says how the numbers are computed and stored. They are
those of PyTorch's own optimiser, clipping and schedulers.
"""
import math

import torch
from torch import nn

from make_methods import exact, save


def parameters_with(gradients, starts):
    made = [nn.Parameter(start.clone()) for start in starts]
    for parameter, gradient in zip(made, gradients):
        parameter.grad = gradient.clone()
    return made


def make_optimizers():
    """torch.optim.AdamW, torch.nn.utils.clip_grad_norm_, and schedules of torch.optim.lr_scheduler."""
    generator = torch.Generator().manual_seed(14)
    shapes = {"weight": (2, 3), "bias": (5,)}
    steps, rates = 6, [0.1 / (1 + step) for step in range(6)]
    draw = lambda shape: exact(torch.randn(*shape, generator=generator, dtype=torch.float64))
    starts = [draw(shape) for shape in shapes.values()]
    gradients = [[draw(shape) for shape in shapes.values()] for _ in range(steps)]
    for step, (_, bias) in enumerate(gradients):
        bias[0] = 0
        bias[1] = exact(bias[1] * 1e-6)
        if step == 3:  # A step of gradient 0 in everything: clipping must not divide by 0.
            gradients[step] = [torch.zeros_like(gradient) for gradient in gradients[step]]
    tensors = {f"init/{name}": start for name, start in zip(shapes, starts)}
    for step, each in enumerate(gradients):
        tensors.update({f"step{step}/{name}": gradient for name, gradient in zip(shapes, each)})

    adamw = {
        "default": {},
        "decay": {"weight_decay": 0.1, "betas": [0.8, 0.99], "eps": 1e-6},
        "none": {"weight_decay": 0},
        "clipped": {"weight_decay": 0.05, "clip": 1.5},
    }
    for name, options in adamw.items():
        parameters = parameters_with(gradients[0], starts)
        clip = options.get("clip")
        optimizer = torch.optim.AdamW(parameters, **{k: v for k, v in options.items() if k != "clip"})
        for each, rate in zip(gradients, rates):
            for parameter, gradient in zip(parameters, each):
                parameter.grad = gradient.clone()
            if clip:
                nn.utils.clip_grad_norm_(parameters, clip)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
        for key, parameter in zip(shapes, parameters):
            tensors[f"adamw/{name}/final/{key}"] = parameter
            tensors[f"adamw/{name}/first_moment/{key}"] = optimizer.state[parameter]["exp_avg"]
            tensors[f"adamw/{name}/second_moment/{key}"] = optimizer.state[parameter]["exp_avg_sq"]

    clips = {}
    for limit in (0.25, 1.5, 100.0):
        for step, each in enumerate(gradients):
            parameters = parameters_with(each, starts)
            norm = nn.utils.clip_grad_norm_(parameters, limit)
            clips[f"{limit}/step{step}"] = norm.item()
            tensors.update({f"clip/{limit}/step{step}/{k}": p.grad for k, p in zip(shapes, parameters)})
    metadata = {"learning_rates": rates, "adamw": adamw, "clip_norms": clips, "schedules": schedules()}
    save("optimizers.safetensors", tensors, metadata)


def schedules():
    """Learning rates of 24 steps, by PyTorch's schedulers; the last is FixMatch's lr · cos(7πk / 16K)."""
    rate, steps = 0.03, 24
    of = {
        "constant": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda _: 1),
        "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps),
        "cosine_to_0.001": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps, eta_min=0.001),
        "step_every_10_by_0.1": lambda o: torch.optim.lr_scheduler.StepLR(o, 10, gamma=0.1),
        "steps_at_5_12_by_0.2": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [5, 12], gamma=0.2),
        "cosine_7_16": lambda o: torch.optim.lr_scheduler.LambdaLR(
            o, lambda k: math.cos(7 * math.pi * k / (16 * steps))),
    }
    made = {}
    for name, scheduler_of in of.items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler = scheduler_of(optimizer)
        made[name] = []
        for _ in range(steps):
            made[name].append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return {"rate": rate, "steps": steps, "rates": made}


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_optimizers()
