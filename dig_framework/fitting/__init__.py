"""What schedules are made of: which tensors to move, how a weighted objective looks to an optimiser, when to stop."""
