"""How far saved outputs stand from the first: the largest difference over the largest value, and relative L2.

usage: compare_outputs.py REFERENCE.npy OTHER.npy...      prints a line of two figures for each other one
"""

import sys

import numpy as np

reference, *others = (np.load(path).reshape(-1) for path in sys.argv[1:])
for other in others:
    if other.size != reference.size:
        sys.exit(f"outputs differ in size: {reference.size} and {other.size}")
    difference = other - reference
    largest = np.abs(difference).max() / np.abs(reference).max()
    print(f"{largest:.3e} {np.linalg.norm(difference) / np.linalg.norm(reference):.3e}")
