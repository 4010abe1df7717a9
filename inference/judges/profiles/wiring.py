"""The judge for a model that was trained to judge, put together from names."""

from inference.engine.engine_model import EngineModel
from inference.engine.engines import Engines
from inference.judges.english_only import EnglishOnly
from inference.judges.judge import Judge
from inference.judges.language_model.asking import Observer
from inference.judges.profiles.choice import profile_of
from inference.judges.profiles.classifier_judge import ClassifierJudge
from inference.judges.profiles.judge import ProfileJudge
from inference.judges.profiles.pooling import Pooling
from inference.judges.profiles.profile import ClassifierProfile


def profile_judge(
    name: str, origin: str, wanted: str, engines: Engines, context_tokens_default: int, observe: Observer
) -> Judge | None:
    """The judge for the model that `engines` serve as `name`; None if it is one for the general judge. Does no I/O.

    `origin` is where the model comes from, which tells what it is: an id of Hugging Face, a folder, or its name again.
    `wanted` is the setting `judge_profile`, empty to go by the origin; `context_tokens_default` holds where an engine
    does not say how much its model reads; `observe` hears of each answer whether it could be read. Raises SettingsError
    as `profile_of` does.
    """
    profile = profile_of(origin, wanted)
    if profile is None:
        return None
    if isinstance(profile, ClassifierProfile):
        classifier = ClassifierJudge(profile, Pooling(engines, name))
        return EnglishOnly(classifier) if profile.english else classifier
    # Their makers trained and tested them on English; what they say of other languages nobody knows.
    return EnglishOnly(ProfileJudge(profile, EngineModel(engines, name, context_tokens_default), observe))
