"""Decisions as rows: read what they depend on, write what follows."""
