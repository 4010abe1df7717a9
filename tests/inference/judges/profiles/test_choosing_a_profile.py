import pytest

from inference.errors import SettingsError
from inference.judges.profiles.choice import profile_of
from inference.judges.profiles.names import PROFILE_NAMES
from inference.judges.profiles.profile import ClassifierProfile
from server.settings import load_settings

LYNX = [
    "PatronusAI/Llama-3-Patronus-Lynx-8B-Instruct-v1.1",
    "PatronusAI/Llama-3-Patronus-Lynx-70B-Instruct",
    "PatronusAI/Llama-3-Patronus-Lynx-8B-v1.1-Instruct-Q8-GGUF",
    "hf.co/PatronusAI/Llama-3-Patronus-Lynx-8B-Instruct-Q4_K_M-GGUF:latest",
    "mradermacher/Llama-3-Patronus-Lynx-70B-Instruct-i1-GGUF",
    "/models/llama-3-patronus-lynx-8b-instruct-awq/",
    "/models/lynx-v1.1-8b.gguf",
    r"C:\models\Lynx-8B",
    "LYNX_70B_FP8",
]
MINICHECK = [
    "bespokelabs/Bespoke-MiniCheck-7B",
    "bespoke-minicheck:7b-q4_K_M",
    "jmorgan/bespoke-minicheck",
    "./Bespoke_MiniCheck_7B-AWQ",
    "/data/MiniCheck-7B.Q8_0.gguf",
    "/cache/models--bespokelabs--Bespoke-MiniCheck-7B/snapshots/26495549a6894ab2b56df4f30694cbcfabb0bc2c",
]
GUARDIANS = {
    "ibm-granite/granite-guardian-3.0-8b": "granite-guardian-3.2",
    "ibm-granite/granite-guardian-3.1-2b": "granite-guardian-3.2",
    "ibm-granite/granite-guardian-3.2-5b": "granite-guardian-3.2",
    "ibm-granite/granite-guardian-3.2-3b-a800m": "granite-guardian-3.2",
    "granite3-guardian:8b": "granite-guardian-3.2",
    "ibm/granite3.2-guardian:5b": "granite-guardian-3.2",
    "ibm-granite/granite-guardian-3.3-8b": "granite-guardian-3.3",
    "granite-guardian-3.3-8b-Q4_K_M.gguf": "granite-guardian-3.3",
    "ibm/granite3.3-guardian:8b": "granite-guardian-3.3",
    "ibm-granite/granite-guardian-4.1-8b": "granite-guardian-4.1",
    "Granite_Guardian_4.1_8B-FP8": "granite-guardian-4.1",
}
CLASSIFIERS = [
    "FacebookAI/roberta-large-mnli",
    "cross-encoder/nli-roberta-base",
    "joeddav/xlm-roberta-large-xnli",
    "lytang/MiniCheck-RoBERTa-Large",
    "vectara/hallucination_evaluation_model",
    "/models/my-hhem",
]
OTHERS = [
    "Qwen/Qwen3-8B",
    "/home/lynx/models/Qwen3-8B",
    "bytedance/lynx",
    "glynx-8b",
    "PatronusAI/glider",
    "openbmb/MiniCPM-7B",
    "lytang/MiniCheck-Flan-T5-Large",
    "granite-guardian-hap-38m",
    "ibm-granite/granite-guardian-3.2-5b-lora-harm-correction",
    "ibm-granite/granite-3.3-8b-instruct",
    "meta-llama/Llama-Guard-3-8B",
    "cross-encoder/ms-marco-MiniLM-L6-v2",
    "BAAI/bge-reranker-v2-m3",
    "online-7b",
    "",
]


def name_of(model: str, wanted: str = "") -> str | None:
    profile = profile_of(model, wanted)
    return profile.name if profile else None


@pytest.mark.parametrize("model", LYNX)
def test_lynx_is_known_by_its_names(model: str) -> None:
    assert name_of(model) == "lynx"


@pytest.mark.parametrize("model", MINICHECK)
def test_bespoke_minicheck_is_known_by_its_names(model: str) -> None:
    assert name_of(model) == "minicheck"


@pytest.mark.parametrize(("model", "profile"), GUARDIANS.items())
def test_granite_guardian_is_known_with_its_version(model: str, profile: str) -> None:
    assert name_of(model) == profile


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_classifiers_of_inference_are_known_by_their_names(model: str) -> None:
    assert name_of(model) == "classifier"


@pytest.mark.parametrize("model", OTHERS)
def test_a_name_that_merely_sounds_like_one_is_left_to_the_general_judge(model: str) -> None:
    assert name_of(model) is None


@pytest.mark.parametrize("model", ["ibm-granite/granite-guardian-5.0-8b", "granite-guardian"])
def test_a_granite_guardian_of_an_unknown_version_asks_for_the_setting(model: str) -> None:
    with pytest.raises(SettingsError, match=r"judge_profile to one of granite-guardian-3\.2"):
        profile_of(model)


def test_the_setting_goes_before_the_name() -> None:
    assert name_of("judge", "lynx") == "lynx"
    assert name_of("PatronusAI/Llama-3-Patronus-Lynx-8B-Instruct-v1.1", "minicheck") == "minicheck"
    assert name_of("PatronusAI/Llama-3-Patronus-Lynx-8B-Instruct-v1.1", "general") is None
    assert name_of("granite-guardian-3.3-8b", "granite-guardian") == "granite-guardian-3.3"
    assert name_of("granite-guardian", "granite-guardian-4.1") == "granite-guardian-4.1"
    assert name_of("Qwen/Qwen3-8B", "classifier") == "classifier"


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_every_profile_can_be_named_in_the_settings(name: str) -> None:
    assert load_settings({"judge_profile": name, "judge_model": "mine"}, {}).judge_profile == name
    profile_of("granite-guardian-3.3-8b", name)


def test_a_profile_that_is_not_there_stops_the_start_and_lists_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"judge_profile = 'linx' \(in --judge-profile\).*general, lynx, minicheck"):
        load_settings({"judge_profile": "linx"}, {})
    with pytest.raises(SettingsError, match="general, lynx, minicheck"):
        profile_of("x", "linx")


@pytest.mark.parametrize(
    ("model", "english"),
    [("FacebookAI/roberta-large-mnli", True), ("joeddav/xlm-roberta-large-xnli", False), ("my-hhem", True)],
)
def test_a_classifier_reads_english_unless_its_name_says_more(model: str, english: bool) -> None:
    profile = profile_of(model)
    assert isinstance(profile, ClassifierProfile)
    assert profile.english is english
