"""The plans that ship are those of the reference, and a file of an operator's own is either right or refused with the
place of the mistake."""

from pathlib import Path

import pytest

from inference.batches.batch import Endpoint
from inference.errors import PlanNotFound, SettingsError
from server.accounts.plans import PlanLimits
from server.accounts.plans_file import FIELDS, SHIPPED, load_plans
from server.accounts.sizes import Sizes

THE_SAME_IN_TRIAL = ("32k", "4k")

REFERENCE = """
DeepSeek-R1-0528          | deepseek-ai/DeepSeek-R1-0528                      | 163k | 163k
DeepSeek-V3-0324          | deepseek-ai/DeepSeek-V3-0324                      | 163k | 163k
Gemma 3 27B               | google/gemma-3-27b-it                             | 64k  | 8k
Magistral Small           | mistralai/Magistral-Small-2506                    | 40k  | 40k
Meta Llama 3.1 8B         | klusterai/Meta-Llama-3.1-8B-Instruct-Turbo        | 131k | 131k
Meta Llama 3.3 70B        | klusterai/Meta-Llama-3.3-70B-Instruct-Turbo       | 131k | 131k
Meta Llama 4 Maverick     | meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8 | 1M   | 1M
Meta Llama 4 Scout        | meta-llama/Llama-4-Scout-17B-16E-Instruct         | 131k | 131k
Mistral NeMo              | mistralai/Mistral-Nemo-Instruct-2407              | 131k | 131k
Mistral Small             | mistralai/Mistral-Small-24B-Instruct-2501         | 32k  | 32k
Qwen2.5-VL 7B             | Qwen/Qwen2.5-VL-7B-Instruct                       | 32k  | 32k
Qwen3-235B-A22B           | Qwen/Qwen3-235B-A22B-FP8                          | 40k  | 40k
kluster reliability check | klusterai/verify-reliability                      | 100k | 0
"""
"""Context and output of each model in Core, Scale and Enterprise, as the reference writes them."""

FOR_ALL_MODELS = {
    "trial": ("1000", "20", "30", "1"),
    "core": ("100k", "100", "600", "10"),
    "scale": ("500k", "100", "1200", "25"),
    "enterprise": ("Unlimited", "100", "Unlimited", "Unlimited"),
}
"""Batch requests, concurrent requests, requests a minute and fine-tuned models, which do not differ by model."""

COLUMNS = (
    "context_tokens",
    "output_tokens",
    "batch_requests",
    "concurrent_requests",
    "requests_per_minute",
    "fine_tuned_models",
)

ROWS = [[cell.strip() for cell in row.split("|")] for row in REFERENCE.strip().splitlines()]


def number(cell: str) -> int | None:
    if cell == "Unlimited":
        return None
    return int(cell.rstrip("kM")) * {"k": 1_000, "M": 1_000_000}.get(cell[-1], 1)


@pytest.mark.parametrize("plan", FOR_ALL_MODELS)
@pytest.mark.parametrize(("model", "context", "output"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_plans_that_ship_are_those_of_the_reference(plan: str, model: str, context: str, output: str) -> None:
    sizes = THE_SAME_IN_TRIAL if plan == "trial" else (context, output)
    limits = load_plans().limits(plan, model)
    assert tuple(getattr(limits, column) for column in COLUMNS) == tuple(map(number, (*sizes, *FOR_ALL_MODELS[plan])))


def test_there_are_no_other_plans_and_no_other_models_in_them() -> None:
    plans = load_plans()
    assert plans.names == tuple(FOR_ALL_MODELS)
    named = {row[1] for row in ROWS}
    assert {name: set(plans.plan(name).models) for name in plans.names} == {
        "trial": set(),
        "core": named,
        "scale": named,
        "enterprise": named,
    }


@pytest.mark.parametrize("plan", FOR_ALL_MODELS)
def test_other_models_and_requests_for_none_have_the_limits_of_all(plan: str) -> None:
    sizes = THE_SAME_IN_TRIAL if plan == "trial" else ("Unlimited", "Unlimited")
    limits = load_plans().limits(plan, "Qwen/Qwen3-8B")
    assert limits == load_plans().limits(plan, None)
    assert tuple(getattr(limits, column) for column in COLUMNS) == tuple(map(number, (*sizes, *FOR_ALL_MODELS[plan])))


def test_the_file_that_ships_says_what_each_field_is() -> None:
    comments = [line for line in SHIPPED.read_text().splitlines() if line.startswith("#")]
    assert [name for name in FIELDS if not any(line.startswith(f"# {name} ") for line in comments)] == []


def test_the_other_name_of_verification_has_the_same_limits() -> None:
    plans = load_plans()
    assert plans.limits("core", "touchstone/verify") == plans.limits("core", "klusterai/verify-reliability")
    assert plans.limits("core", "touchstone/verify").context_tokens == 100_000


@pytest.fixture
def plans_file(tmp_path: Path) -> Path:
    return tmp_path / "plans.toml"


def test_a_model_has_what_the_plan_says_of_it_and_of_all(plans_file: Path) -> None:
    plans_file.write_text(
        """
        [small]
        context_tokens = 1_000
        output_tokens = 100
        requests_per_minute = 5
        other_requests_per_minute = 7

        [small.models]
        "big/model" = { context_tokens = "unlimited", output_tokens = 50, concurrent_requests = 0 }
        "touchstone/verify" = { context_tokens = 9 }
        """
    )
    plans = load_plans(plans_file)
    other = {"requests_per_minute": 5, "other_requests_per_minute": 7}
    assert plans.limits("small", "other/model") == PlanLimits(1_000, 100, **other)
    assert plans.limits("small", "big/model") == PlanLimits(None, 50, concurrent_requests=0, **other)
    assert plans.limits("small", "klusterai/verify-reliability").context_tokens == 9
    assert plans.sizes("small", "big/model") == Sizes("small", "big/model", None, 50)


def test_who_has_no_plan_and_a_plan_without_sizes_let_any_size_through() -> None:
    assert load_plans().sizes(None, "any") is None
    assert load_plans().sizes("enterprise", "any") is None


def test_a_batch_has_the_limits_of_its_models_by_both_names_of_verification(plans_file: Path) -> None:
    plans_file.write_text(
        '[p]\nbatch_requests = 9\n[p.models]\n"klusterai/verify-reliability" = { batch_requests = 2 }\n'
        '"free" = { batch_requests = "unlimited" }\n"same" = { batch_requests = 9 }\n'
    )
    lines = load_plans(plans_file).lines_of("p", Endpoint.CHAT)
    names = ("any", "free", "same", "klusterai/verify-reliability", "touchstone/verify")
    assert [lines.most(name) for name in names] == [9, None, 9, 2, 2]
    assert load_plans(plans_file).lines_of("p", Endpoint.VERIFY).most(None) == 2


FIELDS_SAID = "there are context_tokens, output_tokens, batch_requests, concurrent_requests, requests_per_minute"

MISTAKES = {
    "nothing": ("", "holds no plan; it needs one at least, such as [core]"),
    "comments alone": ("# [core]\n", "holds no plan"),
    "no TOML": ("[core\n", "is no TOML: "),
    "twice the same plan": ("[core]\n[core]\n", "is no TOML: "),
    "a field outside of a plan": ("context_tokens = 5\n", "plan 'context_tokens': 5 is no table"),
    "a plan with a space": ('["my plan"]\n', "plan 'my plan': the name of a plan is a word"),
    "a plan without a name": ('[""]\n', "plan '': the name of a plan is a word"),
    "a plan in brackets twice": ("[[core]]\n", "plan 'core': [{}] is no table"),
    "a misspelt field": (
        "[core]\ncontext_token = 5\n",
        f"plan 'core': there is no field 'context_token'; {FIELDS_SAID}",
    ),
    "a negative number": ("[core]\noutput_tokens = -1\n", "plan 'core': output_tokens = -1 is neither a whole number"),
    "a text": (
        '[core]\noutput_tokens = "4k"\n',
        """output_tokens = '4k' is neither a whole number from 0 to 1,000,0""",
    ),
    "another word": ('[core]\noutput_tokens = "Unlimited"\n', 'nor "unlimited"'),
    "a fraction": ("[core]\noutput_tokens = 4.5\n", "output_tokens = 4.5 is neither"),
    "true": ("[core]\noutput_tokens = true\n", "output_tokens = True is neither"),
    "a date": ("[core]\noutput_tokens = 2026-01-01\n", "output_tokens = datetime.date(2026, 1, 1) is neither"),
    "infinity": ("[core]\noutput_tokens = inf\n", "output_tokens = inf is neither"),
    "far too much": ("[core]\noutput_tokens = 9223372036854775807\n", "output_tokens = 9223372036854775807 is neither"),
    "a list of models": ("[core]\nmodels = ['a']\n", "plan 'core': models = ['a'] is no table of models"),
    "a number for a model": ("[core.models]\na = 5\n", "plan 'core', model 'a': 5 is no table of limits"),
    "a name with dots": (
        "[core.models]\nllama-3.1 = { output_tokens = 5 }\n",
        "model 'llama-3': there is no field '1'",
    ),
    "a misspelt field of a model": (
        "[core.models]\na = { tokens = 5 }\n",
        f"plan 'core', model 'a': there is no field 'tokens'; {FIELDS_SAID}",
    ),
    "a wrong value of a model": (
        "[core.models]\na = { output_tokens = [] }\n",
        "model 'a': output_tokens = [] is neither",
    ),
    "what belongs to the plan": (
        "[core.models]\na = { other_requests_per_minute = 5 }\n",
        "model 'a': other_requests_per_minute is for requests that ask no model; it belongs to the plan",
    ),
    "verification by both names": (
        '[core.models]\n"klusterai/verify-reliability" = {}\n"touchstone/verify" = {}\n',
        "model 'touchstone/verify': this is another name of klusterai/verify-reliability",
    ),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_file_is_refused_with_its_place(plans_file: Path, text: str, told: str) -> None:
    plans_file.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load_plans(plans_file)
    assert refused.value.message.startswith(f"plans file {plans_file}")
    assert told in refused.value.message


def test_a_file_that_begins_with_a_byte_order_mark_is_read(plans_file: Path) -> None:
    plans_file.write_text("[core]\nrequests_per_minute = 7\n", encoding="utf-8-sig")
    assert load_plans(plans_file).limits("core", None).requests_per_minute == 7


def test_a_long_value_is_shown_shortened(plans_file: Path) -> None:
    plans_file.write_text(f'[core]\noutput_tokens = "{"9" * 10_000}"\n')
    with pytest.raises(SettingsError) as refused:
        load_plans(plans_file)
    assert len(refused.value.message) < 500


@pytest.mark.parametrize("made", ["nothing", "a folder", "no text"])
def test_a_file_that_is_not_there_or_no_text_is_refused(plans_file: Path, made: str) -> None:
    if made == "a folder":
        plans_file.mkdir()
    elif made == "no text":
        plans_file.write_bytes(b"\xff\xfe[core]")
    with pytest.raises(SettingsError, match=r"plans\.toml (does not exist|cannot be read|is no TOML)"):
        load_plans(plans_file)


def test_a_plan_that_is_gone_is_said_so_with_those_that_there_are() -> None:
    with pytest.raises(PlanNotFound, match=r"'gold' is not in the plans file .* trial, core, scale, enterprise"):
        load_plans().limits("gold", "echo")
