"""Endpoints of webhooks: how they stand, and when they are switched off."""
