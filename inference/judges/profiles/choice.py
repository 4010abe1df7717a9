"""Which profile a model is asked by: told by its name, or named in the setting `judge_profile`. Pure.

Names come as on Hugging Face, as a folder or a GGUF file, as in Ollama, with the marks of a quantisation at the end.
Only what is known to fit is chosen; a name that merely sounds like one leaves the model to the general judge.
"""

import re

from inference.errors import SettingsError
from inference.judges.profiles import names
from inference.judges.profiles.classifier import classifier
from inference.judges.profiles.granite_guardian import (
    granite_guardian_3_2,
    granite_guardian_3_3,
    granite_guardian_4_1,
)
from inference.judges.profiles.lynx import lynx
from inference.judges.profiles.minicheck import minicheck
from inference.judges.profiles.profile import JudgeProfile

_BY_NAME = {
    names.LYNX: lynx,
    names.MINICHECK: minicheck,
    names.GRANITE_GUARDIAN_3_2: granite_guardian_3_2,
    names.GRANITE_GUARDIAN_3_3: granite_guardian_3_3,
    names.GRANITE_GUARDIAN_4_1: granite_guardian_4_1,
}

_GUARDIAN_VERSIONS = {
    "3": names.GRANITE_GUARDIAN_3_2,  # Ollama's granite3-guardian, 3.0 and 3.1
    "3.0": names.GRANITE_GUARDIAN_3_2,
    "3.1": names.GRANITE_GUARDIAN_3_2,
    "3.2": names.GRANITE_GUARDIAN_3_2,
    "3.3": names.GRANITE_GUARDIAN_3_3,
    "4.1": names.GRANITE_GUARDIAN_4_1,
}

_SNAPSHOT = re.compile(r"models--([^/\\]+)[/\\]snapshots[/\\][0-9a-f]{7,64}[/\\]?\Z")
_LYNX = re.compile(r"\blynx\b")
_LYNX_SURE = re.compile(r"\bpatronus(?:ai)?\b|\b(?:8|70)b\b")
_MINICHECK = re.compile(r"\bbespoke-minicheck\b|\bminicheck-7b\b")
_SMALL_MINICHECK = re.compile(r"\bminicheck-(?:roberta|deberta)\b")
_SMALL_MINICHECK_SEPARATOR = {"roberta": "</s>", "deberta": "[SEP]"}
_GUARDIAN = re.compile(r"\bgranite-?(\d(?:\.\d)?)?-guardian(?:-(\d\.\d)\b)?")
_GUARDIAN_OTHER = re.compile(r"\bhap\b|\blora\b|\bfactuality\b|\bcorrection\b|\bcore\b")
"""Relatives that are asked something else: hate and profanity, corrections, adapters with prompts of their own."""
_CLASSIFIER = re.compile(r"\b[xm]?nli\b|\bhhem\b|\bhallucination-evaluation-model\b")
_MANY_LANGUAGES = re.compile(r"\bxnli\b|\bxlm\b|\bmultilingual\b|\bmdeberta\b|\bmmbert\b")


def profile_of(model_name: str, wanted: str = "") -> JudgeProfile | None:
    """The profile for a model; None for the general judge. `wanted` names one, and goes before the name.

    Raises SettingsError if there is no profile of the name `wanted`, and for a Granite Guardian of a version that is
    not told or not known: the versions are asked in different ways.
    """
    if wanted and wanted not in names.PROFILE_NAMES:
        raise SettingsError(
            f"setting judge_profile = {wanted!r}: there is no such profile; there are {', '.join(names.PROFILE_NAMES)}"
        )
    plain = _plain(model_name)
    if wanted == names.GENERAL:
        return None
    if wanted == names.GRANITE_GUARDIAN:
        return _guardian(plain, model_name)
    if wanted == names.CLASSIFIER:
        return _classifier(plain)
    if wanted:
        return _BY_NAME[wanted]()
    return _by_model(plain, model_name)


def _by_model(plain: str, model_name: str) -> JudgeProfile | None:
    if _LYNX.search(plain) and _LYNX_SURE.search(plain):
        return lynx()
    if _MINICHECK.search(plain):
        return minicheck()
    if _GUARDIAN.search(plain) and not _GUARDIAN_OTHER.search(plain):
        return _guardian(plain, model_name)
    if _SMALL_MINICHECK.search(plain) or _CLASSIFIER.search(plain):
        return _classifier(plain)
    return None


def _guardian(plain: str, model_name: str) -> JudgeProfile:
    found = _GUARDIAN.search(plain)
    version = (found[1] or found[2] or "") if found else ""
    profile = _GUARDIAN_VERSIONS.get(version)
    if profile is None:
        known = ", ".join(sorted(set(_GUARDIAN_VERSIONS.values())))
        raise SettingsError(
            f"which version of Granite Guardian {model_name!r} is cannot be told from its name, or is not known here; "
            f"set judge_profile to one of {known} (3.2 for 3.0 and 3.1 too), or to {names.GENERAL}"
        )
    return _BY_NAME[profile]()


def _classifier(plain: str) -> JudgeProfile:
    small = _SMALL_MINICHECK.search(plain)
    separator = _SMALL_MINICHECK_SEPARATOR[small[0].rpartition("-")[2]] if small else ""
    return classifier(separator, english=not _MANY_LANGUAGES.search(plain))


def _plain(model_name: str) -> str:
    """The last part of a path, in lower case, with one kind of mark between its words."""
    snapshot = _SNAPSHOT.search(model_name)
    last = snapshot[1] if snapshot else re.split(r"[/\\]", model_name.rstrip("/\\"))[-1]
    return re.sub(r"[^a-z0-9.]+", "-", last.lower().removesuffix(".gguf"))
