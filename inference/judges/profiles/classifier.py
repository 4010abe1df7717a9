"""Classifiers of pairs of texts (natural language inference, HHEM-like), as vLLM's pooling API serves them.

They are no language models: there is no prompt, and an order in a text is words like any others. How they are asked is
in `pooling.py`, what their answers mean in `classifier_judge.py`.
"""

from inference.judges.profiles.names import CLASSIFIER
from inference.judges.profiles.profile import ClassifierProfile


def classifier(separator: str = "", english: bool = True) -> ClassifierProfile:
    """The profile. `separator` for a model whose two texts were parted in a way of its own."""
    return ClassifierProfile(CLASSIFIER, "The classifier", separator, english)
