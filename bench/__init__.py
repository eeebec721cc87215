"""What Sealwatch does in a second on this machine, measured on real parts. Never asserted in a test."""
