#!/usr/bin/env python3
"""Expected values of Tests/EvaluationTests/RankMeasureTests.swift, by the definitions of their authors.

    Tests/Golden/measures.py        (needs numpy)

VUS-PR follows RangeAUC_volume of the authors' program (TheDatumOrg/TSB-UAD, vus/metrics), affiliation
counts rows of a zone one by one (Huet et al., KDD 2022, with rows instead of moments).
"""

import numpy as np


def segments(x):
    found, i = [], 0
    while i < len(x):
        if x[i] != 0:
            j = i
            while j + 1 < len(x) and x[j + 1] != 0:
                j += 1
            found.append((i, j))
            i = j
        i += 1
    return found


def extended(x, window):
    label, n = x.astype(float), len(x)
    for s, e in segments(x) if window else []:
        after = np.arange(e, min(e + window // 2, n))
        label[after] += np.sqrt(1 - (after - e) / window)
        before = np.arange(max(s - window // 2, 0), s)
        label[before] += np.sqrt(1 - (s - before) / window)
    return np.minimum(1, label)


def vus(label, score, longest):
    areas, ranked = [], -np.sort(-score)
    for window in range(longest + 1):
        soft = extended(label, window)
        runs, recalls, precisions = segments(soft), [0], []
        positives = (label.sum() + soft.sum()) / 2
        for i in np.linspace(0, len(score) - 1, 250).astype(int):
            hits = soft * (score >= ranked[i])
            share = sum(hits[s:e + 1].sum() > 0 for s, e in runs) / len(runs)
            recalls.append(min(hits.sum() / positives, 1) * share)
            precisions.append(hits.sum() / (score >= ranked[i]).sum())
        areas.append(np.dot(np.diff(recalls), precisions))
    return np.mean(areas)


def affiliation(n, anomalies, alarms):
    precisions, recalls, first = [], [], 0
    for k, (a, b) in enumerate(anomalies):
        end = n if k + 1 == len(anomalies) else (b + anomalies[k + 1][0]) // 2 + 1
        zone, first = range(first, end), end
        near = [x for x in alarms if x in zone]
        if not near:
            recalls.append(0)
            continue
        def distance(x):
            return max(0, a - x, x - b)
        precisions.append(np.mean([np.mean([distance(z) >= distance(x) for z in zone]) for x in near]))
        recalls.append(np.mean([
            np.mean([abs(z - y) >= min(abs(y - x) for x in near) for z in zone]) for y in range(a, b + 1)]))
    return np.mean(precisions), np.mean(recalls)


ROWS = 400
LABEL = np.zeros(ROWS)
for FIRST, END in (100, 120), (250, 258), (300, 340):
    LABEL[FIRST:END] = 1
SCORE = np.array([i * 7919 % 1009 / 1009 + (0.6 if 95 <= i < 110 or 305 <= i < 320 else 0) for i in range(ROWS)])
for LONGEST in 0, 1, 10, 20:
    print("VUS-PR", LONGEST, vus(LABEL, SCORE, LONGEST))
print("affiliation", *affiliation(60, [(10, 14), (30, 39), (55, 57)], [2, 8, 9, 12, 45, 46]))
