"""Every setting of the server: typed, frozen, described, read once.

A value comes from, in this order: a command-line flag, the environment (`TOUCHSTONE_` and the name in capitals), a
TOML file, the default. The command line is made from this class (`server/cli/options.py`), so a field added here is a
flag, a variable and a TOML key at once. Nothing below the entry point reads the environment.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from inference.engine.address import address_of
from inference.errors import SettingsError
from inference.judges.cross_encoder.custom.hub_id import HubId
from inference.judges.profiles.names import PROFILE_NAMES
from inference.webhooks.signature import secret_of
from inference.webhooks.target import target_of
from server.accounts.weak_keys import why_weak
from server.http.public_address import public_url_of
from server.observe.collector_url import collector_url
from server.setting_groups import NEVER_SHOWN
from tools.limits import Limits

ENV_PREFIX = "TOUCHSTONE_"
CONFIG_VARIABLE = "TOUCHSTONE_CONFIG"  # names the TOML file; not a setting itself, since it says where settings are
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_LIMITS = Limits()


def _split_commas(value: object) -> object:
    """Lists come as one comma-separated text from flags and environment, as arrays from TOML."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaSeparated = BeforeValidator(_split_commas)


class Settings(BaseModel):
    """The settings. Units come last in a name: `_s` seconds, `_bytes`, `_chars`; `_max` is inclusive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on. Any but loopback needs keys.", min_length=1)
    port: int = Field(3001, description="Port to listen on; 0 takes a free one.", ge=0, le=65_535)
    public_url: str = Field(
        "",
        description="Address that callers reach the server under, such as https://verify.example.com; "
        "else the one that they ask for.",
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("touchstone", appauthor=False)),
        description="Folder that holds everything the server writes, such as your corpus.",
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Database of keys, usage, files and batches: postgresql://USER:PASSWORD@HOST/NAME; else a file in "
        "data_dir. Better given by environment.",
    )
    blobs_url: str = Field(
        "",
        description="Where the bytes of files and batches lie: s3://BUCKET/PREFIX, gs:// or az://; else in data_dir.",
        repr=False,  # keys do not belong there, and are refused only where it is opened
    )
    executor: str = Field(
        "process",
        description="What works off batches: process, this one; ray, an existing cluster; none, others do "
        "(touchstone worker).",
        pattern="^(process|ray|none)$",
    )
    ray_address: str = Field("auto", description="Ray cluster for executor ray.", min_length=1)
    ray_actors: int = Field(4, description="Actors that work off batches on the Ray cluster.", ge=1, le=10_000)
    batch_lines_running_max: int = Field(
        64, description="Requests of batches that one process has under way at once, to each endpoint.", ge=1, le=4096
    )
    batch_lines_max: int = Field(5_000_000, description="Requests in one batch.", ge=1, le=5_000_000)
    batch_mixed_models: bool = Field(True, description="Let the requests of one batch name different models.")
    batches_max: int = Field(500, description="Batches of one key that may be waiting or running at once.", ge=1)
    file_bytes_max: int = Field(10 * 1024**3, description="Bytes in one file.", ge=1024)
    upload_part_bytes_max: int = Field(64 * 1024**2, description="Bytes in one part of an upload.", ge=1024)
    disk_free_bytes_min: int = Field(
        256 * 1024**2, description="Bytes that are left free on the disk of data_dir: no file is taken into them.", ge=0
    )
    webhook_url: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (),
        description="Addresses that are told when a batch ends, comma-separated.",
        max_length=16,
        repr=False,  # one may hold a password
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret that webhooks are signed with: whsec_ and base64. Better by environment."
    )
    api_keys: Annotated[tuple[SecretStr, ...], CommaSeparated] = Field(
        (),
        description="Keys that callers must send, comma-separated, beside those of `touchstone keys`. Weak ones are "
        "refused. Better given by environment than by flag.",
    )
    require_keys: bool = Field(False, description="Ask for a key on loopback too.")
    plans_file: Path | None = Field(
        None, description="TOML file with plans and their limits (docs/plans.md); else those that ship."
    )
    default_plan: str = Field(
        "enterprise",
        description="Plan of keys that were made without one. Keys of api_keys have no plan.",
        min_length=1,
    )
    limits_url: SecretStr = Field(
        SecretStr(""),
        description="Redis in which several servers count the requests of keys together: redis://HOST; else each "
        "counts alone. Better given by environment.",
    )
    allowed_hosts: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (),
        description="Host names that requests may come in under, comma-separated, beside loopback; * for any.",
    )
    allowed_origins: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (), description="Web origins that browsers may call from, comma-separated, beside loopback; * for any."
    )
    cpu_judge: str = Field(
        "",
        description="Model that judges: a folder, or hub:ORG/NAME[@REVISION] to download one; else the one that ships.",
    )
    model: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (),
        description="Language models to start on vLLM, comma-separated: a Hugging Face id or a folder, or NAME=either.",
    )
    engine_url: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (),
        description="OpenAI-compatible servers that run already (vLLM, llama.cpp, Ollama, a hosted one), "
        "comma-separated.",
    )
    engine_key: Annotated[tuple[SecretStr, ...], CommaSeparated] = Field(
        (), description="Key for engine_url: one for all, or one for each in its order. Better given by environment."
    )
    judge_model: str = Field(
        "",
        description="Language model that judges, by its name; cpu for the small one that ships. "
        "If not given, the first of model judges, or the small one where there is none.",
    )
    judge_profile: str = Field(
        "",
        description="How judge_model is asked: general, or the profile of a model trained to judge; "
        "if not given, by its name (docs/judge-profiles.md).",
    )
    vllm: str = Field(
        "", description="Command that starts vLLM, if it is not `vllm serve` of this environment.", max_length=4096
    )
    vllm_args: str = Field("", description="More arguments for vLLM, as in a shell, such as '--max-model-len 8192'.")
    lora: Annotated[tuple[str, ...], CommaSeparated] = Field(
        (), description="LoRA adapters to load into the first of model, comma-separated, each NAME=FOLDER."
    )
    engine_start_timeout_s: float = Field(
        1800.0, description="Seconds that a model may take to start, its download included.", gt=0, le=86_400
    )
    engine_timeout_s: float = Field(
        300.0, description="Seconds without a byte from the engine after which a request is given up.", gt=0, le=86_400
    )
    engine_answer_timeout_s: float = Field(
        3600.0, description="Seconds that a whole answer of an engine may take, a stream too.", gt=0, le=86_400
    )
    engine_context_tokens: int = Field(
        8192, description="Tokens that a model reads at once, where its engine does not say.", ge=512
    )
    engine_running_max: int = Field(
        512, description="Requests to engines under way at once; more are refused.", ge=1, le=100_000
    )
    web_search: bool = Field(True, description="Look for evidence on the web when no document is given.")
    starter_corpus: bool = Field(True, description="Use the passages that ship with the server as evidence.")
    web_timeout_s: float = Field(
        15.0, description="Seconds for one web search; reading its pages may add 10.", gt=0, le=300
    )
    passages_per_claim: int = Field(
        _LIMITS.passages_per_claim, description="Passages that a claim is judged against.", ge=1, le=50
    )
    claims_max: int = Field(_LIMITS.claims_max, description="Claims in one response.", ge=1, le=100_000)
    prompt_chars_max: int = Field(_LIMITS.prompt_chars_max, description="Characters in a prompt.", ge=1)
    response_chars_max: int = Field(_LIMITS.response_chars_max, description="Characters in a response.", ge=1)
    document_chars_max: int = Field(_LIMITS.document_chars_max, description="Characters in a document.", ge=1)
    body_bytes_max: int = Field(32 * 1024 * 1024, description="Bytes in a request body.", ge=1024)
    body_timeout_s: float = Field(
        30.0, description="Seconds for a request's header to arrive, and again for its body.", gt=0, le=3600
    )
    verify_timeout_s: float = Field(
        _LIMITS.verify_timeout_s,
        description="Seconds for one verification or list of embeddings, waiting included.",
        gt=0,
        le=3600,
    )
    running_max: int = Field(
        0,
        description="Verifications that run at once, and requests for embeddings likewise; "
        "0 for 4, or 32 verifications where a language model judges.",
        ge=0,
        le=1024,
    )
    waiting_max: int = Field(
        256, description="Requests of either kind that may wait for their turn; more are refused.", ge=0
    )
    send_timeout_s: float = Field(
        30.0, description="Seconds in which a client has to take some of an answer that waits for it.", gt=0, le=3600
    )
    connections_max: int = Field(
        4096, description="Connections served at once. Idle ones make room for more, then more answer 503.", ge=1
    )
    connections_per_address_max: int = Field(
        0, description="Connections from one address at once; 0 for no bound, as behind a proxy.", ge=0
    )
    stop_timeout_s: int = Field(10, description="Seconds that running requests get to finish at a stop.", ge=0, le=600)
    log_level: str = Field(
        "info", description="How much is logged: debug, info, warning, error.", pattern="^(debug|info|warning|error)$"
    )
    log_format: str = Field(
        "text",
        description="How the log is written: text, or json, an object a line (docs/observability.md).",
        pattern="^(text|json)$",
    )
    traces_url: Annotated[str, AfterValidator(collector_url)] = Field(
        "",
        description="Where OpenTelemetry traces go, such as http://localhost:4318/v1/traces (OTLP over HTTP); "
        "else there are none.",
        repr=False,  # one may hold a password, and is refused
    )
    traces_ratio: float = Field(1.0, description="Part of the traces that is kept.", ge=0, le=1)

    @field_validator("api_keys")
    @classmethod
    def _are_no_weak_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(keys, start=1):
            if why := why_weak(key.get_secret_value()):
                which = "the key" if len(keys) == 1 else f"key {number} of {len(keys)}"
                raise ValueError(
                    f"{which} {why}. Make one that nobody guesses with `touchstone keys create NAME`, which keeps it "
                    "in the store, or with `openssl rand -hex 24`"
                )
        return keys

    @field_validator("public_url")
    @classmethod
    def _is_public_address(cls, url: str) -> str:
        try:
            return public_url_of(url) if url else ""
        except SettingsError as error:
            raise ValueError(error.message) from None

    @field_validator("engine_url")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            try:
                address_of(url)
            except SettingsError as error:
                raise ValueError(error.message) from None
        return urls

    @field_validator("webhook_url")
    @classmethod
    def _can_be_told(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        try:
            targets = tuple(map(target_of, urls))
        except SettingsError as error:
            raise ValueError(error.message) from None
        return tuple(dict.fromkeys(target.url for target in targets))

    @field_validator("webhook_secret")
    @classmethod
    def _can_sign(cls, secret: SecretStr) -> SecretStr:
        if secret.get_secret_value():
            try:
                secret_of(secret.get_secret_value())
            except SettingsError as error:
                raise ValueError(error.message) from None
        return secret

    @model_validator(mode="after")
    def _a_secret_for_webhooks(self) -> "Settings":
        if self.webhook_url and not self.webhook_secret.get_secret_value():
            raise ValueError(
                "webhook_url is set, but nothing to sign webhooks with: set TOUCHSTONE_WEBHOOK_SECRET to a secret "
                "(docs/webhooks.md says how to make one)"
            )
        return self

    @model_validator(mode="after")
    def _a_key_for_each_engine_or_one_for_all(self) -> "Settings":
        if self.engine_key and not self.engine_url:
            raise ValueError("engine_key is set, but no engine_url to send it to")
        if len(self.engine_key) not in (0, 1, len(self.engine_url)):
            raise ValueError(
                f"engine_key has {len(self.engine_key)} keys for {len(self.engine_url)} addresses in engine_url: give "
                "one key for all, or one for each in the same order"
            )
        return self

    @model_validator(mode="after")
    def _a_model_for_the_profile(self) -> "Settings":
        if self.judge_profile and not (self.judge_model or self.model):
            raise ValueError(
                f"judge_profile {self.judge_profile!r} is set, but the small model on the CPU judges: name the model "
                "that the profile is for with --judge-model (TOUCHSTONE_JUDGE_MODEL)"
            )
        return self

    @field_validator("cpu_judge")
    @classmethod
    def _names_a_model(cls, value: str) -> str:
        HubId.parse(value)
        return value

    @field_validator("judge_profile")
    @classmethod
    def _names_a_profile(cls, value: str) -> str:
        if value and value not in PROFILE_NAMES:
            raise ValueError(f"there is no such profile; there are {', '.join(PROFILE_NAMES)}")
        return value

    @property
    def needs_keys(self) -> bool:
        """Whether callers need keys: where others can reach the server, and where it was asked for."""
        return bool(self.api_keys) or self.require_keys or not is_loopback(self.host)

    @property
    def limits(self) -> Limits:
        """The bounds of one verification."""
        return Limits(**{name: getattr(self, name) for name in Limits.__dataclass_fields__})

    @property
    def engines_that_run(self) -> tuple[tuple[str, str], ...]:
        """Each of engine_url with its key, which is empty for one that asks for none."""
        keys = [key.get_secret_value() for key in self.engine_key]
        if len(keys) <= 1:  # one for all, or none
            keys = (keys or [""]) * len(self.engine_url)
        return tuple(zip(self.engine_url, keys, strict=True))

    @property
    def corpus_file(self) -> Path:
        """Where the user's own corpus lies."""
        return self.data_dir / "corpus.sqlite3"

    @property
    def store_url(self) -> str:
        """The database of files and batches."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'store.sqlite3'}"

    @property
    def blobs_dir(self) -> Path:
        """Where the bytes of files lie, unless blobs_url says otherwise."""
        return self.data_dir / "blobs"

    @property
    def workers_dir(self) -> Path:
        """Where the workers of this machine keep their locks."""
        return self.data_dir / "workers"

    @property
    def models_dir(self) -> Path:
        """Where downloaded models lie."""
        return self.data_dir / "models"


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine alone. A name that is no address counts only if well known."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


def load_settings(
    flags: Mapping[str, Any], environment: Mapping[str, str] | None = None, config: Path | None = None
) -> Settings:
    """Puts flags (None = not given), environment and TOML file together.

    Raises SettingsError naming the key, where the value came from, and what is allowed. Values of secret settings are
    never part of a message.
    """
    env = os.environ if environment is None else environment
    config = config or (Path(env[CONFIG_VARIABLE]) if env.get(CONFIG_VARIABLE) else None)
    from_file = _read_toml(config) if config else {}
    from_env = {
        name: env[ENV_PREFIX + name.upper()] for name in Settings.model_fields if env.get(ENV_PREFIX + name.upper())
    }
    from_flags = {name: value for name, value in flags.items() if value is not None}
    origins = (
        dict.fromkeys(from_file, f"in {config}")
        | {name: f"in {ENV_PREFIX}{name.upper()}" for name in from_env}
        | {name: f"in --{name.replace('_', '-')}" for name in from_flags}
    )
    try:
        return Settings(**(from_file | from_env | from_flags))
    except ValidationError as error:
        raise SettingsError("\n".join(_describe(e, origins) for e in error.errors())) from None


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none: most likely misspelt."""
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    return sorted(name for name in environment if name.startswith(ENV_PREFIX) and name not in known)


def is_flag(name: str) -> bool:
    """Whether the setting is an on/off switch."""
    annotation = Settings.model_fields[name].annotation
    return annotation is bool or bool in get_args(annotation)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows begin files so
    except FileNotFoundError:
        raise SettingsError(f"settings file {path} does not exist") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path} cannot be read: {error}") from None


def _describe(error: Any, origins: Mapping[str, str]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    if error["type"] == "extra_forbidden":
        return f"unknown setting {name!r} {origins.get(name, '')}; `touchstone serve --help` lists the settings"
    value = "" if name in NEVER_SHOWN else f" = {error['input']!r}"
    return f"setting {name}{value} ({origins.get(name, 'default')}): {message}"
