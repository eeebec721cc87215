"""The `sealwatch` command, the local stack, replay and the other chores."""
