"""The judge for a model that was trained to judge, put together from names."""

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.judges.judge import Judge
from inference.judges.profiles.choice import profile_of
from inference.judges.profiles.classifier_judge import ClassifierJudge
from inference.judges.profiles.judge import ProfileJudge
from inference.judges.profiles.outcome import Observer, unobserved
from inference.judges.profiles.pooling import Pooling
from inference.judges.profiles.profile import ClassifierProfile


def profile_judge(
    model_name: str,
    wanted: str,
    engines: Engines,
    context_tokens_default: int,
    observer: Observer = unobserved,
) -> Judge | None:
    """The judge for the model `model_name` of `engines`; None if it is one for the general judge. Does no I/O.

    `wanted` is the setting `judge_profile`, empty to go by the name; `context_tokens_default` holds where an engine
    does not say how much its model reads. Raises SettingsError as `profile_of` does.
    """
    profile = profile_of(model_name, wanted)
    if profile is None:
        return None
    if isinstance(profile, ClassifierProfile):
        return ClassifierJudge(profile, Pooling(engines, model_name))
    return ProfileJudge(profile, EngineModel(engines, model_name, context_tokens_default), observer)
