"""Serial arms: where the hand is, and which joint angles bring it there."""
