"""The detector of docs/detector.md, sections 1 to 7, written for reading: slow, in double precision, and
sharing nothing with Sources/Detection. parity.py takes its scores as what is right. Needs numpy.

Left out: what the golden series never reach or tolerances hide (reduced precision, section 8, thinning of
value memories), and everything that changes no score (display, band, onsets).
"""

import math

import numpy as np

HORIZONS = (1, 4, 16, 48)
UNITS, INPUTS, CHUNK, MEMORY, PRIMING = 8, 12, 32, 1024, 100
DAY, WEEK = 86_400, 604_800


def clip(value, low, high):
    return max(low, min(high, value))


class Random:
    """xorshift64, section 1."""

    def __init__(self, seed):
        self.state = (seed * 0x9E3779B97F4A7C15 + 88172645463325252) % 2**64 or 1
        for _ in range(8):
            self.uniform()

    def uniform(self):
        x = self.state
        x ^= x << 13 & 2**64 - 1
        x ^= x >> 7
        x ^= x << 17 & 2**64 - 1
        self.state = x
        return (x >> 11) / 2**53

    def normal(self):
        u, v = self.uniform() + 1e-12, self.uniform()
        return math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -80, 80)))


class Network:
    """Section 3: an LSTM with a linear head over [h; 1; input], trained by truncated backpropagation."""

    def __init__(self, seed):
        self.random = Random(1000 * seed + 7)
        gate = [[self.random.normal() * 0.6 / math.sqrt(INPUTS if row < INPUTS else UNITS)
                 for _ in range(4 * UNITS)] for row in range(INPUTS + UNITS)]
        head = [[self.random.normal() * 0.1 / math.sqrt(UNITS) for _ in range(8)] for _ in range(UNITS)]
        bias = np.repeat([0.0, 1, 0, 0], UNITS)
        skip = np.zeros((1 + INPUTS, 8))
        skip[1, ::2] = 1
        self.weights = [np.vstack([gate, bias]), np.vstack([head, skip])]
        self.first = [np.zeros_like(w) for w in self.weights]
        self.second = [np.zeros_like(w) for w in self.weights]
        self.updates = 0
        self.h, self.c = np.zeros(UNITS), np.zeros(UNITS)

    def step(self, x, h, c):
        a = np.concatenate([x, h, [1]]) @ self.weights[0]
        i, f, o = sigmoid(a[:8]), sigmoid(a[8:16]), sigmoid(a[24:])
        g = np.tanh(a[16:24])
        c_new = f * c + i * g
        t = np.tanh(c_new)
        return o * t, c_new, (i, f, g, o, c, t, h)

    def head(self, x, h):
        return np.concatenate([h, [1], x]) @ self.weights[1]

    def learn(self, inputs, state, targets, known):
        h, c = state
        kept, hidden, outputs = [], [], []
        for x in inputs:
            h, c, inner = self.step(x, h, c)
            kept.append(inner)
            hidden.append(h)
            outputs.append(self.head(x, h))
        gradients = [np.zeros_like(w) for w in self.weights]
        dh, dc = np.zeros(UNITS), np.zeros(UNITS)
        for k in reversed(range(CHUNK)):
            m, raw = outputs[k][::2], outputs[k][1::2]
            scale = np.exp(np.clip(raw, -5, 3))
            e = (targets[k] - m) / scale
            w = 5 / (4 + e * e)
            rest = 1 - w * e * e
            dm = np.where(known[k], -w * e / scale / CHUNK, 0)
            dl = np.where(known[k] & ~((raw > 3) & (rest < 0)) & ~((raw < -5) & (rest > 0)), rest / CHUNK, 0)
            dy = np.stack([dm, dl], 1).ravel()
            gradients[1] += np.outer(np.concatenate([hidden[k], [1], inputs[k]]), dy)
            dh = dh + self.weights[1][:UNITS] @ dy
            i, f, g, o, before, t, h_before = kept[k]
            dc = dc + dh * o * (1 - t * t)
            da = np.concatenate([dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g),
                                 dh * t * o * (1 - o)])
            dc = dc * f
            gradients[0] += np.outer(np.concatenate([inputs[k], h_before, [1]]), da)
            dh = self.weights[0][INPUTS:INPUTS + UNITS] @ da
        norm = math.sqrt(sum((g * g).sum() for g in gradients))
        if not norm < 1e6:
            return
        self.updates += 1
        for w, g, m, v in zip(self.weights, gradients, self.first, self.second):
            g = g / max(norm, 1)
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= 2e-3 * (m / (1 - 0.9**self.updates)) / (np.sqrt(v / (1 - 0.999**self.updates)) + 1e-8)


class Forecaster:
    """Sections 2 and 3."""

    def __init__(self, seed):
        self.network = Network(seed)
        self.buffer, self.z, self.inputs = [], [], []
        self.states, self.forecasts = {}, {}
        self.mean = self.variance = 0.0
        self.a = self.b = self.gate = 0.0
        self.latest = 0.0
        self.seen = 0

    @property
    def ready(self):
        return self.seen >= PRIMING

    @property
    def deviation(self):
        return math.sqrt(self.variance)

    def scaled(self, x):
        return math.asinh((x - self.mean) / self.deviation)

    def unscaled(self, z):
        return self.mean + self.deviation * math.sinh(clip(z, -12, 12))

    def forecast(self, horizon):
        y = self.forecasts.get(self.seen - HORIZONS[horizon])
        return (y[2 * horizon], math.exp(clip(y[2 * horizon + 1], -5, 3))) if y is not None else (0.0, 1.0)

    def gated(self):
        return self.latest + self.gate * (self.forecast(0)[0] - self.z[-1])

    def append(self, z, moment):
        day, week = moment % DAY / DAY, (moment + 3 * DAY) % WEEK / WEEK
        day, week = math.floor(day * 1024) / 1024, math.floor(week * 1024) / 1024
        clipped = clip(z, -4, 4)
        features = [clipped, clipped - self.z[-1] if self.z else 0.0]
        for turns in 1, 2, 3, 4:
            features += [math.sin(2 * math.pi * turns * day), math.cos(2 * math.pi * turns * day)]
        features += [math.sin(2 * math.pi * week), math.cos(2 * math.pi * week)]
        self.z.append(clipped)
        self.inputs.append(np.array(features))
        self.latest = z

    def train(self, start, now):
        at = start + np.arange(CHUNK)[:, None] + np.array(HORIZONS)
        known = at <= now
        targets = np.array(self.z)[np.minimum(at, now)]
        zeros = np.zeros(UNITS)
        self.network.learn(self.inputs[start:start + CHUNK], self.states.get(start, (zeros, zeros)),
                           targets, known)

    def learn(self, x, moment):
        if not self.ready:
            self.buffer.append((x, moment))
            self.seen += 1
            if self.seen == PRIMING:
                values = np.array([value for value, _ in self.buffer])
                self.mean, self.variance = values.mean(), values.var()
                if self.variance <= 1e-18 * (1 + self.mean**2):
                    self.variance = max(1e-6 * self.mean**2, 1e-12)
                for value, at in self.buffer:
                    self.append(self.scaled(value), at)
            return
        t, z = self.seen, self.scaled(x)
        m, scale = self.forecast(0)
        limit = 8 * scale + 0.001
        d, e = clip(m - self.z[-1], -limit, limit), clip(clip(z, -4, 4) - self.z[-1], -limit, limit)
        self.a += (d * e - self.a) / 500
        self.b += (d * d - self.b) / 500
        self.gate = clip(self.a / self.b, 0, 1) if self.b > 1e-14 else 0.0
        self.append(z, moment)
        rate, d = 1 / min(t + 1, 2000), clip(x - self.mean, -4 * self.deviation, 4 * self.deviation)
        self.mean += rate * d
        self.variance = max((1 - rate) * (self.variance + rate * d * d), 1e-12 * self.mean**2, 1e-24)
        network = self.network
        self.states[t] = network.h, network.c
        self.states.pop(t - MEMORY - CHUNK, None)
        network.h, network.c, _ = network.step(self.inputs[t], network.h, network.c)
        if t % 4 == 0:
            self.train(t - CHUNK + 1, t)
            first, last = max(0, t - MEMORY + CHUNK), t - CHUNK
            if last > first:
                chunk = (first + int(network.random.uniform() * (last - first))) // CHUNK * CHUNK
                if chunk >= first:
                    self.train(chunk, t)
        self.forecasts[t] = network.head(self.inputs[t], network.h)
        self.forecasts.pop(t - 64, None)
        self.seen += 1


class Calibrator:
    """Section 4."""

    # p, memory in blocks, block, collected, kept, patience
    FAST, SLOW = (0.2, 1000, 8, 20, 4, 8), (0.1, 500, 16, 12, 3, 4)

    def __init__(self, pace, declusters=False):
        self.p, self.memory, self.block, self.collected, self.kept, self.patience = pace
        self.declusters = declusters
        self.mean, self.count, self.block_values, self.maxima = 0.0, 0, [], []
        self.u, self.b, self.excesses, self.blocks, self.run, self.ready = 0.0, 0.3, 0, 0, 0, False

    def surprise(self, v):
        self.count += 1
        bounded = min(v, 8 * self.mean) if self.count > 20 and self.mean > 0 else v
        self.mean += (bounded - self.mean) / min(self.count, 2000)
        y, s = math.log(v + 0.2 * self.mean + 1e-12), 0.0
        if self.ready:
            s = (math.log(self.block / self.p) + (y - self.u) / self.b) / math.log(10)
            s = clip(min(s, 2.0) if v <= self.mean else s, 0, 30)
        self.block_values.append(y)
        if len(self.block_values) == self.block:
            (self.follow if self.ready else self.collect)(max(self.block_values))
            self.block_values = []
        return s

    def collect(self, maximum):
        self.maxima.append(maximum)
        if len(self.maxima) == self.collected:
            largest = sorted(self.maxima, reverse=True)
            self.u = largest[self.kept]
            total = sum(min(y - self.u, 4.8) for y in largest[:self.kept])
            self.b = (total + 20 * 0.3) / (self.kept + 20)
            self.excesses, self.blocks, self.ready = self.kept, self.collected, True

    def follow(self, maximum):
        self.blocks += 1
        rate = 1 / min(self.blocks, self.memory)
        if maximum <= self.u:
            self.u -= rate * self.b
            self.run = 0
            return
        self.excesses = min(self.excesses + 1, self.memory * self.p)
        if not self.declusters or self.run == 0:
            excess, weight = min(maximum - self.u, 4 * self.b), self.excesses + 20
            self.b += (excess - self.b) / weight + 20 * (0.3 - self.b) / weight**2
        self.run += 1
        faster = 2 ** min(self.run - self.patience, 12) if self.run > self.patience else 1
        self.u += min(maximum - self.u, faster * rate * self.b * (1 - self.p) / self.p)


class Window:
    """Window novelty, section 5."""

    def __init__(self, length, aggregate, held, exclusion):
        self.length, self.aggregate, self.held, self.exclusion = length, aggregate, held, exclusion
        self.pending, self.means, self.novelty = [], [], 0.0

    def distance(self, x):
        self.pending.append(x)
        if len(self.pending) == self.aggregate:
            self.means = (self.means + [sum(self.pending) / self.aggregate])[-self.held:]
            self.pending = []
            if self.valid:
                values, n = np.array(self.means), len(self.means)
                windows = np.lib.stride_tricks.sliding_window_view(values, self.length)
                earlier = windows[:n - self.length - self.exclusion + 1]
                self.novelty = math.sqrt(((earlier - windows[-1])**2).mean(1).min())
        return self.novelty

    @property
    def valid(self):
        return len(self.means) >= 2 * self.length + self.exclusion


class ValueMemory:
    """Value memory, section 5."""

    def __init__(self, lag):
        self.lag, self.delayed, self.values = lag, [], []
        self.least = self.greatest = None

    def nearest(self, x):
        return min((abs(value - x) for value in self.values), default=0.0)

    def distance(self, x):
        if len(self.delayed) > self.lag:
            value = self.delayed.pop(0)
            self.least = value if self.least is None else min(value, self.least)
            self.greatest = value if self.greatest is None else max(value, self.greatest)
            cell = (self.greatest - self.least) / 256
            if not self.values or self.nearest(value) > cell:
                self.values.append(value)
                if len(self.values) > 272:
                    kept = []
                    for value in sorted(self.values):
                        if not kept or value - kept[-1] > cell:
                            kept.append(value)
                    self.values = kept
        self.delayed.append(x)
        return self.nearest(x)


class DailyJumps:
    """The daily profile of jumps, section 5."""

    def __init__(self):
        self.usual, self.bin, self.largest, self.visits = [0.0] * 288, None, 0.0, []

    def learn(self, bin, largest, mean):
        left = self.usual[bin]
        self.usual[bin] = left + 0.5 * (min(largest, 3 * left + 4 * mean) - left)

    def remaining(self, error, moment, mean):
        now = int(moment % DAY // 300)
        if now != self.bin:
            if self.bin is not None:
                skipped = (now - self.bin) % 288
                if skipped > 24:
                    self.learn(self.bin, self.largest, mean)
                    self.visits = []
                for step in range(skipped if skipped <= 24 else 0):
                    self.visits = self.visits[-12:] + [self.largest]
                    if len(self.visits) == 13:
                        self.learn((self.bin + step - 6) % 288, max(self.visits), mean)
            self.bin, self.largest = now, 0.0
        self.largest = max(self.largest, error)
        usual = max(self.usual[(now + step) % 288] for step in (-1, 0, 1))
        return max(0, error - usual) if usual > 12 * mean else error


class Profile:
    """The usual value of each half hour, section 3."""

    def __init__(self):
        self.values, self.median, self.visits, self.excess = {}, 0.0, 0, 0
        self.error, self.samples = 0.0, 0

    def value(self, bin, place, count, dense):
        value = self.values.get(bin)
        if value is None or not dense:
            return value
        away = place - 0.5
        other = self.values.get((bin + (1 if away >= 0 else -1)) % count)
        return value if other is None else value + abs(away) * (other - value)

    def learn(self, mean, bin):
        if bin not in self.values:
            self.values[bin] = mean
            return
        distance = mean - self.values[bin]
        magnitude, rate = abs(distance), 0.3
        if self.visits == 0:
            self.median = magnitude
        self.visits += 1
        if self.visits > 300:
            if magnitude > 6 * self.median:
                self.excess = min(self.excess + 1, 192)
                if self.excess < 96:
                    rate = 0.06
            else:
                self.excess = max(0, self.excess - 1)
        self.values[bin] += rate * distance
        step = 0.01 if self.visits > 100 else 0.2
        if magnitude > self.median:
            self.median = self.median * (1 + step) if self.median > 0 else 0.1 * magnitude
        else:
            self.median *= 1 - step

    def learn_error(self, error):
        self.samples += 1
        self.error = running(self.error, error, self.samples)

    @property
    def known(self):
        return self.samples > 200


def running(mean, value, count):
    """The mean with memory 2000 after the count-th value, each value after the 50th at most 8 means."""
    if count > 50 and mean > 0:
        value = min(value, 8 * mean)
    return mean + (value - mean) / min(count, 2000)


class Season:
    """The seasonal expert, section 3."""

    def __init__(self):
        self.day, self.week = Profile(), Profile()
        self.visited, self.visit, self.dense, self.start = None, [], False, None
        self.deviation, self.samples, self.far, self.fars = 0.0, 0, 0.0, 0
        self.persistence, self.covariance, self.variance = 1.0, 0.0, 0.0
        self.a = self.b = 0.0
        self.distance = None

    def predict(self, moment):
        """The usual value, the forecast, and whether a distance is evidence."""
        bin, place = divmod(moment % DAY / 1800, 1)
        self.bin = int((moment + 3 * DAY) % WEEK // 1800)
        self.of_day = self.day.value(int(bin), place, 48, self.dense)
        self.of_week = self.week.value(self.bin, place, 336, self.dense)
        day, week = self.day, self.week
        weekly = self.of_week is not None and (
            self.of_day is None or week.known and week.error < day.error)
        usual, profile = (self.of_week, week) if weekly else (self.of_day, day)
        if usual is None or not profile.known or profile.error >= 0.6 * self.deviation:
            return usual, None, False
        forecast = None if self.distance is None else usual + self.persistence * self.distance
        return usual, forecast, weekly and profile.error < 0.85 * self.far and moment - self.start >= 2 * WEEK

    @property
    def gate(self):
        return clip(self.a / self.b, 0, 1) if self.b > 1e-14 else 0.0

    def learn_gate(self, forecast_step, actual_step, scale):
        limit = 8 * scale + 0.001
        d, e = clip(forecast_step, -limit, limit), clip(actual_step, -limit, limit)
        self.a += (d * e - self.a) / 500
        self.b += (d * d - self.b) / 500

    def learn_far(self, error):
        self.fars += 1
        self.far = running(self.far, error, self.fars)

    def learn(self, x, moment, usual, mean):
        distance = None if usual is None else x - usual
        if distance is not None and self.distance is not None:
            limit = 8 * (min(self.day.error, self.week.error) if self.week.known else self.day.error)
            before, after = clip(self.distance, -limit, limit), clip(distance, -limit, limit)
            self.covariance += (before * after - self.covariance) / 500
            self.variance += (before * before - self.variance) / 500
            self.persistence = clip(self.covariance / self.variance, 0, 1) if self.variance > 0 else 0.0
        self.distance = distance
        if self.start is None:
            self.start = moment
        self.samples += 1
        self.deviation = running(self.deviation, abs(x - mean), self.samples)
        for profile, value in (self.day, self.of_day), (self.week, self.of_week):
            if value is not None:
                profile.learn_error(abs(x - value))
        if self.bin != self.visited:
            if self.visit:
                self.dense = len(self.visit) >= 4
                visit = sum(self.visit) / len(self.visit)
                self.day.learn(visit, self.visited % 48)
                self.week.learn(visit, self.visited)
            self.visited, self.visit = self.bin, []
        self.visit.append(x)


class Detector:
    """Sections 1, 5, 6 and 7: one score per sample, and the reason if an event opens."""

    NAMES = ("jump", "window8", "window48", "window144", "drift", "value", "value3", "quiet",
             "season", "season32")
    OFFSETS = (0, 0, 0, 0.7, 0, 0.7, 0.7, 1.5, 0.3, 0.3)

    def __init__(self, seed=1, budget=5000):
        self.forecaster = Forecaster(seed)
        fast, slow = Calibrator.FAST, Calibrator.SLOW
        self.calibrators = [Calibrator(pace) for pace in (fast, fast, slow, slow, slow, slow, slow, slow)]
        self.calibrators += [Calibrator(slow, declusters=True) for _ in range(2)]
        self.season, self.distances = Season(), []
        self.windows = Window(8, 1, 1000, 8), Window(12, 4, 1000, 4), Window(12, 12, 800, 4)
        self.memories = ValueMemory(1), ValueMemory(3)
        self.jumps = DailyJumps()
        self.errors, self.changes, self.recent = [], [], []
        self.mean_change, self.unmoved = 0.0, 0
        self.first = self.last = None
        self.threshold, self.delta, self.until, self.start = math.log10(budget), 0.0, -1, -1
        self.before = math.nan
        self.missing = self.muted = 0

    def step(self, moment, x):
        if not math.isfinite(x):
            self.missing += 1
            return 0.0, ""
        if self.missing >= 32:
            self.muted = 8
        self.missing = 0
        if self.first is None:
            self.first = self.last = x
        t, forecaster = self.forecaster.seen, self.forecaster
        change = abs(x - self.last)
        usual, seasonal, tells = self.season.predict(moment) if forecaster.ready else (None, None, False)
        s = self.evidence(t, moment, x, change, seasonal)
        self.distances = self.distances[-31:] + [x - usual] if usual is not None else []
        if tells:
            s[8] = self.weigh(8, abs(self.distances[-1]))
            s[9] = self.weigh(9, abs(sum(self.distances)) / len(self.distances))
        if forecaster.ready:
            self.season.learn(x, moment, usual, forecaster.mean)
        self.unmoved = 0 if change > 0 else self.unmoved + 1
        if self.unmoved >= 300:
            s = [0.0] * len(s)
        score, reason, leads = self.fuse(s, t)
        away = abs(x - self.before) > abs(self.last - self.before)
        opens = self.judge(score, t, leads and away)
        forecaster.learn(x, moment)
        self.last = x
        return score, reason if opens else ""

    def evidence(self, t, moment, x, change, seasonal):
        s = [0.0] * len(self.NAMES)
        forecaster, relative = self.forecaster, x - self.first
        if forecaster.ready:
            forecast = networked = forecaster.gated()
            if seasonal is not None:
                step = forecaster.scaled(seasonal) - networked
                forecast = networked + self.season.gate * step
                self.season.learn_gate(step, forecaster.scaled(x) - networked, forecaster.forecast(0)[1])
            error = abs(x - forecaster.unscaled(forecast))
            s[0] = self.weigh(0, self.jumps.remaining(error, moment, self.calibrators[0].mean))
        for lane, window in enumerate(self.windows, 1):
            novelty = window.distance(relative)
            if window.valid:
                s[lane] = self.weigh(lane, novelty)
        self.recent = ([relative] * 3 if not self.recent else self.recent[1:] + [relative])
        for lane, memory, value in (5, self.memories[0], relative), (6, self.memories[1], sum(self.recent) / 3):
            distance = memory.distance(value)
            if t >= 16:
                s[lane] = self.weigh(lane, distance)
        if t >= PRIMING + 48:
            mean, scale = forecaster.forecast(3)
            self.season.learn_far(abs(forecaster.scaled(x) - mean) * forecaster.deviation)
            self.errors = (self.errors + [(forecaster.scaled(x) - mean) / (scale + 0.05)])[-32:]
            s[4] = self.weigh(4, abs(sum(self.errors)) / len(self.errors))
        self.mean_change += (change - self.mean_change) / min(t + 1, 2000)
        self.changes = (self.changes + [change])[-64:]
        if t >= 64:
            mean = self.mean_change
            v = mean / (sum(self.changes) / 64 + 0.02 * mean + 1e-12) if mean > 0 else 50
            s[7] = self.weigh(7, v)
        return s

    def weigh(self, lane, v):
        return self.calibrators[lane].surprise(v)

    def fuse(self, s, t):
        q = [value - 2.0 - offset for value, offset in zip(s, self.OFFSETS)]
        leads = q[0] > 0 and q[0] == max(q)
        surprise = max(0, q[0], q[1])
        q[5], q[6] = min(q[5], surprise), min(q[6], surprise)
        total = sum(value for value in q if value > 0)
        if total > 0:
            # Of two that measure much the same, the lesser adds nothing.
            total -= sum(max(0, min(q[a], q[b])) for a, b in ((0, 8), (4, 9)))
        else:
            total = max(q)
        total -= 0.5 * math.log10(clip(t, 300, 8000) / 300)
        score, known = 2.95 + 0.42 * total, math.log10(max(t, 1)) + 1.0
        if score > known:
            score = known + 0.25 * (score - known)
        return clip(score, 0, 12), self.NAMES[q.index(max(q))], leads

    def judge(self, score, t, renews):
        self.delta = max(0.0, self.delta - 0.2 / 250)
        self.muted = max(0, self.muted - 1)
        if score < self.threshold + self.delta or self.muted or t < 300:
            return False
        if t >= self.until or renews and t >= self.until - 22:
            if t >= self.until:
                self.before = self.last
            self.start, self.until, self.delta = t, t + 30, self.delta + 0.2
            return True
        if t - self.start < 1000:
            self.until = t + 30
        return False
