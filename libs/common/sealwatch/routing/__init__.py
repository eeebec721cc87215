"""Who is told of a change, when and why: decided without a clock, a database or a framework."""
