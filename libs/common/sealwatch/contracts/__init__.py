"""What travels: events, records, topics, credentials. Strict at the door, tolerant on Kafka."""
