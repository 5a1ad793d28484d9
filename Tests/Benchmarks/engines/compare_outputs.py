"""Prints the largest difference between two saved outputs, relative to the largest value of the first.

usage: compare_outputs.py A.npy B.npy
"""

import sys

import numpy as np

first, second = (np.load(path) for path in sys.argv[1:3])
if first.size != second.size:
    sys.exit(f"outputs differ in size: {first.shape} and {second.shape}")
difference = np.abs(first.reshape(-1) - second.reshape(-1)).max() / np.abs(first).max()
print(f"{difference:.3e}")
