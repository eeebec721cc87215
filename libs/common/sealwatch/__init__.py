"""What the services of Sealwatch share: the risk model, the contracts and the outside world."""
