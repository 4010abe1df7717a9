"""Which judge the settings name, and what goes with it: the one on the CPU, or a language model of an engine."""

from dataclasses import dataclass, field

from inference.correction.model_rewriter import ModelRewriter
from inference.correction.rewriter import Rewriter
from inference.engine.child.spec import read_models
from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.evidence.model_queries import ModelQueryWriter
from inference.evidence.queries import ClaimAsQuery, QueryWriter
from inference.judges.cross_encoder.custom.choice import chosen_model
from inference.judges.cross_encoder.judge import CrossEncoderJudge
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import Judge
from inference.judges.language_model.asking import AnswerOutcome
from inference.judges.language_model.judge import LanguageModelJudge
from inference.judges.profiles.wiring import profile_judge
from server.observe.metrics import Metrics
from server.settings import Settings

CPU = "cpu"
"""The name by which `judge_model` asks for the judge on the CPU."""

RUNS_ABREAST = 4
"""Runs of claims of one response that an engine is asked about at a time: it answers several in little more than the
time of one. With more of them, one long response would take the engine from other callers."""


ON_THE_CPU_MAX = 4
"""Verifications at once, and requests for embeddings, where the models on the CPU answer: more only wait for cores."""

BY_A_LANGUAGE_MODEL_MAX = 32
"""Verifications at once where a language model judges: an engine answers dozens of questions in little more than the
time of one, and a batch of verifications leaves it idle with fewer."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The judge, and what else its model does: write search queries for claims, and rewrite what fails.

    `runs_abreast` is how many runs of claims of one response it is asked about at a time, `running_max` how many
    verifications it is good for at once.
    """

    judge: Judge
    queries: QueryWriter = field(default_factory=ClaimAsQuery)
    rewriter: Rewriter | None = None
    runs_abreast: int = 1
    running_max: int = ON_THE_CPU_MAX


def chosen_judging(settings: Settings, engines: Engines, metrics: Metrics) -> Judging:
    """What `settings` name. Loads nothing."""
    name = judging_model(settings)
    return Judging(_on_the_cpu(settings)) if name == CPU else _language_model(name, settings, engines, metrics)


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


def _language_model(name: str, settings: Settings, engines: Engines, metrics: Metrics) -> Judging:
    """A model that was trained to judge does that alone, by its own profile; any other is asked in our words, for
    queries and rewriting too."""

    def observe(outcome: AnswerOutcome) -> None:
        metrics.judge_answers.labels(name, outcome.value).inc()

    default = settings.engine_context_tokens
    trained = profile_judge(name, _origin(name, settings), settings.judge_profile, engines, default, observe)
    if trained is not None:
        return Judging(trained, runs_abreast=RUNS_ABREAST, running_max=BY_A_LANGUAGE_MODEL_MAX)
    model = EngineModel(engines, name, default)
    queries = ModelQueryWriter(model, metrics.query_fallbacks.inc)
    judge = LanguageModelJudge(model, observe)
    return Judging(judge, queries, ModelRewriter(model), RUNS_ABREAST, BY_A_LANGUAGE_MODEL_MAX)


def _origin(name: str, settings: Settings) -> str:
    """The id or the folder of a model that we start as `name`; the name of one that others serve."""
    return next((spec.source for spec in read_models(settings.model) if spec.name == name), name)
