"""Warnings that nobody acknowledges, told again and further up."""
