"""The settings `judge_model`, `judge_profile` and `model` choose how a language model is asked for its verdicts."""

import pytest

from inference.engine.engines import Engines
from inference.errors import SettingsError
from inference.testing.scripted_engine import ScriptedEngine, model_object
from inference.testing.scripted_reply import says
from inference.verdict import Label
from server.judging import chosen_judging
from server.observe.metrics import Metrics
from server.settings import Settings
from tests.inference.judges.profiles.profile_cases import judgement

LYNX = "PatronusAI/Llama-3-Patronus-Lynx-8B-Instruct-v1.1"


def kind_of_judge(**settings: object) -> str:
    chosen = Settings.model_validate({"web_search": False, **settings})
    return chosen_judging(chosen, Engines(), Metrics()).judge.provenance.judge


def test_a_model_trained_to_judge_is_asked_by_its_profile() -> None:
    assert kind_of_judge(judge_model=LYNX) == "lynx"
    assert kind_of_judge(model=[LYNX]) == "lynx"
    assert kind_of_judge(judge_model="Qwen/Qwen3-8B") == "language-model"


def test_a_model_that_we_start_under_another_name_is_known_by_its_folder() -> None:
    assert kind_of_judge(model=["judge=/models/Lynx-8B-AWQ"]) == "lynx"
    assert kind_of_judge(model=["Qwen/Qwen3-8B", "judge=/models/Lynx-8B-AWQ"], judge_model="judge") == "lynx"
    assert kind_of_judge(model=["lynx-8b=/models/Qwen3-8B"]) == "language-model"


def test_the_setting_judge_profile_goes_before_the_name() -> None:
    assert kind_of_judge(judge_model="mine", judge_profile="minicheck") == "minicheck"
    assert kind_of_judge(judge_model=LYNX, judge_profile="general") == "language-model"


def test_a_granite_guardian_of_an_unknown_version_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="judge_profile"):
        kind_of_judge(judge_model="granite-guardian")


async def test_answers_of_a_profile_are_counted_as_those_of_any_language_model() -> None:
    engine = ScriptedEngine([says("Hm."), says("Yes")], served=[model_object("Bespoke-MiniCheck-7B")])
    metrics = Metrics()
    settings = Settings(web_search=False, judge_model="Bespoke-MiniCheck-7B")
    assert (await judgement(chosen_judging(settings, Engines([engine]), metrics).judge)).label is Label.SUPPORTED
    counted = {
        sample.labels["outcome"]: sample.value
        for metric in metrics.judge_answers.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
    assert counted == {"retried": 1.0, "read": 1.0}
