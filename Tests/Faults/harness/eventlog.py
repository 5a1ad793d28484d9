"""Lookout's event logs, as a program that follows them reads them, and what must always be true of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from .waiting import Failed, require, wait_until

Record = dict[str, Any]

TYPES = {"stream_up", "stream_down", "frame", "gap", "stream_end"}
TIME_SOURCES = {"rtcp", "arrival", "file"}
DOWN_REASONS = {
    "refused",
    "timeout",
    "stalled",
    "reset",
    "ended",
    "bad_data",
    "unsupported",
    "not_found",
    "unauthorized",
    "error",
}
GAP_REASONS = {"disconnected", "overflow", "write_failed", "restart"}


def parsed(line: bytes, where: object) -> Record:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise Failed(f"{where}: not a record ({error}): {line[:200]!r}") from None
    require(isinstance(record, dict), f"{where}: not an object: {line[:200]!r}")
    return record


def read(path: Path, torn: bool = False) -> list[Record]:
    """All records of a file. `torn`: its last line may be half written."""
    lines = path.read_bytes().split(b"\n")
    rest = lines.pop()
    require(torn or not rest, f"{path.name} ends within a line: {rest[:200]!r}")
    return [parsed(line, path.name) for line in lines]


class EventLog:
    """The records of a file as it grows, and of the one that takes its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: list[Record] = []
        self._file: Any = None
        self._rest = b""

    def poll(self) -> list[Record]:
        """All records so far."""
        while True:
            if not self._file:
                try:
                    self._file = self.path.open("rb")
                except FileNotFoundError:
                    return self.records
            self._drain()
            try:
                if os.stat(self.path).st_ino == os.fstat(self._file.fileno()).st_ino:
                    return self.records
            except FileNotFoundError:
                return self.records
            self._drain()
            self._file.close()
            self._file = None

    def _drain(self) -> None:
        if os.fstat(self._file.fileno()).st_size < self._file.tell():
            # A torn last line was taken away.
            self._file.seek(-len(self._rest), os.SEEK_CUR)
            self._rest = b""
        lines = (self._rest + self._file.read()).split(b"\n")
        self._rest = lines.pop()
        self.records += [parsed(line, self.path.name) for line in lines]

    def of(self, type: str, stream: str | None = None, after: int = 0) -> list[Record]:
        return [
            record for record in self.poll()[after:] if record["type"] == type and stream in (None, record["stream"])
        ]

    def mark(self) -> int:
        """Where the log ends now: pass it as `after`."""
        return len(self.poll())

    def wait_for(
        self,
        type: str,
        stream: str | None = None,
        after: int = 0,
        seconds: float = 20,
        count: int = 1,
        where: Callable[[Record], bool] = lambda _: True,
    ) -> list[Record]:
        """The records of this type after the mark, once there are `count`."""

        def found() -> list[Record] | None:
            matching = [record for record in self.of(type, stream, after) if where(record)]
            return matching if len(matching) >= count else None

        return wait_until(f"{count} record(s) `{type}` of {stream or 'any stream'}", found, seconds)


def time_of(record: Record) -> float:
    return datetime.fromisoformat(record["time"]).timestamp()


def check(records: Iterable[Record], empty_logged: bool = True) -> dict[str, Record]:
    """Checks the records of one or several streams; returns each stream's last totals.

    - every record is of a known kind, with known words where words are for programs;
    - frames are numbered upwards, and `dropped` tells exactly those in between;
    - capture time never goes back;
    - decoded = analysed + dropped, by reason too, and `analysed` is what the log holds.
    """
    last: dict[str, Record] = {}
    logged: dict[str, int] = {}
    lost: dict[str, int] = {}
    ends: dict[str, Record] = {}
    for record in records:
        kind, stream = record.get("type"), str(record.get("stream", ""))
        require(record.get("v") == 1 and kind in TYPES and stream, f"not a known record: {record}")
        require(record.get("time_source", "file") in TIME_SOURCES, f"unknown time_source: {record}")
        if kind == "stream_down":
            require(record["reason"] in DOWN_REASONS, f"unknown reason: {record}")
        elif kind == "gap":
            require(record["reason"] in GAP_REASONS, f"unknown reason: {record}")
            require(record.get("seconds", 0) >= 0, f"a negative gap: {record}")
            if record["reason"] == "restart":
                # The life before was cut off: its frames were numbered apart.
                for life in (last, logged, lost):
                    life.pop(stream, None)
            elif record["reason"] == "write_failed":
                lost[stream] = lost.get(stream, 0) + record["records"]
        elif kind == "stream_end":
            _check_end(record, logged.pop(stream, 0), lost.pop(stream, 0), empty_logged)
            ends[stream] = record
            last.pop(stream, None)
        elif kind == "frame":
            _check_frame(record, last.get(stream), exact=empty_logged and not lost.get(stream))
            last[stream] = record
            logged[stream] = logged.get(stream, 0) + 1
    return ends


def _check_frame(record: Record, before: Record | None, exact: bool) -> None:
    require(record["latency_ms"] >= 0 and record["dropped"] >= 0, f"negative figures: {record}")
    if not before:
        return
    numbers = f"frame {before['frame']}, then {record['frame']} of {record['stream']}"
    require(record["frame"] > before["frame"], f"frame numbers go back or repeat: {numbers}")
    if exact:
        between = record["frame"] - before["frame"] - 1
        require(record["dropped"] == between, f"{numbers}, but `dropped` says {record['dropped']}")
    if "time" in record and "time" in before:
        went_back = time_of(before) - time_of(record)
        require(went_back <= 0, f"capture time goes back by {went_back:.3f} s: {numbers}")


def _check_end(record: Record, logged: int, lost: int, empty_logged: bool) -> None:
    decoded, analysed, dropped = record["decoded"], record["analysed"], record["dropped"]
    require(decoded == analysed + dropped, f"decoded is not analysed + dropped: {record}")
    require(sum(record.get("dropped_by", {}).values()) == dropped, f"dropped_by does not sum up to dropped: {record}")
    if empty_logged:
        # A write_failed gap may also hold records of other types.
        least = logged if lost else analysed
        require(least <= analysed <= logged + lost, f"{logged} frames logged, {lost} records lost, but: {record}")
