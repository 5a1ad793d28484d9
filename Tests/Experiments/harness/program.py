"""Runs the lookout binary, one command at a time, and reads what it tells."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import pathlib
import shlex
import subprocess
import sys
import time


class ExperimentError(Exception):
    """What stopped a part, for people."""


@dataclasses.dataclass
class Program:
    path: pathlib.Path
    threads: int
    folder: pathlib.Path  # everything made goes here; commands run here, so that they show relative paths

    def run(self, *arguments: object, pattern: str | None = None) -> str:
        """The command's stdout. Its stderr goes to log.txt. `pattern` stands for files in what is shown of it."""
        words = [str(argument) for argument in arguments]
        shown = "lookout " + shlex.join(words)
        if pattern:
            files = shlex.join(word for word in words if fnmatch.fnmatch(word, pattern))
            shown = shown.replace(files, pattern)
        print(f"+ {shown}", file=sys.stderr, flush=True)
        with open(self.folder / "log.txt", "a", encoding="utf-8") as log:
            log.write(f"\n$ {shown}\n")
            log.flush()
            done = subprocess.run([self.path, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=log, text=True)
        if done.returncode != 0:
            raise ExperimentError(f"{shown}: exit code {done.returncode}; see {self.folder / 'log.txt'}")
        return done.stdout

    def train(self, data: str, cfg: str, output: str, *options: object, precision: str = "fp32") -> float:
        """Minutes that it took."""
        begin = time.monotonic()
        common = ["--threads", self.threads, "--precision", precision, "--restart", "--quiet"]
        self.run("train", data, cfg, "--output", output, *common, *options)
        return (time.monotonic() - begin) / 60

    def evaluate(self, data: str, cfg: str, weights: str, *options: object) -> dict:
        return json.loads(self.run("eval", data, cfg, weights, "--threads", self.threads, "--json", *options))

    def anchors(self, data: str, size: int, count: int = 5) -> tuple[str, dict]:
        """The value of the cfg's `anchors` for `count` of them, and all that lookout tells."""
        told = json.loads(self.run("anchors", data, "--count", count, "--size", f"{size}x{size}", "--json"))
        return told["cfg"].partition("=")[2].strip(), told

    def batch(self, data: str, cfg: str, *options: object) -> bytes:
        """A JPEG of twelve training pictures with their truths."""
        self.run("train", data, cfg, "--batch", 12, "--no-augment", "--show-batch", "batch.jpg", *options)
        return (self.folder / "batch.jpg").read_bytes()

    def commands(self, data: str, outputs: list[str]) -> str:
        """The log's commands that found anchors for the data, and that trained and judged these folders' networks."""
        kept: dict[str, None] = {}
        for line in (self.folder / "log.txt").read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:2] != ["$", "lookout"]:
                continue
            made = any(word == output or word.startswith(f"{output}/") for word in words for output in outputs)
            if made or words[2:4] == ["anchors", data]:
                kept[line[2:]] = None
        return "\n".join(["```", *kept, "```"])

    def log_of(self, output: str, network: str) -> list[dict]:
        lines = (self.folder / output / f"{network}.train.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
