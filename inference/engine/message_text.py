"""The text of a message in OpenAI's chat format, of a caller's or of a model's. Pure."""


def text_of(content: object) -> str:
    """The text in a message's `content`: itself, or that of its text parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    return "\n".join(text for text in texts if isinstance(text, str))
