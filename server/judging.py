"""Which judge the settings name: the one on the CPU, or a language model of an engine."""

from inference.engine.child.spec import read_models
from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.judges.cross_encoder.custom.choice import chosen_model
from inference.judges.cross_encoder.judge import CrossEncoderJudge
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import Judge
from inference.judges.language_model.asking import AnswerOutcome
from inference.judges.language_model.judge import LanguageModelJudge
from server.observe import Metrics
from server.settings import Settings

CPU = "cpu"
"""The name by which `judge_model` asks for the judge on the CPU."""


def chosen_judge(settings: Settings, engines: Engines, metrics: Metrics) -> Judge:
    """The judge that `settings` name. Loads nothing."""
    name = judging_model(settings)
    return _on_the_cpu(settings) if name == CPU else _language_model(name, settings, engines, metrics)


def judging_model(settings: Settings) -> str:
    """The name of the model that judges, or CPU: the one that is named, else the first that we start."""
    if settings.judge_model:
        return settings.judge_model
    return read_models(settings.model)[0].name if settings.model else CPU


def advice(settings: Settings) -> str | None:
    """What to say at the start of a judge that was perhaps not meant."""
    if settings.engine_url and judging_model(settings) == CPU and not settings.judge_model:
        return "the judge is the small one on the CPU; --judge-model NAME lets a model of the engine judge"
    return None


def _on_the_cpu(settings: Settings) -> Judge:
    # The rules beside the model read English, whatever the model reads.
    return EnglishOnly(CrossEncoderJudge(chosen_model(settings.cpu_judge, settings.models_dir)))


def _language_model(name: str, settings: Settings, engines: Engines, metrics: Metrics) -> Judge:
    """The place where a model that was trained to judge gets its own profile; all others are asked in our words."""

    def observe(outcome: AnswerOutcome) -> None:
        metrics.judge_answers.labels(name, outcome.value).inc()

    return LanguageModelJudge(EngineModel(engines, name, settings.engine_context_tokens), observe)
