"""Every metric of the product, each with its sentence; nothing is counted under another name."""

from prometheus_client import Counter, Gauge, Histogram

HUMAN = (10, 30, 60, 300, 900, 1_800, 3_600, 14_400, 28_800, 86_400, 259_200)
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

# Ingest
EVENTS_ACCEPTED = Counter(
    "sealwatch_ingest_events_accepted_total", "Events that Kafka confirmed, by type.", ["type"]
)
EVENTS_REFUSED = Counter(
    "sealwatch_ingest_events_refused_total", "Events that were turned away, by reason.", ["code"]
)
INTAKE_SECONDS = Histogram(
    "sealwatch_ingest_request_seconds", "Time from request to answer at the public door.", buckets=FAST
)
REGISTRY_ENTRIES = Gauge(
    "sealwatch_ingest_registry_entries", "Credentials and devices that intake knows.", ["kind"]
)

# Kafka, in every process
UNCONFIRMED_BYTES = Gauge(
    "sealwatch_kafka_unconfirmed_bytes", "Bytes handed to the producer that Kafka has not confirmed yet."
)
PUBLISH_FAILURES = Counter(
    "sealwatch_kafka_publish_failures_total", "Batches that Kafka did not confirm, by reason.", ["reason"]
)

# Scorer
EVENTS_SCORED = Counter(
    "sealwatch_scorer_events_total",
    "Events read from the log, by outcome: scored, duplicate, conflict, letter, retracted.",
    ["outcome"],
)
POLL_SECONDS = Histogram("sealwatch_scorer_poll_seconds", "Time of one poll, read to commit.", buckets=FAST)
EVENT_TO_SCORE_SECONDS = Histogram(
    "sealwatch_scorer_event_to_score_seconds",
    "Time from append to commit of the last record of a poll.",
    buckets=SLOW,
)
LEVEL_CHANGES = Counter(
    "sealwatch_scorer_level_changes_total",
    "Level changes, by level moved to and reason.",
    ["risk_level", "reason"],
)
FENCED = Counter(
    "sealwatch_scorer_fenced_total", "Polls rolled back because somebody else owned the partition."
)
HALTED = Gauge(
    "sealwatch_scorer_halted",
    "Partitions that stand still until a person has looked; 1 also while the whole process does.",
)
FRUITLESS_TURNS = Gauge(
    "sealwatch_scorer_fruitless_turns",
    "Turns in a row that failed on one position, of the partition with the most; 0 while scoring gets on.",
)
PARTITIONS_OWNED = Gauge("sealwatch_scorer_partitions_owned", "Partitions of the evidence log owned here.")
SWEEPS = Counter("sealwatch_scorer_sweeps_total", "Daily sweeps of a partition that were committed.")

# Outbox
OUTBOX_RELAYED = Counter("sealwatch_outbox_relayed_total", "Outbox rows that Kafka confirmed.")
OUTBOX_OLDEST_SECONDS = Gauge("sealwatch_outbox_oldest_seconds", "Age of the oldest outbox row not sent yet.")

# Alerts
LISTENING_HALTED = Gauge(
    "sealwatch_alerts_halted", "Partitions of the level changes that stand still until a person has looked."
)
NOTICES = Counter(
    "sealwatch_alerts_notices_total",
    "Level changes heard of, by decision and reason.",
    ["decision", "reason"],
)
DECISIONS = Counter(
    "sealwatch_alerts_decisions_total",
    "Decisions to tell a subscription or not, by outcome and reason.",
    ["outcome", "reason"],
)
ACTIONS = Counter("sealwatch_alerts_actions_total", "Actions that levels asked for.")
ESCALATIONS = Counter(
    "sealwatch_alerts_escalations_total",
    "Steps made about what nobody acknowledged, and ends of such chains, by kind.",
    ["kind"],
)
ATTEMPTS = Counter(
    "sealwatch_alerts_attempts_total", "Delivery attempts, by channel and outcome.", ["channel", "outcome"]
)
ATTEMPT_FAILURES = Counter(
    "sealwatch_alerts_attempt_failures_total",
    "Attempts that failed, by channel and reason: a status class, timeout, tls, connection, answer, "
    "address_refused, rate_limited, gone, ours.",
    ["channel", "reason"],
)
ENDPOINTS = Gauge("sealwatch_alerts_endpoints", "Endpoints of webhooks that were tried, by state.", ["state"])
ENDPOINTS_DISABLED = Counter(
    "sealwatch_alerts_endpoints_disabled_total",
    "Endpoints that were switched off, by reason: gone, failing.",
    ["reason"],
)
OWNER_NEWS = Counter(
    "sealwatch_alerts_owner_news_total",
    "Letters to owners of endpoints that were switched off, by outcome: told, refused, unavailable.",
    ["outcome"],
)
ATTEMPT_SECONDS = Histogram("sealwatch_alerts_attempt_seconds", "Time of one attempt.", buckets=SLOW)
CHANGE_TO_ATTEMPT_SECONDS = Histogram(
    "sealwatch_alerts_change_to_attempt_seconds",
    "Time from the level change to the first attempt to tell of it.",
    buckets=SLOW,
)
ACKNOWLEDGEMENTS = Counter(
    "sealwatch_acknowledgements_total",
    "Words that somebody saw a warning, by way: link (of an e-mail) and api, counted by the api; webhook (an "
    "endpoint's answer), by the warnings.",
    ["via"],
)
ACKNOWLEDGEMENT_SECONDS = Histogram(
    "sealwatch_acknowledgement_seconds",
    "Time from the decision to tell to the first word about it, by way.",
    ["via"],
    buckets=HUMAN,
)
DELIVERIES_PENDING = Gauge("sealwatch_alerts_deliveries_pending", "Deliveries that are not concluded.")

# Api
RELEASES = Counter(
    "sealwatch_api_releases_total", "Public messages released, by type and status.", ["type", "status"]
)
REQUESTS = Counter("sealwatch_api_requests_total", "Answers of the API, by status class.", ["status"])
