"""What `touchstone doctor` looks at: one small function a check, in `machine.py`, `judge.py` and `evidence.py`."""
