"""One attempt on one channel; a module per channel."""
