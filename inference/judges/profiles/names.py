"""The names by which the setting `judge_profile` chooses how a model is asked."""

GENERAL = "general"
"""The prompt of our own, for any model that follows instructions."""

LYNX = "lynx"
MINICHECK = "minicheck"
GRANITE_GUARDIAN = "granite-guardian"
"""The version is read from the model's name."""
GRANITE_GUARDIAN_3_2 = "granite-guardian-3.2"
"""Versions 3.0 to 3.2, which are asked alike."""
GRANITE_GUARDIAN_3_3 = "granite-guardian-3.3"
GRANITE_GUARDIAN_4_1 = "granite-guardian-4.1"
CLASSIFIER = "classifier"

PROFILE_NAMES = (
    GENERAL,
    LYNX,
    MINICHECK,
    GRANITE_GUARDIAN,
    GRANITE_GUARDIAN_3_2,
    GRANITE_GUARDIAN_3_3,
    GRANITE_GUARDIAN_4_1,
    CLASSIFIER,
)
