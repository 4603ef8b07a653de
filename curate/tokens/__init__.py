"""What a training run sees of rows: their tokens by part, what is cut, what is trained, and what that would take."""
