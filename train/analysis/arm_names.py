"""Names of arms that mean the same in every study; others are methods of `curate select` and files of the user."""

FULL = "full"  # the whole pool, which has one size
REFERENCE = "random"  # what rows of other arms are compared with
SELECTED = "selected"
