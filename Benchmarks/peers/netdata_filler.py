"""A Netdata plugin: random walks once a second, as many as a file specifies once it appears."""

import pathlib
import random
import sys
import time

A_CHART = 4  # dimensions


def main():
    request = pathlib.Path(sys.argv[1])
    while not request.exists():
        time.sleep(0.2)
    count = int(request.read_text(encoding="utf-8"))
    for metric in range(count):
        if metric % A_CHART == 0:
            print(f"CHART walk.c{metric // A_CHART} '' walk units walk walk.c line 90000 1 '' walk walk")
        print(f"DIMENSION d{metric} '' absolute 1 1000")
    values = [50.0] * count
    due = time.time() // 1 + 1
    while count:
        sys.stdout.flush()
        time.sleep(max(0, due - time.time()))
        due += 1
        for metric in range(count):
            values[metric] += random.gauss(0, 1)
            if metric % A_CHART == 0:
                print(f"BEGIN walk.c{metric // A_CHART}")
            print(f"SET d{metric} = {values[metric] * 1000:.0f}")
            if metric % A_CHART == A_CHART - 1 or metric == count - 1:
                print("END")


main()
