"""A recipe carried out: steps one after the other, each kept on disk, then the subset with all that explains it."""
