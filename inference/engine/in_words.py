"""The form of an answer told in words, where whoever serves the model does not bind it. Pure."""

from inference.engine.language_model import Ask
from inference.prompts.data import as_data
from inference.prompts.prompt import load_prompt


def form_in_words(ask: Ask) -> str:
    """What to tell a model of the schema or the choices of `ask`; empty if it has neither."""
    words = load_prompt("bound")
    if ask.schema is not None:
        return f"{words['schema'].strip()}\n{as_data(ask.schema)}"
    return f"{words['choices'].strip()}\n{as_data(list(ask.choices))}" if ask.choices else ""
