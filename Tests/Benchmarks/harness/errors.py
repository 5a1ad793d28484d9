"""The one error that people see: what failed, where, and what to do."""


class BenchmarkError(Exception):
    pass
