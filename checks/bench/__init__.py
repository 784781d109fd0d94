"""Benchmarks: ratios to a baseline of the same run; not run by default."""
