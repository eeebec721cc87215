"""Reads, registers and administers: products, levels, receipts, subscriptions, keys."""
