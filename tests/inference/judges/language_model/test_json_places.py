"""Every string value of a JSON text is found where it stands."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from inference.judges.language_model.json_places import Path, string_places

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner),
    max_leaves=20,
)


def strings(value: Any, path: Path = ()) -> dict[Path, str]:
    if isinstance(value, str):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {at: text for key, inner in items for at, text in strings(inner, (*path, key)).items()}


@given(values, st.booleans())
def test_each_string_is_found_by_its_path(value: Any, indented: bool) -> None:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indented else 0)
    found = dict(string_places(text))
    expected = strings(value)
    assert found.keys() == expected.keys()
    for path, start in found.items():
        written = orjson.dumps(expected[path])[1:-1]
        assert text[start : start + len(written)] == written
