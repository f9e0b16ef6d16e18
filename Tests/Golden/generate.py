#!/usr/bin/env python3
"""Writes lstm.json: what PyTorch computes for the networks that NetworksTests checks against.

    python3 -m venv .build/torch
    .build/torch/bin/pip install torch==2.13.0 numpy
    .build/torch/bin/python Tests/Golden/generate.py            # rewrites Tests/Golden/lstm.json
    .build/torch/bin/python Tests/Golden/generate.py --check    # compares instead of writing

Layers and losses by themselves are in generate_layers.py and layers.json, networks of symbols in
generate_symbols.py and symbols.json.

The network is torch.nn.LSTM (one layer, gates in the order i, f, g, o) and a linear head over
[h; 1; x]. Output 2q is the mean of horizon q, output 2q+1 its log-scale. The loss is the Student-t
negative log likelihood, summed over the known targets and divided by the number of steps. Everything
is computed in float64; weights, inputs, state and targets are float32 numbers, so that a float32
implementation starts from exactly the same values.
"""

import argparse
import json
import math
import pathlib
import platform
import sys

import torch

NU = 4.0
LOG_SCALE_BOUNDS = (-5.0, 3.0)
LEARNING_RATE = 2e-3
BETAS = (0.9, 0.999)
EPSILON = 1e-8
NORM_CLIP = 1.0
UPDATES = 3
# Adam's first step is nearly lr * sign(gradient): of a gradient close to zero it would show only
# float32 rounding. Targets are drawn anew until no clipped gradient is smaller than this.
SMALLEST_GRADIENT = 4e-5
DRAWS = 6000


class ClipInward(torch.autograd.Function):
    """Clamps; lets a gradient through outside the bounds only where descent leads back inside."""

    @staticmethod
    def forward(context, value, low, high):
        context.save_for_backward(value)
        context.bounds = (low, high)
        return value.clamp(low, high)

    @staticmethod
    def backward(context, gradient):
        (value,) = context.saved_tensors
        low, high = context.bounds
        outward = ((value > high) & (gradient < 0)) | ((value < low) & (gradient > 0))
        return torch.where(outward, torch.zeros_like(gradient), gradient), None, None


class Network(torch.nn.Module):
    """The forecaster: LSTM, and a head that sees the hidden state and the input."""

    def __init__(self, inputs, hidden, horizons):
        super().__init__()
        self.lstm = torch.nn.LSTM(inputs, hidden, num_layers=1)
        self.lstm.bias_hh_l0.requires_grad_(False).zero_()  # one bias vector, not two
        outputs = 2 * horizons
        self.head_h = torch.nn.Parameter(torch.zeros(outputs, hidden))
        self.head_bias = torch.nn.Parameter(torch.zeros(outputs))
        self.head_x = torch.nn.Parameter(torch.zeros(outputs, inputs))

    def learnt(self):
        """The learnt parameters under the names of the file."""
        return {
            "weightIH": self.lstm.weight_ih_l0,
            "weightHH": self.lstm.weight_hh_l0,
            "bias": self.lstm.bias_ih_l0,
            "headH": self.head_h,
            "headBias": self.head_bias,
            "headX": self.head_x,
        }

    def forward(self, x, h, c):
        """Returns h, c and y after each step; x is [steps][inputs], h and c are [hidden]."""
        hs, cs = [], []
        state = (h[None], c[None])
        for step in x:
            _, state = self.lstm(step[None], state)
            hs.append(state[0][0])
            cs.append(state[1][0])
        hs, cs = torch.stack(hs), torch.stack(cs)
        return hs, cs, hs @ self.head_h.T + self.head_bias + x @ self.head_x.T


def student_t_loss(y, targets, known):
    """Negative log likelihood over known targets, divided by the number of steps."""
    mean, log_scale = y[:, 0::2], ClipInward.apply(y[:, 1::2], *LOG_SCALE_BOUNDS)
    likelihood = torch.distributions.StudentT(NU, mean, torch.exp(log_scale))
    return -(likelihood.log_prob(targets) * known).sum() / y.shape[0]


def gradient_norm(network):
    return math.sqrt(sum((p.grad**2).sum().item() for p in network.learnt().values()))


def as_float32(tensor):
    return tensor.to(torch.float32).to(torch.float64)


def smallest_gradient(case):
    """The gradient closest to zero, after the norm's clip."""
    network = case["network"]
    network.zero_grad()
    _, _, y = network(case["x"], case["h"], case["c"])
    student_t_loss(y, case["targets"], case["known"]).backward()
    smallest = min(p.grad.abs().min().item() for p in network.learnt().values())
    return smallest * min(1.0, NORM_CLIP / gradient_norm(network))


def random_case(name, inputs, hidden, horizons, steps, noise, clipped, seed):
    """One network, window and targets, all of them float32 numbers."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    network = Network(inputs, hidden, horizons).double()
    with torch.no_grad():
        learnt = network.learnt()
        learnt["weightIH"].copy_(as_float32(normal(4 * hidden, inputs) * 0.6 / inputs**0.5))
        learnt["weightHH"].copy_(as_float32(normal(4 * hidden, hidden) * 0.6 / hidden**0.5))
        bias = normal(4 * hidden) * 0.2
        bias[hidden : 2 * hidden] += 1
        learnt["bias"].copy_(as_float32(bias))
        learnt["headH"].copy_(as_float32(normal(2 * horizons, hidden) * 2 / hidden**0.5))
        learnt["headX"].copy_(as_float32(normal(2 * horizons, inputs) * 0.6 / inputs**0.5))
        head_bias = normal(2 * horizons) * 0.3
        if clipped:
            # The first horizon's log-scale hovers at the lower bound, the last one's at the upper.
            head_bias[1] += LOG_SCALE_BOUNDS[0]
            head_bias[-1] += LOG_SCALE_BOUNDS[1]
        else:
            head_bias[1::2] += 2  # a wide scale: small gradients
        learnt["headBias"].copy_(as_float32(head_bias))

        x = as_float32(normal(steps, inputs))
        h = as_float32(torch.tanh(normal(hidden)) * 0.7)
        c = as_float32(normal(hidden))
        _, _, y = network(x, h, c)
        known = torch.rand(steps, horizons, generator=generator) < 0.8
        known[-1, :] = False  # a step of which no target is known yet
        known[-2, 0] = True

        def draw_targets():
            # From far inside the scale to far outside it, on both sides.
            spread = torch.exp(normal(steps, horizons) * noise) * normal(steps, horizons)
            scale = torch.exp(y[:, 1::2].clamp(*LOG_SCALE_BOUNDS))
            return as_float32(y[:, 0::2] + scale * spread)

        targets = draw_targets()
    case = {
        "name": name, "seed": seed, "network": network, "x": x, "h": h, "c": c,
        "targets": targets, "known": known,
    }
    if clipped and min(paths_taken(case).values()) == 0:
        return None
    smallest = smallest_gradient(case)
    for _ in range(DRAWS):
        if smallest >= SMALLEST_GRADIENT:
            return case
        step = int(torch.randint(steps, (1,), generator=generator))
        before = targets.clone()
        targets[step] = draw_targets()[step]
        found = smallest_gradient(case)
        if found > smallest and (not clipped or min(paths_taken(case).values()) > 0):
            smallest = found
        else:
            targets.copy_(before)
    return None


def paths_taken(case):
    """How many (step, horizon) pairs take each path of the loss's gradient."""
    with torch.no_grad():
        _, _, y = case["network"](case["x"], case["h"], case["c"])
    mean, raw = y[:, 0::2], y[:, 1::2]
    low, high = LOG_SCALE_BOUNDS
    e = (case["targets"] - mean) / torch.exp(raw.clamp(low, high))
    slope = 1 - (NU + 1) / (NU + e**2) * e**2
    known = case["known"]

    def count(selected):
        return int((selected & known).sum())

    return {
        "unknown": int((~known).sum()),
        "inside": count((raw >= low) & (raw <= high)),
        "belowAndStopped": count((raw < low) & (slope > 0)),
        "belowAndReturning": count((raw < low) & (slope <= 0)),
        "aboveAndStopped": count((raw > high) & (slope < 0)),
        "aboveAndReturning": count((raw > high) & (slope >= 0)),
    }


def numbers(tensor):
    return tensor.detach().tolist()


def run(case):
    """Forward, gradient, and the parameters after one and after three Adam updates."""
    network, x, h, c = case["network"], case["x"], case["h"], case["c"]
    learnt = network.learnt()

    def parameters():
        return {name: numbers(p) for name, p in learnt.items()}

    with torch.no_grad():
        hs, cs, y = network(x, h, c)
        single = network.float()(x.float(), h.float(), c.float())
        network.double()
        deviation = max((a - b).abs().max().item() for a, b in zip(single, (hs, cs, y)))
    result = {
        "pathsTaken": paths_taken(case),
        "smallestClippedGradient": smallest_gradient(case),
        "float32Deviation": deviation,
        "parameters": parameters(),
        "window": {
            "x": numbers(x), "h": numbers(h), "c": numbers(c),
            "targets": numbers(case["targets"]), "known": case["known"].tolist()},
        "forward": {"h": numbers(hs), "c": numbers(cs), "y": numbers(y)},
        "gradient": None,
        "losses": [],
        "gradientNorms": [],
    }
    optimiser = torch.optim.Adam(learnt.values(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    for update in range(UPDATES):
        optimiser.zero_grad()
        loss = student_t_loss(network(x, h, c)[2], case["targets"], case["known"])
        loss.backward()
        norm = gradient_norm(network)
        result["losses"].append(loss.item())
        result["gradientNorms"].append(norm)
        if update == 0:
            result["gradient"] = {name: numbers(p.grad) for name, p in learnt.items()}
        for p in learnt.values():
            p.grad.mul_(min(1.0, NORM_CLIP / norm))
        optimiser.step()
        if update == 0:
            result["afterOneUpdate"] = parameters()
    result["afterThreeUpdates"] = parameters()
    return result


def golden_case(name, inputs, hidden, horizons, steps, noise, clipped, seeds):
    """The first seed whose window takes every path, with a gradient norm on the wanted side."""
    for seed in seeds:
        case = random_case(name, inputs, hidden, horizons, steps, noise, clipped, seed)
        if case is None:
            continue
        result = run(case)
        if all((norm > NORM_CLIP) == clipped for norm in result["gradientNorms"]):
            shape = {"inputs": inputs, "hidden": hidden, "horizons": horizons, "steps": steps}
            return {"name": name, "seed": seed, "shape": shape, **result}
    sys.exit(f"generate.py: no seed of {seeds} takes every path of case {name!r}")


def golden():
    torch.set_num_threads(1)
    constant = (
        math.lgamma(NU / 2) - math.lgamma((NU + 1) / 2) + math.log(NU * math.pi) / 2)
    return {
        "header": {
            "generator": "Tests/Golden/generate.py",
            "torch": torch.__version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "computedIn": "float64",
        },
        "training": {
            "degreesOfFreedom": NU,
            "logScaleLow": LOG_SCALE_BOUNDS[0],
            "logScaleHigh": LOG_SCALE_BOUNDS[1],
            "learningRate": LEARNING_RATE,
            "beta1": BETAS[0],
            "beta2": BETAS[1],
            "epsilon": EPSILON,
            "normClip": NORM_CLIP,
            "lossConstantPerKnownTarget": constant,
        },
        "cases": [
            golden_case("even", 12, 8, 4, 32, 1.0, clipped=True, seeds=range(1, 20)),
            golden_case("odd tails", 5, 13, 2, 32, 1.0, clipped=True, seeds=range(1, 20)),
            golden_case("unclipped", 3, 5, 1, 7, 0.1, clipped=False, seeds=range(1, 400)),
        ],
    }


def encode(document):
    """JSON with one row of numbers a line, so that a difference shows where it is."""

    def lines(value, indent):
        pad = "  " * indent
        if isinstance(value, dict):
            inner = ",\n".join(
                f"{pad}  {json.dumps(key)}: {lines(item, indent + 1)}"
                for key, item in value.items())
            return "{\n" + inner + "\n" + pad + "}"
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            inner = ",\n".join(f"{pad}  {lines(item, indent + 1)}" for item in value)
            return "[\n" + inner + "\n" + pad + "]"
        return json.dumps(value)

    return lines(document, 0) + "\n"


def differences(a, b, path="$"):
    """Yields the places where two documents differ by more than rounding between builds."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            if path != "$.header":
                yield from differences(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{index}]")
    elif isinstance(a, float) and isinstance(b, float) and "float32Deviation" not in path:
        if abs(a - b) > 1e-10 * max(1, abs(a)):
            yield f"{path}: {a} and {b}"
    elif a != b and "float32Deviation" not in path:
        yield f"{path}: {a!r} and {b!r}"


def write_or_check(document, name, description):
    """Writes a document beside this file or, with --check, compares it with the one that is there."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    path = pathlib.Path(__file__).parent / name
    if options.check:
        found = list(differences(json.loads(path.read_text()), document))
        print("\n".join(found[:20]))
        sys.exit(f"{len(found)} differences" if found else 0)
    path.write_text(encode(document))
    print(f"wrote {path}")


def main():
    document = golden()
    for case in document["cases"]:
        print(
            f"{case['name']}: seed {case['seed']}, losses {[round(v, 3) for v in case['losses']]}, "
            f"gradient norms {[round(n, 3) for n in case['gradientNorms']]}, "
            f"paths {case['pathsTaken']}, float32 forward within {case['float32Deviation']:.1e}")
    write_or_check(document, "lstm.json", __doc__.splitlines()[0])


if __name__ == "__main__":
    main()
