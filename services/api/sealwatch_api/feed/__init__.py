"""What the public reads: CAP messages, and the Atom feed of them. Pure."""
