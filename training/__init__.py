"""Makes the models of the CPU judge, and measures judges on labelled data."""

from inference.onnx_runtime import keep_it_silent

keep_it_silent()
