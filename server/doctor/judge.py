"""Checks of the judge: what it is, whether it loads, and whether it is right about two plain cases."""

import time
from collections.abc import Mapping

from inference.errors import JudgeUnavailable, TouchstoneError
from inference.judges.cross_encoder.custom.choice import chosen_folder, chosen_model
from inference.judges.cross_encoder.custom.facts import facts_of
from inference.judges.cross_encoder.custom.hub_id import HubId
from inference.judges.cross_encoder.judge import CrossEncoderJudge
from inference.judges.cross_encoder.model import PairModel
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import ClaimInQuestion, Exchange
from inference.verdict import Claim, Label, Passage, SourceKind, Span
from server.doctor.finding import Finding, fine, wrong
from server.settings import Settings

OTHER_MODEL = "set --cpu-judge to another model (docs/cpu-judge.md), or leave it empty for the one that ships"

MENDED = f"a model of the hub is downloaded when `touchstone serve` starts; otherwise {OTHER_MODEL}"

EVIDENCE = "The old harbour bridge was opened in March 1932. It is painted grey and is 134 metres tall."
TRIALS: Mapping[str, Label] = {
    "The old harbour bridge was opened in March 1932.": Label.SUPPORTED,
    "The old harbour bridge was opened in March 1958.": Label.REFUTED,
}


def model(settings: Settings) -> Finding:
    """What the model is and says of itself, its checksum, and how long it takes to load. Downloads nothing."""
    name = "CPU judge"
    try:
        chosen = model_on_disk(settings)
        started = time.perf_counter()
        chosen.open()
        load_s = time.perf_counter() - started
        facts = facts_of(chosen_folder(settings.cpu_judge, settings.models_dir))
    except TouchstoneError as error:
        return wrong(name, error.message, MENDED, setting=settings.cpu_judge)
    checksum = {True: "checksum right", False: "checksum wrong", None: "no checksum to compare with"}[facts.checksum]
    detail = (
        f"{chosen.name} in {facts.folder}; {facts.format}, {facts.weights_bytes / 1e6:.1f} MB, {checksum}; licence "
        f"{facts.licence}; labels {', '.join(facts.labels)}; loaded in {load_s:.2f} s"
    )
    return fine(
        name,
        detail,
        name=chosen.name,
        folder=str(facts.folder),
        format=facts.format,
        licence=facts.licence,
        weights_bytes=facts.weights_bytes,
        labels=list(facts.labels),
        tokens_max=facts.tokens_max,
        checksum_right=facts.checksum,
        load_s=round(load_s, 3),
    )


async def trial(settings: Settings) -> Finding:
    """One supported and one refuted claim, through the real judge."""
    name = "trial verification"
    passage = Passage("doctor", EVIDENCE, SourceKind.DOCUMENT)
    items = [ClaimInQuestion(Claim(text, Span(0, len(text))), (passage,)) for text in TRIALS]
    exchange = Exchange("What is known of the bridge?", " ".join(TRIALS))
    started = time.perf_counter()
    try:
        judge = EnglishOnly(CrossEncoderJudge(model_on_disk(settings)))
        found = [judgement async for judgement in judge.judge(exchange, items)]
    except TouchstoneError as error:
        return wrong(name, error.message, "mend the judge first (above)")
    took_s = time.perf_counter() - started
    judged = {f"{label}": f"{judgement.label}" for label, judgement in zip(TRIALS.values(), found, strict=True)}
    right = all(expected == given for expected, given in judged.items())
    said = "; ".join(f"{expected} claim judged {given.replace('_', ' ')}" for expected, given in judged.items())
    if right:
        return fine(name, f"{said}; {took_s:.2f} s", judged=judged, took_s=round(took_s, 3))
    return wrong(name, said, f"do not trust this judge: {OTHER_MODEL}", judged=judged)


def model_on_disk(settings: Settings) -> PairModel:
    """The model of the settings. Raises JudgeUnavailable if it would have to be downloaded first."""
    if HubId.parse(settings.cpu_judge) and not chosen_folder(settings.cpu_judge, settings.models_dir).is_dir():
        raise JudgeUnavailable(f"The judge's model {settings.cpu_judge} is not downloaded yet.")
    return chosen_model(settings.cpu_judge, settings.models_dir)
