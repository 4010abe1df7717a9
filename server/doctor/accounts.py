"""Checks of who is let in: keys, administrators, plans, and where limits are counted. Nothing is made that is not
there."""

import time
from collections.abc import Sequence

from inference.errors import SettingsError, StorageError
from server.accounts.key_records import ApiKey
from server.accounts.limiter import build_limiter
from server.accounts.needed_keys import stored_keys
from server.accounts.plans_file import load_plans
from server.doctor.finding import Finding, Status, fine, wrong
from server.settings import Settings

KEYS, PLANS, LIMITS = "API keys", "plans", "limits"


async def accounts(settings: Settings) -> list[Finding]:
    """What is to be said of keys, plans and limits."""
    try:
        stored = await _stored(settings)
    except (StorageError, SettingsError) as error:
        unknown = f"those of the store cannot be read: {error.message}"
        of_keys = wrong(KEYS, unknown, "mend the database; keys of TOUCHSTONE_API_KEYS work without it")
        return [of_keys, _plans(settings, ()), await _limits(settings)]
    return [_keys(settings, stored), _plans(settings, stored), await _limits(settings)]


async def _stored(settings: Settings) -> Sequence[ApiKey]:
    """The keys of the store that open something. A store that is not there yet has none, and is not made."""
    if not settings.database_url.get_secret_value() and not (settings.data_dir / "store.sqlite3").exists():
        return ()
    async with stored_keys(settings) as records:
        now_s = time.time()
        return [key for key in await records.all() if key.opens(now_s)]


def _keys(settings: Settings, stored: Sequence[ApiKey]) -> Finding:
    administrators = sum(key.is_admin for key in stored)
    of_settings = len(settings.api_keys)
    facts = {"settings_keys": of_settings, "stored_keys": len(stored), "administrators": administrators}
    there = f"{len(stored)} of touchstone keys ({administrators} with --admin) and {of_settings} of TOUCHSTONE_API_KEYS"
    if not settings.needs_keys:
        told = f"nobody is asked for one on {settings.host} (--require-keys); {there}"
        return Finding(KEYS, Status.OFF, told, facts=facts)
    if stored or settings.api_keys:
        return fine(KEYS, f"everybody is asked for one; {there}", **facts)
    why = "by --require-keys" if settings.require_keys else f"on {settings.host}, which others can reach"
    return wrong(
        KEYS,
        f"needed {why}, and there is none that opens anything: the server would not start",
        "touchstone keys create NAME, given the same --data-dir or --database-url",
        **facts,
    )


def _plans(settings: Settings, stored: Sequence[ApiKey]) -> Finding:
    source = settings.plans_file or "the file that ships"
    try:
        plans = load_plans(settings.plans_file)
        plans.check_default(settings.default_plan)
    except SettingsError as error:
        return wrong(PLANS, error.message, "mend the file or the setting; docs/plans.md says what may stand there")
    lost = [key for key in stored if key.plan and key.plan not in plans]
    if lost:
        which = ", ".join(f"{key.id} ({key.plan})" for key in lost)
        told = f"keys have a plan that is not in {source}, so every request of theirs is refused: {which}"
        return wrong(PLANS, told, "give the file that plan back, or make other keys for them (--owner, --plan)")
    return fine(PLANS, f"{plans} in {source}; a key that was made without one has {settings.default_plan}")


async def _limits(settings: Settings) -> Finding:
    url = settings.limits_url.get_secret_value()
    if not url:
        return fine(LIMITS, "counted in each server by itself; several share them in a Redis (--limits-url)")
    try:
        limiter = build_limiter(url)
    except SettingsError as error:
        return wrong(LIMITS, error.message, "see to --limits-url; docs/limits.md says what it needs")
    try:
        down = await limiter.why_not_shared()
    finally:
        await limiter.aclose()
    if down is None:
        return fine(LIMITS, "counted together in the Redis of limits_url, which answers")
    told = f"the Redis of limits_url gives no answer ({down}): each server would count alone"
    return wrong(LIMITS, told, "see that it runs, and that address and password are right")
