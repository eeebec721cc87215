"""Settings of every process, read once from the environment in its ``__main__``.

One list for all: a name that starts with ``SEALWATCH_`` and that no process knows is refused, so
that a misspelt setting never passes in silence.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sealwatch.contracts.links import LinkKeys, link_keys
from sealwatch.errors import Misconfigured
from sealwatch.shell.addresses import ours_of

PREFIX = "SEALWATCH_"
Port = Annotated[int, Field(ge=1, le=65_535)]
OwnAddresses = Annotated[
    str,
    AfterValidator(lambda text: ours_of(text) and text),
    Field(description="public names, addresses and networks of ours, with commas, that no webhook may reach"),
]
Profile = Literal["production", "local", "test"]


class ProcessSettings(BaseSettings):
    """What every process has: where it listens, how it logs, where Kafka is."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    http_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    http_port: Annotated[Port, Field(description="port to listen on")] = 8080
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least severity logged")
    ] = "info"
    drain_seconds: Annotated[float, Field(gt=0, le=300, description="longest time from SIGTERM to exit")] = (
        25.0
    )
    kafka_bootstrap: Annotated[str, Field(description="host:port[,host:port] of Kafka")] = "127.0.0.1:9092"
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Field(description="how Kafka is spoken to; SSL means TLS, certificate and name checked"),
    ] = "PLAINTEXT"
    kafka_ca_file: Annotated[
        str | None, Field(description="PEM file of the authorities of Kafka; those of the system when empty")
    ] = None
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="how SASL authenticates us")
    ] = "SCRAM-SHA-512"
    kafka_username: Annotated[str | None, Field(description="user of SASL")] = None
    kafka_password: Annotated[SecretStr | None, Field(description="password of SASL")] = None
    kafka_profile: Annotated[Profile, Field(description="local and test relax the checks of the cluster")] = (
        "production"
    )
    instance: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]{1,80}$",
            description="name of this replica, its static member id in the group",
        ),
    ] = "0"

    @model_validator(mode="after")
    def _kafka_is_whole(self) -> Self:
        """Refuse security that is only half said: it would not be there."""
        sasl = self.kafka_security_protocol.startswith("SASL")
        if sasl != (self.kafka_username is not None) or sasl != (self.kafka_password is not None):
            raise ValueError(
                "SEALWATCH_KAFKA_USERNAME and SEALWATCH_KAFKA_PASSWORD go with SASL_PLAINTEXT or SASL_SSL"
            )
        if self.kafka_ca_file is not None and not self.kafka_security_protocol.endswith("SSL"):
            raise ValueError("SEALWATCH_KAFKA_CA_FILE goes with SSL or SASL_SSL")
        return self


class DatabaseSettings(BaseSettings):
    """Where the database is; every service works under its own role there."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: Annotated[SecretStr, Field(description="postgresql://user:password@host/name")]
    database_pool: Annotated[int, Field(ge=1, le=100, description="most connections")] = 8
    database_timeout_seconds: Annotated[
        float, Field(gt=0, le=600, description="longest wait for one statement")
    ] = 10.0


class IngestSettings(ProcessSettings):
    """The public door."""

    http_port: Annotated[Port, Field(description="port to listen on")] = 8081
    max_in_flight_bytes: Annotated[
        int, Field(ge=1_000_000, description="unconfirmed bytes beyond which intake answers 503")
    ] = 64 * 1024 * 1024
    requests_per_minute: Annotated[
        int, Field(ge=1, description="requests of one key per minute beyond which it gets 429")
    ] = 6_000  # 100 a second: ours


class ScorerSettings(ProcessSettings, DatabaseSettings):
    """The scorer."""

    http_port: Annotated[Port, Field(description="port to listen on")] = 8082
    policy_file: Annotated[str | None, Field(description="policy document; the shipped one when empty")] = (
        None
    )
    poll_records: Annotated[int, Field(ge=1, le=50_000, description="most records a poll")] = 5_000
    session_timeout_seconds: Annotated[
        float, Field(ge=1, le=300, description="silence after which the group drops a member")
    ] = 6.0
    cached_products: Annotated[
        int, Field(ge=1, description="products whose state is kept in memory, half a kilobyte each")
    ] = 1_000_000


class MailSettings(BaseSettings):
    """The mail server, and what letters say of us; without a host there is no e-mail."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    smtp_host: Annotated[str | None, Field(description="mail server; without it no e-mail is sent")] = None
    smtp_port: Annotated[Port, Field(description="its port: 587 for STARTTLS, 465 for TLS")] = 587
    smtp_security: Annotated[
        Literal["starttls", "tls", "none"], Field(description="none sends in the clear, and then no password")
    ] = "starttls"
    smtp_username: Annotated[str | None, Field(description="name at the mail server, if it asks")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="password at the mail server")] = None
    smtp_ca_file: Annotated[
        str | None, Field(description="certificates to trust instead of the system's, for an inner server")
    ] = None
    smtp_timeout_seconds: Annotated[float, Field(gt=0, le=300, description="total time of one letter")] = 30.0
    smtp_connections: Annotated[int, Field(ge=1, le=64, description="connections to the mail server")] = 4
    mail_from: Annotated[str | None, Field(description="sender: address, or Name <address>")] = None
    mail_return: Annotated[
        str | None, Field(description="address that bounces return to, else the sender")
    ] = None
    mail_per_recipient: Annotated[
        int, Field(ge=1, le=1_000, description="letters to an address in 10 minutes; more are gathered")
    ] = 10
    public_url: Annotated[
        str | None, Field(description="address of the api as readers of e-mail reach it")
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.smtp_host and not (self.mail_from and self.public_url):
            raise ValueError(
                "with SEALWATCH_SMTP_HOST, SEALWATCH_MAIL_FROM and SEALWATCH_PUBLIC_URL are needed too"
            )
        if self.smtp_password and self.smtp_security == "none":
            raise ValueError(
                "SMTP_PASSWORD is never sent in the clear: SMTP_SECURITY must be starttls or tls"
            )
        return self


class LinkSettings(BaseSettings):
    """The keys of signed links: those who write links and those who follow them hold the same."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    link_keys: Annotated[
        SecretStr | None,
        Field(description="id:base64[,id:base64] of 32 bytes or more; the first signs, all verify"),
    ] = None


def link_keys_of(settings: LinkSettings) -> LinkKeys | None:
    """Return the keys of signed links, None where none are set, or raise Misconfigured."""
    if settings.link_keys is None:
        return None
    try:
        return link_keys(settings.link_keys.get_secret_value())
    except ValueError:
        raise Misconfigured("SEALWATCH_LINK_KEYS is not id:base64[,id:base64] of 32 bytes or more") from None


class WebhookSettings(ProcessSettings, DatabaseSettings):
    """What the two processes need that deal with endpoints."""

    secrets_key: Annotated[
        SecretStr, Field(description="Fernet key that endpoint secrets are encrypted with")
    ]
    allow_private_webhooks: Annotated[
        bool, Field(description="let webhooks reach loopback and private addresses; local and test only")
    ] = False
    own_addresses: OwnAddresses = ""

    @field_validator("allow_private_webhooks")
    @classmethod
    def _not_in_production(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  # pydantic's form
        if value and info.data.get("kafka_profile", "production") == "production":
            raise PydanticCustomError("production", "only with SEALWATCH_KAFKA_PROFILE local or test")
        return value


class AlertsSettings(WebhookSettings, MailSettings, LinkSettings):
    """The warnings."""

    http_port: Annotated[Port, Field(description="port to listen on")] = 8083
    policy_file: Annotated[
        str | None,
        Field(description="policy document, the one that the scorer has; the shipped one when empty"),
    ] = None
    attempt_timeout_seconds: Annotated[float, Field(gt=0, le=60, description="total time of one attempt")] = (
        15.0
    )
    endpoint_concurrency: Annotated[
        int, Field(ge=1, le=64, description="attempts at one endpoint at a time")
    ] = 4
    session_timeout_seconds: Annotated[
        float, Field(ge=1, le=300, description="silence after which the group drops a member")
    ] = 6.0


class FeedSettings(BaseSettings):
    """Who speaks to the public; without a sender nothing is public."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    feed_sender: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9.@:_/-]{3,200}$",
            description="sender of public messages, unique in the world: a domain or an address",
        ),
    ] = None
    feed_name: Annotated[str, Field(max_length=200, description="its name in English")] = "Monitoring centre"
    feed_name_zh: Annotated[str, Field(max_length=200, description="its name in Chinese")] = "监测中心"
    public_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[A-Za-z0-9.:\[\]/_~-]+$",
            description="address of the api as readers reach it",
        ),
    ] = None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.feed_sender and not self.public_url:
            raise ValueError("with SEALWATCH_FEED_SENDER, SEALWATCH_PUBLIC_URL is needed too")
        return self


class ApiSettings(WebhookSettings, LinkSettings, FeedSettings):
    """Queries and administration."""

    http_port: Annotated[Port, Field(description="port to listen on")] = 8080
    policy_file: Annotated[
        str | None, Field(description="policy document, that of the scorer; the shipped one when empty")
    ] = None
    cursor_key: Annotated[
        SecretStr | None, Field(description="key that signs page cursors; made at start if empty")
    ] = None


class AdminSettings(ProcessSettings, DatabaseSettings):
    """Chores in the database: migrate, keys."""


class TopicsSettings(ProcessSettings):
    """The topics, for which nobody needs to reach the database."""

    replication_factor: Annotated[
        int | None, Field(ge=1, le=9, description="copies of a topic; 3, or 1 outside production")
    ] = None


ALL: Mapping[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "scorer": ScorerSettings,
    "alerts": AlertsSettings,
    "api": ApiSettings,
    "admin": AdminSettings,
    "topics": TopicsSettings,
}
OF_THE_COMMAND = frozenset(
    {
        "SEALWATCH_DATA",
        "SEALWATCH_CACHE",
        "SEALWATCH_API_URL",
        "SEALWATCH_INGEST_URL",
        "SEALWATCH_KEY",
    }
)
Settings = TypeVar("Settings", bound=BaseSettings)


def known_names() -> frozenset[str]:
    """Return every environment name that some process reads."""
    fields = {name for kind in ALL.values() for name in kind.model_fields}
    return frozenset(f"{PREFIX}{name.upper()}" for name in fields) | OF_THE_COMMAND


def load(kind: type[Settings], environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings, or raise Misconfigured naming what is wrong without its value."""
    given = os.environ if environment is None else environment
    stray = sorted(n for n in given if n.startswith(PREFIX) and n not in known_names())
    if stray:
        raise Misconfigured(f"unknown settings: {', '.join(stray)}")
    values: dict[str, Any] = {
        name: given[f"{PREFIX}{name.upper()}"]
        for name in kind.model_fields
        if given.get(f"{PREFIX}{name.upper()}", "") != ""
    }
    try:
        return kind(**values)
    except ValidationError as error:
        raise Misconfigured(_reasons(error)) from None


def shown(settings: BaseSettings) -> dict[str, object]:
    """Return the effective values for the start line; secrets stay masked."""
    return {name: str(value) for name, value in settings.model_dump().items()}


def _reasons(error: ValidationError) -> str:
    lines = (
        f"{PREFIX}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" if one["loc"] else one["msg"]
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    )
    return "settings are wrong: " + "; ".join(lines)
