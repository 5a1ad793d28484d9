"""Writes the pictures of a folder of JPEGs as PNGs, decoded to RGB as most programs do it, by libjpeg.

usage: decoded_pictures.py IMAGES OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2

if __name__ == "__main__":
    images, out = map(Path, sys.argv[1:])
    for file in sorted(images.glob("*.jpg")):
        if not cv2.imwrite(str(out / f"{file.stem}.png"), cv2.imread(str(file))):
            sys.exit(f"cannot write {file.stem}.png into {out}")
