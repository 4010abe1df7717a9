"""Benchmarks: each command prints ratios to a floor that was measured in the same run on the same machine."""
