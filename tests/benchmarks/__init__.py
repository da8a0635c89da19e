"""Benchmarks: ratios against other libraries, measured side by side.  ``python -m tests.benchmarks``."""
