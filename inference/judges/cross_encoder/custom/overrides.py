"""`touchstone.json`: what a person says of the model in a folder, where its own files leave it open."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from inference.judges.cross_encoder.calibration import Calibration

FILE_NAME = "touchstone.json"
TOKENS_MAX = 8_192  # more would be minutes a claim on a CPU


class Overrides(BaseModel):
    """All are optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: dict[str, str] = {}
    """By name or number of a label: supported, refuted or unknown."""
    order: Literal["evidence-claim", "claim-evidence"] = "evidence-claim"
    """Models of inference have the premise first, and that is the evidence."""
    tokens_max: int | None = Field(default=None, ge=16, le=TOKENS_MAX)
    calibration: Calibration = Calibration()

    @field_validator("calibration", mode="before")
    @classmethod
    def _only_known_numbers(cls, value: Any) -> Any:
        if isinstance(value, dict) and (strange := sorted(value.keys() - Calibration.__dataclass_fields__.keys())):
            raise ValueError(f"unknown: {', '.join(strange)}; known: {', '.join(Calibration.__dataclass_fields__)}")
        return value


def read_overrides(folder: Path) -> Overrides:
    """What the file says; the defaults if there is none. Raises ValueError saying what is wrong with it."""
    file = folder / FILE_NAME
    if not file.exists():
        return Overrides()
    try:
        return Overrides.model_validate_json(file.read_bytes())
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{FILE_NAME} is not understood: {said}") from None
