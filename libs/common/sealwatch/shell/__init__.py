"""The outside world, thin: Kafka, PostgreSQL, the clock, logs, metrics and process life."""
