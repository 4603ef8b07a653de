"""Dirt for the benchmark of quality: clean rows, ways to spoil them, and pools with a known share of bad rows.

`kinds.py` names the kinds that whoever writes the score may look at, with the phrases in `phrases/`.  Files and folders
whose names begin with `held_out` hold kinds that are kept for the report: whoever writes or tunes a score does not open
them.
"""
