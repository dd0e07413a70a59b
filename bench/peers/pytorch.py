"""The works in PyTorch, the native reference: `python3 pytorch.py float32|tf32|bfloat16`.

The program answers the requests of worker.ts.

float32 runs on CUDA with TF32 off, or on the processor if there is no CUDA; tf32 and bfloat16 need CUDA. Works and
formulas are the same as in works.ts.
"""

import json
import os
import re
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

PRECISION = sys.argv[1]
CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
DTYPE = torch.bfloat16 if PRECISION == "bfloat16" else torch.float32
# Tensor cores are fastest with channels last; otherwise N C H W is faster.
LAYOUT = torch.contiguous_format if PRECISION == "float32" else torch.channels_last

BATCH, SIZE, CHANNELS, CLASSES = 100, 28, [1, 32, 64, 128], 10
LEARNING_RATE, MOMENTUM, CONSISTENCY_WEIGHT, EMA_DECAY = 0.05, 0.9, 1.0, 0.99
COMPARED_STEPS = 3
A, B, IMAGES, TEACHER_IMAGES, WEIGHTS = 0, 1, 2, 3, 10


def formula(stream, *shape):
    count = int(torch.Size(shape).numel())
    i = torch.arange(count, dtype=torch.int64)
    values = ((i * i * 31 + i * 7919 + stream * 101) % 2003).double() / 1001 - 1
    return values.float().reshape(shape).to(DEVICE)


def images(stream, *shape):
    return formula(stream, *shape).to(DTYPE).contiguous(memory_format=LAYOUT)


def checksum(values):
    flat = values.float().contiguous().flatten().cpu()
    spread = [flat[int((i + 0.5) / 8 * flat.numel())].item() for i in range(8)]
    return [flat.abs().double().mean().item(), *spread]


class Kernel:
    """Work whose outputs are compared."""

    def __init__(self, compute):
        self.compute = compute

    def run(self):
        self.outputs = self.compute()

    def results(self):
        return [checksum(output) for output in self.outputs]


def matmul():
    a, b = formula(A, 1024, 1024).to(DTYPE), formula(B, 1024, 1024).to(DTYPE)
    return Kernel(lambda: [a @ b])


def convolution():
    x, dy = images(A, 16, 64, 32, 32).requires_grad_(), images(IMAGES, 16, 64, 32, 32)
    w = images(B, 64, 64, 3, 3).requires_grad_()

    def compute():
        y = F.conv2d(x, w, padding=1)
        return [y.detach(), *torch.autograd.grad(y, [x, w], dy)]

    return Kernel(compute)


def network():
    def block(inputs, outputs):
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]

    a, b, c, d = CHANNELS
    layers = [*block(a, b), nn.MaxPool2d(2), *block(b, c), nn.MaxPool2d(2), *block(c, d)]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(d, CLASSES)).to(DEVICE)
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            if parameter.dim() > 1:
                fan_in = parameter.numel() / parameter.shape[0]
                parameter.copy_(formula(WEIGHTS + i, *parameter.shape) * (6 / fan_in) ** 0.5)
        model[-1].bias.zero_()
    return model.to(memory_format=LAYOUT)


class Step:
    """The Mean Teacher step in eager mode, as it is usually written."""

    def __init__(self):
        self.student, self.teacher = network(), network().requires_grad_(False)
        self.weights, self.averages = list(self.student.parameters()), list(self.teacher.parameters())
        self.optimizer = torch.optim.SGD(self.weights, LEARNING_RATE, momentum=MOMENTUM, nesterov=True)
        shape = [BATCH, CHANNELS[0], SIZE, SIZE]
        layout = {"memory_format": LAYOUT}
        self.images = formula(IMAGES, *shape).contiguous(**layout)
        self.teacher_images = formula(TEACHER_IMAGES, *shape).contiguous(**layout)
        labels = [i // 2 % CLASSES if i % 2 else -1 for i in range(BATCH)]
        self.labels = torch.tensor(labels, device=DEVICE)
        self.costs = []

    def run(self):
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=PRECISION == "bfloat16"):
            logits = self.student(self.images)
            with torch.no_grad():
                probabilities = F.softmax(self.teacher(self.teacher_images), 1)
            classification = F.cross_entropy(logits, self.labels, ignore_index=-1, reduction="sum") / BATCH
            consistency = F.mse_loss(F.softmax(logits, 1), probabilities)
            cost = classification + CONSISTENCY_WEIGHT * consistency
        self.optimizer.zero_grad(set_to_none=True)
        cost.backward()
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_mul_(self.averages, EMA_DECAY)
            torch._foreach_add_(self.averages, self.weights, alpha=1 - EMA_DECAY)
        if len(self.costs) < COMPARED_STEPS:
            self.costs.append(cost.detach())

    def results(self):
        return [[cost.item()] for cost in self.costs]


WORKS = {"matmul-1024": matmul, "conv3x3-forward-backward": convolution, "mean-teacher-step-small": Step}


def milliseconds_of(work, times):
    start = time.perf_counter()
    for _ in range(times):
        work.run()
    if CUDA:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1000


def peak_memory():
    try:
        with open("/proc/self/status", encoding="utf-8") as status:
            return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) / 1024
    except OSError:
        return None


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return re.search(r"model name\s*: (.*)", lines.read())[1]
    except (OSError, TypeError):
        return "cpu"


def answer(request, state):
    if request["ask"] == "prepare":
        if PRECISION != "float32" and not CUDA:
            return {"unavailable": "this precision needs CUDA"}
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = PRECISION == "tf32"
        torch.backends.cudnn.benchmark = True
        work = state["work"] = WORKS[request["work"]]()
        device = torch.cuda.get_device_name() if CUDA else f"{processor()}, {torch.get_num_threads()} threads"
        milliseconds = milliseconds_of(work, 1)
        return {"device": device, "version": torch.__version__, "milliseconds": milliseconds}
    if request["ask"] == "memory":
        return {"peakMemoryMiB": peak_memory()}
    if request["ask"] == "results":
        return {"results": state["work"].results()}
    return {"milliseconds": milliseconds_of(state["work"], request["times"])}


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    state = {}
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), state)
        except Exception as error:  # the comparison continues without this peer
            reply = {"unavailable": str(error)}
        print(json.dumps(reply), flush=True)


main()
