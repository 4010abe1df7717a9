"""What the labels of somebody else's classifier mean here. Pure.

Labels are told by their names. Names that say nothing for certain are refused rather than guessed at: a classifier
whose labels were taken the wrong way round would be wrong about everything, and sure of it.
"""

from collections.abc import Mapping, Sequence

from inference.verdict import Label

_SUPPORTED = frozenset({"entailment", "entailed", "supported", "supports", "consistent", "factual", "yes"})
_REFUTED = frozenset({"contradiction", "refuted", "refutes", "inconsistent"})
_UNKNOWN = frozenset({"neutral", "not_enough_info", "not_enough_evidence", "nei", "unknown", "unsupported"})

_SUPPORTED_OF_TWO = frozenset({"1", "label_1"})
"""As MiniCheck and other models of consistency have it, whose labels nobody named."""
_UNKNOWN_OF_TWO = frozenset(
    {"0", "label_0", "no", "not_entailment", "not_supported", "not_factual", "non_factual", "hallucinated"}
)
"""The other of two labels does not tell refuted from not mentioned, so it counts as the weaker of them."""

_BY_SETTING = {
    "supported": Label.SUPPORTED,
    "refuted": Label.REFUTED,
    "unknown": Label.NOT_ENOUGH_EVIDENCE,
    "not_enough_evidence": Label.NOT_ENOUGH_EVIDENCE,
}


def label_roles(names: Sequence[str], given: Mapping[str, str]) -> tuple[Label, ...]:
    """What each label of `names` means; a single one is the logit of "supported".

    `given` says it for some labels, by name or number, and goes before their names. Raises ValueError, naming the
    labels, if it cannot be told.
    """
    said = {_plain(name): _setting(role) for name, role in given.items()}
    known = {_plain(name) for name in names} | {str(number) for number in range(len(names))}
    if strange := sorted(said.keys() - known):
        raise ValueError(f"touchstone.json gives a meaning to {', '.join(strange)}, but the labels are {_list(names)}")
    if len(names) == 1:
        return (_only(said),)
    found = [said.get(_plain(n)) or said.get(str(i)) or _role(_plain(n), len(names)) for i, n in enumerate(names)]
    roles = tuple(role for role in found if role is not None)
    if len(roles) < len(names) or Label.SUPPORTED not in roles or len(set(roles)) < 2:
        raise ValueError(_unclear(names))
    return roles


def _only(said: Mapping[str, Label]) -> Label:
    if any(role is not Label.SUPPORTED for role in said.values()):
        raise ValueError("the model has one logit, which can only mean supported")
    return Label.SUPPORTED


def role_of(name: str, count: int) -> Label | None:
    """What the label called `name`, one of `count`, means by its name alone; None if that cannot be told."""
    return _role(_plain(name), count)


def _role(name: str, count: int) -> Label | None:
    if name in _SUPPORTED or (count == 2 and name in _SUPPORTED_OF_TWO):
        return Label.SUPPORTED
    if name in _REFUTED:
        return Label.REFUTED
    return Label.NOT_ENOUGH_EVIDENCE if name in _UNKNOWN or (count == 2 and name in _UNKNOWN_OF_TWO) else None


def _setting(role: str) -> Label:
    if role not in _BY_SETTING:
        raise ValueError(f"touchstone.json: a label means supported, refuted or unknown, not {role!r}")
    return _BY_SETTING[role]


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def _unclear(names: Sequence[str]) -> str:
    return (
        f"its labels are {_list(names)}, and what they mean cannot be told. Understood are: for supported "
        f"{_list(sorted(_SUPPORTED))}; for refuted {_list(sorted(_REFUTED))}; for unknown {_list(sorted(_UNKNOWN))}; "
        "1 and 0 of two. For others put a file touchstone.json into the folder: "
        '{"labels": {"' + names[0] + '": "supported", ...}}'
    )
