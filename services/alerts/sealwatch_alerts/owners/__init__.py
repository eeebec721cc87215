"""Owners of endpoints, told by e-mail when one was switched off."""
