"""The detector's network, its inputs and its loss, for PyTorch."""

import math

import torch

INPUTS, HIDDEN, HORIZONS = 12, 8, (1, 4, 16, 48)
WINDOW, EVERY, MEMORY = 32, 4, 1024
NU, LEARNING_RATE, NORM_CLIP = 4.0, 2e-3, 1.0


def features(series):
    """Value, change, four harmonics of the day, one of the week: [samples][12]."""
    rows = []
    for t, value in enumerate(series):
        day, week = 2 * math.pi * (t % 1440) / 1440, 2 * math.pi * (t % 10080) / 10080
        row = [value, value - series[t - 1] if t else 0.0]
        for harmonic in range(1, 5):
            row += [math.sin(harmonic * day), math.cos(harmonic * day)]
        rows.append(row + [math.sin(week), math.cos(week)])
    return torch.tensor(rows, dtype=torch.float32)


def loss(y, targets):
    """Mean over the window of the summed negative log likelihood of known targets; y: [..., 2 x 4],
    alternating means and log-scales. Unknown targets are NaN."""
    log_scale = y[..., 1::2].clamp(-5.0, 3.0)
    known = ~torch.isnan(targets)
    e = torch.where(known, (targets - y[..., 0::2]) * torch.exp(-log_scale), 0.0)
    likelihood = log_scale + (NU + 1) / 2 * torch.log1p(e * e / NU)
    return (likelihood * known).sum() / WINDOW
