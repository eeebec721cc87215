"""From recorded events to where a product stands: pure, shared by whoever scores and whoever explains."""
