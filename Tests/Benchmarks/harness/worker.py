"""A long-living engine process that answers `run N` with N times in milliseconds."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cached_property

from .errors import BenchmarkError
from .processes import child_environment, ended, limited

ANSWER_LIMIT = 300  # seconds without an answer after which an engine counts as hung


class Worker:
    def __init__(self, name: str, command: list[str], threads: int) -> None:
        """Starts the process and does not wait for it: several may load at once."""
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")  # closed by close()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=child_environment(OMP_NUM_THREADS=str(threads)),
        )
        assert self._process.stdin and self._process.stdout
        self._commands, self._answers = self._process.stdin, self._process.stdout

    @cached_property
    def ready(self) -> str:
        """What the engine says of itself once it is loaded, which this waits for."""
        # Libraries may chatter before it.
        while not (line := self._line()).startswith("ready"):
            pass
        return line

    def run(self, count: int) -> list[float]:
        answer = self._ask(f"run {count}").split()
        if len(answer) != count:
            raise BenchmarkError(f"{self.name}: asked for {count} times, read {len(answer)}")
        return [float(value) for value in answer]

    def save_output(self, path: str) -> None:
        self._ask(f"output {path}")

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._commands, self._answers, self._errors):
            stream.close()

    def _ask(self, command: str) -> str:
        try:
            print(command, file=self._commands, flush=True)
        except BrokenPipeError:
            raise self._ended() from None
        return self._line()

    def _line(self) -> str:
        with limited(self._process, ANSWER_LIMIT):
            line = self._answers.readline()
        if not line:
            raise self._ended()
        return line.strip()

    def _ended(self) -> BenchmarkError:
        self._process.kill()
        return ended(self.name, self._process.wait(), self._errors)
