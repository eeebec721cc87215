"""The way by e-mail: addresses that said yes, letters that go to them, and what comes back."""
