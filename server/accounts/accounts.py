"""The accounts: keys, plans, limits, usage, put together from the settings."""

from dataclasses import dataclass

from inference.errors import StoreUnavailable
from inference.store.database import Database
from inference.usage.usage_records import UsageRecords
from server.accounts.caller import Caller
from server.accounts.key_records import KeyRecords
from server.accounts.keyring import Keyring
from server.accounts.last_use import LastUse
from server.accounts.limiter import Limiter, build_limiter
from server.accounts.plans import Plans
from server.accounts.plans_file import load_plans
from server.accounts.token_records import TokenRecords
from server.accounts.usage_meter import UsageMeter
from server.accounts.visit import Visit
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Accounts:
    """Building it reads the plans and does no other I/O."""

    keys: KeyRecords
    tokens: TokenRecords
    keyring: Keyring
    plans: Plans
    limiter: Limiter
    meter: UsageMeter
    usage: UsageRecords
    last_use: LastUse

    async def count_keys(self) -> int | None:
        """How many keys of the store open the server; None if the store cannot be asked."""
        try:
            return await self.keys.count()
        except StoreUnavailable:
            return None

    def visit(self, caller: Caller) -> Visit:
        """The visit that a request of `caller` is."""
        return Visit(caller, self.plans, self.limiter, self.meter)


def build_accounts(settings: Settings, database: Database) -> Accounts:
    """The accounts that `settings` describe. Raises SettingsError for plans that cannot be read, and where
    the library for a shared limiter is missing."""
    plans = load_plans(settings.plans_file)
    records, usage = KeyRecords(database), UsageRecords(database)
    keys = (key.get_secret_value() for key in settings.api_keys)
    keyring = Keyring(keys, records, required=settings.needs_keys, default_plan=settings.default_plan)
    return Accounts(
        keys=records,
        tokens=TokenRecords(database),
        keyring=keyring,
        plans=plans,
        limiter=build_limiter(settings.limits_url.get_secret_value()),
        meter=UsageMeter(usage),
        usage=usage,
        last_use=LastUse(keyring, records),
    )
