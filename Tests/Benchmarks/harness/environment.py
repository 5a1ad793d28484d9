"""What a run needs and what it ran on: binaries, data, cache folder, the peers' virtual environment, the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import BenchmarkError
from .processes import child_environment

HERE = Path(__file__).resolve().parent.parent
REQUIREMENTS, OPTIONAL = HERE / "requirements.txt", HERE / "requirements-torch.txt"
TOLD_FLAGS = {
    "avx2",
    "fma",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "avx_vnni",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "i8mm",
    "sve",
}


@dataclass(frozen=True)
class Environment:
    binaries: Path
    data: Path
    build: Path

    @classmethod
    def from_variables(cls) -> Environment:
        return cls(
            _folder("LOOKOUT_BIN", "the release binaries (`./dev bench` sets it)"),
            _folder("LOOKOUT_DATA", "the test data: videos/, models/ and darknet/"),
            HERE.parent.parent / ".build",
        )

    @cached_property
    def cache(self) -> Path:
        """Weights, ONNX files and clips: remade when missing, never part of the repository."""
        folder = self.build / "bench-cache"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def binary(self, name: str) -> Path:
        path = self.binaries / name
        if not os.access(path, os.X_OK):
            raise BenchmarkError(f"no program {path}: build it with `swift build -c release --product {name}`")
        return path

    def file(self, relative: str) -> Path:
        path = self.data / relative
        if not path.is_file():
            raise BenchmarkError(f"no file {path}: LOOKOUT_DATA must hold {relative}")
        return path

    def folder(self, relative: str) -> Path:
        path = self.data / relative
        if not path.is_dir():
            raise BenchmarkError(f"no folder {path}: LOOKOUT_DATA must hold {relative}")
        return path

    def help(self, *subcommand: str) -> str:
        """What `lookout help` says, which tells what this build can do."""
        return run([str(self.binary("lookout")), "help", *subcommand], "lookout is damaged: build it again")

    @cached_property
    def python(self) -> Path:
        """The interpreter of a virtual environment that holds exactly the pinned peers."""
        folder = self.build / "bench-venv"
        stamp = folder / "installed"
        wanted = hashlib.sha256(b"".join(path.read_bytes() for path in (REQUIREMENTS, OPTIONAL))).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            print(f"installing the peers into {folder}", file=sys.stderr)
            tell = "the peers come from PyPI: this needs python3-venv and a network (or PIP_INDEX_URL of a mirror)"
            run([sys.executable, "-m", "venv", "--clear", str(folder)], tell)
            pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--retries", "1"]
            run([*pip, "-r", str(REQUIREMENTS)], tell)
            try:
                run([*pip, "-r", str(OPTIONAL)], "PyTorch is left out of the tables")
            except BenchmarkError as error:
                print(error, file=sys.stderr)
            stamp.write_text(wanted)
        return folder / "bin/python"

    @cached_property
    def versions(self) -> dict[str, str]:
        """The pinned peers that are installed."""
        frozen = run([str(self.python), "-m", "pip", "freeze"], f"remove {self.python.parent.parent}: it is damaged")
        installed = dict(line.split("==") for line in frozen.splitlines() if "==" in line)
        lines = (REQUIREMENTS.read_text() + OPTIONAL.read_text()).splitlines()
        pinned = [line.split("==")[0] for line in lines if "==" in line]
        return {name: installed[name] for name in pinned if name in installed}

    def engine(self, name: str, *arguments: object) -> list[str]:
        """The command of a program in engines/."""
        return [str(self.python), str(HERE / "engines" / f"{name}.py"), *map(str, arguments)]

    def shown(self, text: str) -> str:
        """A report without this machine's folders."""
        for folder, name in ((self.cache, "CACHE"), (self.data, "DATA"), (self.binaries, "BIN"), (HERE, "HERE")):
            text = text.replace(f"{folder}/", f"{name}/")
        return text.replace(str(self.build / "bench-venv/bin/python"), "python")


def _folder(variable: str, holds: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        raise BenchmarkError(f"{variable} is not set: name the folder that holds {holds}")
    path = Path(value).resolve()
    if not path.is_dir():
        raise BenchmarkError(f"{variable}={value} is not a folder; it must hold {holds}")
    return path


def run(command: list[str], tell: str) -> str:
    """Runs a helper to its end and returns its stdout."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=child_environment())
    except FileNotFoundError:
        raise BenchmarkError(f"{command[0]} is not installed: {tell}") from None
    if done.returncode != 0:
        shown = textwrap.shorten(" ".join(command), 500, placeholder=" ...")
        raise BenchmarkError(f"{shown} ended with {done.returncode}\n{done.stderr.strip()[-2000:]}\n{tell}")
    return done.stdout


def _cpu_fields() -> dict[str, str]:
    lines = (line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}


def cpu_flags() -> set[str]:
    fields = _cpu_fields()
    return set(fields.get("flags", fields.get("Features", "")).split())


def machine_lines() -> list[str]:
    """The machine in words, for the head of the report."""
    fields = _cpu_fields()
    flags = sorted(TOLD_FLAGS & cpu_flags())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    family = f"family {fields.get('cpu family', '?')}, model {fields.get('model', '?')}"
    return [
        f"CPU: {fields.get('model name', platform.machine())} ({family}), "
        f"{len(os.sched_getaffinity(0))} logical CPUs, {memory:.0f} GiB; {', '.join(flags)}",
        f"System: {platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
    ]


class Disturbance:
    """How much CPU time went elsewhere during a run: other processes are not seen, a hypervisor's theft is."""

    def __init__(self) -> None:
        self._load = os.getloadavg()[0]
        self._start = self._ticks()

    @staticmethod
    def _ticks() -> list[int]:
        return [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]

    def __str__(self) -> str:
        spent = [after - before for before, after in zip(self._start, self._ticks())]
        stolen = 100 * spent[7] / max(1, sum(spent[:8]))
        return f"load average at the start {self._load:.2f}, CPU time stolen by the hypervisor {stolen:.1f} %"
