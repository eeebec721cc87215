"""Stored events scored once more, into a shadow state: the same steps, everything in memory, by lanes."""
