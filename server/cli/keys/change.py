"""`touchstone keys create | revoke | rotate | plan`."""

import time
from typing import Annotated

import orjson
import typer
from rich.text import Text

from inference.errors import BadInput
from server.accounts.key_records import ApiKey, KeyRecords
from server.accounts.new_keys import check_name, check_plan, lifetime_s
from server.accounts.plans_file import load_plans
from server.cli.console import err, out
from server.cli.keys.listing import time_of
from server.cli.keys.named import key_named
from server.cli.keys.store import STORE_SETTINGS, Json, with_keys
from server.cli.options import takes_settings
from server.http.listening import url_of
from server.settings import Settings
from server.wire.keys import key_json

KeyId = Annotated[str, typer.Argument(metavar="ID", help="Id of the key; its name will do if no other has it.")]

_ONCE = "The key is shown this once, and only its digest is kept. Send it with each request:"
_EXAMPLE = 'curl {url}/v1/models -H "Authorization: Bearer YOUR_API_KEY"'
_ASSISTANT = "An assistant (Claude, Cursor) does better with an MCP token, which opens MCP alone:"
_ENABLE = 'curl -X POST {url}/v1/mcp/enable -H "Authorization: Bearer YOUR_API_KEY"'
_DEFAULT_PLAN = "the default plan of the server"
_NAME_CHARS = 9


@takes_settings(*STORE_SETTINGS, "plans_file")
def create(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you know it by, such as whom or what it is for.")],
    plan: Annotated[str | None, typer.Option(help="Plan whose limits it has; else the server's default plan.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: in 30m, 12h, 90d or 2w; else when it is revoked.")
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="It also makes and revokes keys, and sees all usage.")] = False,
    owner: Annotated[
        str | None, typer.Option(metavar="ID", help="Key whose files and batches it is to see; else its own alone.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key, and print it."""
    check_name(name)
    check_plan(plan, load_plans(settings.plans_file))
    for_s = None if expires is None else lifetime_s(expires)

    async def make(records: KeyRecords) -> tuple[ApiKey, str]:
        same = None if owner is None else await _id(records, owner)
        expires_at = None if for_s is None else int(time.time()) + for_s
        return await records.create(name, plan=plan, expires_at=expires_at, is_admin=admin, same_owner_as=same)

    _show(*with_keys(settings, make), settings, json=json)


@takes_settings(*STORE_SETTINGS)
def revoke(settings: Settings, key_id: KeyId, json: Json = False) -> None:
    """Have a key, and the MCP token made with it, open nothing any more. For good."""

    async def end(records: KeyRecords) -> ApiKey:
        return await records.revoke(await _id(records, key_id))

    key = with_keys(settings, end)
    _tell(key, "is revoked", "All servers on this store refuse it within a second.", json=json)


@takes_settings(*STORE_SETTINGS)
def rotate(settings: Settings, key_id: KeyId, json: Json = False) -> None:
    """Give a key another text, and print it. The old one, and the MCP token made with it, open nothing any more."""

    async def renew(records: KeyRecords) -> tuple[ApiKey, str]:
        return await records.rotate(await _id(records, key_id))

    _show(*with_keys(settings, renew), settings, json=json)


@takes_settings(*STORE_SETTINGS, "plans_file")
def plan(
    settings: Settings,
    key_id: KeyId,
    name: Annotated[
        str | None, typer.Argument(metavar="PLAN", help="Plan whose limits it has from now on.", show_default=False)
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="It has no plan of its own: the server's default plan holds for it.")
    ] = False,
    json: Json = False,
) -> None:
    """Give a key another plan, or with --default the server's default plan again."""
    plans = load_plans(settings.plans_file)
    if default == (name is not None):
        raise BadInput(f"plan: give one of them, the name of a plan or --default; there are {plans}")
    check_plan(name, plans)

    async def give(records: KeyRecords) -> ApiKey:
        return await records.give_plan(await _id(records, key_id), name)

    key = with_keys(settings, give)
    has = _DEFAULT_PLAN if name is None else f"the plan {name}"
    _tell(key, f"has {has}", "It holds at all servers on this store within a second.", json=json)


def _tell(key: ApiKey, what: str, when: str, *, json: bool) -> None:
    if json:
        typer.echo(orjson.dumps(key_json(key, time.time()), option=orjson.OPT_INDENT_2))
        return
    out.print(f"{key.id} ({key.name}) {what}", markup=False, soft_wrap=True)
    err.print(when, soft_wrap=True)


async def _id(records: KeyRecords, text: str) -> str:
    return key_named(await records.all(), text, time.time()).id


def _show(key: ApiKey, text: str, settings: Settings, *, json: bool) -> None:
    if json:
        typer.echo(orjson.dumps(key_json(key, time.time(), text), option=orjson.OPT_INDENT_2))
        return
    rows = {
        "id": key.id,
        "name": key.name,
        "plan": key.plan or _DEFAULT_PLAN,
        "admin": "yes" if key.is_admin else "",
        "owner": "" if key.owner == key.id else key.owner,
        "expires": "" if key.expires_at is None else time_of(key.expires_at),
        "key": text,
    }
    for name, value in rows.items():
        if value:
            styled = (value, "bold" if name == "key" else "")
            out.print(Text.assemble((f"{name:<{_NAME_CHARS}}", "dim"), styled), soft_wrap=True)
    err.print(f"\n{_ONCE}", soft_wrap=True)
    url = settings.public_url or url_of("127.0.0.1", settings.port)
    err.print(f"  {_EXAMPLE.format(url=url)}", markup=False, soft_wrap=True)
    err.print(_ASSISTANT, soft_wrap=True)
    err.print(f"  {_ENABLE.format(url=url)}", markup=False, soft_wrap=True)
