"""AUC of each kind of dirt when the score is not trained on corruptions of that kind.

The score offers for it `score_pool(prompts, responses, embed, prior, without=names, faults=counts)` of its classifier,
where `names` are corruptions that it makes of the rows of a pool and is not to train on.  Rows with a certain fault
have quality 0, as in `curate score`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np
from dirt.kinds import TUNE
from dirt.pools import pool
from dirt.row import Row
from quality_measures import auc

MODULE = "curate.score.quality.classifier"
PRIOR = "curate.score.quality.prior"  # rows known to be good
# The corruptions of the score that make the same dirt as a kind; names that a score does not have are an error.
ORDER = ("shuffled_words", "shuffled_span", "dropped_words", "reordered")
PHRASES = ("stock", "worded")
ANSWERS = ("other_answer", "other_prompt_part")
ENDS = ("cut_anywhere", "cut_short")
LETTERS = ("mash", "scrambled_letters", "misread")
MARKS = ("residue", "marked_up", "wrapped")
AGAIN = ("repeated_span", "doubled", "repeated_part")
SAME = {
    "answer of another row": ANSWERS,
    "cut in mid-word": ENDS,
    "shuffled words": ORDER,
    "looped span": AGAIN,
    "keyboard mash": LETTERS,
    "prompt echoed": ("echo",),
    "stock phrase": PHRASES,
    "placeholder": (*PHRASES, "unfilled"),
    "other language": ("other_language",),
    "web residue": MARKS,
    "refusal": PHRASES,
    "end of another answer": ("appended",),
    "near question": ANSWERS,
    "prompt on the topic": ANSWERS,
    "wrong format": ("form_asked",),
    "half the list": ("items_lost",),
    "instructions as answer": ("echo",),
    "half in another language": ("appended",),
    "OCR noise": LETTERS,
    "machine-translation garble": ORDER,
    "markup residue": MARKS,
    "romanised": LETTERS,
    "encoding damage": MARKS,
    "duplicated paragraph": AGAIN,
    "beginning lost": ("part_missing",),
    "number soup": LETTERS,
    "code for a prose prompt": ANSWERS,
    "code cut off": ENDS,
    "chat log": ("as_chat",),
    "advertisement": ("appended",),
    "decline paraphrased": PHRASES,
    "promise only": PHRASES,
    "missing input asked for": PHRASES,
    "empty politeness": PHRASES,
    "spam": PHRASES,
}


def leave_one_out(rows: Sequence[Row], seeds: int, embedder: str) -> dict[str, float | str]:
    """AUC of each kind, by name, or why it is not known; on mixed pools of which three in ten rows are bad."""
    try:
        scores = importlib.import_module(MODULE).score_pool
        prior = importlib.import_module(PRIOR).prior_rows()
    except (ImportError, AttributeError) as why:
        return {name: f"the score offers no training without a kind ({why})" for name in TUNE}
    from curate.models.embed import embed
    from curate.score.quality.own import fault_counts

    def vectors(texts: Sequence[str]) -> np.ndarray:
        return embed(list(texts), embedder).vectors

    totals: dict[str, list[float]] = {name: [] for name in TUNE}
    for seed in range(seeds):
        made = pool(rows, "mixed", 0.3, seed, TUNE)
        kinds = np.array([row.kind for row in made])
        pairs = [row.prompt for row in made], [row.answer for row in made]
        faults = fault_counts(*pairs)
        faulty = faults[:, 0] > 0
        done: dict[tuple[str, ...], np.ndarray] = {}
        for name in TUNE:
            without = SAME[name]
            if without not in done:
                measured = scores(*pairs, vectors, prior, without=without, faults=faults)
                done[without] = np.where(faulty, 0.0, np.asarray(measured.scores, float))
            totals[name].append(auc(done[without][kinds == ""], done[without][kinds == name]))
    return {name: float(np.mean(values)) for name, values in totals.items()}
