"""The command line and the environment of one vLLM: what we set, and why. Pure.

Every flag was checked against vLLM 0.32. Arguments of the user come last, and of two that say the same vLLM takes the
last: the user's win.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.engine.child.spec import ModelSpec

HOST = "127.0.0.1"

DEVICE_SHARE = 0.9
"""Of the GPU's memory, for all models together. It is what vLLM takes for one; two would not start with it each."""

LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes for --max-lora-rank."""

LORA_RANK_DEFAULT = 16
"""vLLM's own. A higher one costs memory and speed, so it is raised only for an adapter that needs it."""

_OURS = "TOUCHSTONE_"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one model is started. `arguments` are the user's; `models` is how many share the machine."""

    spec: ModelSpec
    program: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    models: int = 1
    adapters: int = 0
    adapter_rank: int = 0
    """The highest rank of the adapters to load."""


def command(plan: Plan, port: int) -> list[str]:
    """The program and its arguments, to serve on `port` of the loopback address."""
    source = plan.spec.source
    # `vllm serve` wants the model in front, the module `vllm.entrypoints.openai.api_server` behind a flag.
    model = [source] if plan.program[-1:] == ("serve",) else ["--model", source]
    return [
        *plan.program,
        *model,
        *("--host", HOST),  # ours is the only door
        *("--port", str(port)),
        *("--served-model-name", plan.spec.name),  # else its name would be the folder's whole path
        # Prompts of one kind begin alike (a judge's instructions, a conversation so far): read once, not each time.
        "--enable-prefix-caching",
        # Batches behind live requests; the default serves by arrival, and a batch would hold up everybody.
        *("--scheduling-policy", "priority"),
        # The default backend let invalid JSON through in 118 of 200 answers of a random model, this one in none.
        *("--structured-outputs-config.backend", "guidance"),
        *_compact(plan),
        "--disable-uvicorn-access-log",  # our own log has a line a request already
        *_lora(plan),
        *_share(plan),
        *plan.arguments,
    ]


def _compact(plan: Plan) -> list[str]:
    """Bound JSON without white space between its parts: a model that cannot go on writes blanks until it is cut off.
    Other backends know no such thing, so nothing is said if the user speaks of them."""
    if any(argument.startswith("--structured-outputs-config") for argument in plan.arguments):
        return []
    return ["--structured-outputs-config.disable_any_whitespace", "true"]


def _lora(plan: Plan) -> list[str]:
    """Adapters can be loaded while it runs; this has to be said at the start."""
    if not takes_adapters(plan.arguments):
        return []
    flags = ["--enable-lora"]
    if plan.adapters > 1:
        flags += ["--max-loras", str(plan.adapters)]  # how many may serve side by side in one step; 1 if not said
    if plan.adapter_rank > LORA_RANK_DEFAULT:
        rank = next((rank for rank in LORA_RANKS if rank >= plan.adapter_rank), LORA_RANKS[-1])
        flags += ["--max-lora-rank", str(rank)]
    return flags


def takes_adapters(arguments: Sequence[str]) -> bool:
    """Whether a vLLM with these arguments of the user's can load LoRA adapters: not if told not to, and pooling
    models (embeddings, classifiers) have no use for them."""
    pooling = "--runner=pooling" in arguments or ("--runner", "pooling") in itertools.pairwise(arguments)
    return not pooling and "--no-enable-lora" not in arguments


def _share(plan: Plan) -> list[str]:
    """Several models share the GPU in equal parts, unless the user divides it otherwise."""
    return ["--gpu-memory-utilization", f"{DEVICE_SHARE / plan.models:.2f}"] if plan.models > 1 else []


def environment(inherited: Mapping[str, str], key: str, is_folder: bool) -> dict[str, str]:
    """The environment of the child: what it inherits, without what is ours alone (keys among it), and `key`.

    The key goes this way and not by a flag, since arguments are shown to everybody on the machine.
    """
    passed = {name: value for name, value in inherited.items() if not name.startswith(_OURS)}
    wanted = {
        "VLLM_NO_USAGE_STATS": "1",  # vLLM reports its use to its makers unless told not to
        "HF_HUB_DISABLE_TELEMETRY": "1",
        # Tool calls would be bound by tags that the guidance backend refuses (400 "Invalid grammar specification:
        # 'triggers'"); so they are bound by the tool's JSON schema.
        "VLLM_ENFORCE_STRICT_TOOL_CALLING": "0",
        "PYTHONUNBUFFERED": "1",  # a log that comes when things happen
        # What lies in a folder needs no network; without this vLLM asks the hub for parts that are not there.
        **({"HF_HUB_OFFLINE": "1"} if is_folder else {}),
    }
    forced = {"VLLM_API_KEY": key, "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"}
    return wanted | passed | forced
