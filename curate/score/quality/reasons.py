"""What pulls a row down, in words: groups of features, each by what the score would be were the group as usual."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from curate.score.quality.features import NAMES

# Groups of features, by what is wrong with a row that they pull down.  A feature is in one group at most.
GROUPS = {
    "does not fit the prompt": (
        "cosine",
        "rank_of_answer",
        "rank_of_prompt",
        "cosine_over_typical",
        "content_in_answer",
        "numbers_shared",
        "rare_in_answer",
        "rarest_shared",
        "code_without_asking",
        "answer_named",
    ),
    "parts do not fit one another": (
        "rest_rank",
        "rest_cosine",
        "rest_deviation",
        "rest_prompt_rank",
        "rest_prompt_deviation",
        "rest_joint",
        "rest_joint_deviation",
        "beginning_rank",
        "rare_in_second_half",
        "rare_in_ending",
    ),
    "speaks of a text that is not there": ("material_missing",),
    "other language than the prompt": ("han_difference", "other_difference"),
    "unusual text": (
        "characters_3",
        "characters_5",
        "worst_window",
        "first_characters",
        "last_characters",
        "unseen_5",
        "surprise_spread",
        "unseen_words",
        "unseen_bigrams",
        "word_order",
        "longest_word",
        "digits",
        "punctuation",
        "capitals",
        "unusual_mean_word",
        "unusual_spaces",
        "unusual_vowels",
        "unusual_other_letters",
        "unusual_function_words",
        "pieces_per_letter",
        "piece_probability",
        "rarest_stretch",
        "unknown_pieces",
        "mixed_words",
        "stray_spaces",
    ),
    "repeats itself": (
        "compression",
        "distinct_words",
        "commonest_word",
        "repeated_bigrams",
        "repeated_lines",
        "longest_run",
        "distinct_start",
        "repeated_text",
    ),
    "same answer as other prompts": (
        "same_answer",
        "same_first",
        "same_last",
        "shared_sentences",
        "most_shared_sentence",
    ),
    "stock phrase": ("like_phrase", "begins_like_phrase"),
    "speaks to or of somebody": ("answer_questions", "second_person", "first_person"),
    "declines or denies": ("negations",),
    "repeats the prompt": ("first_words_shared", "equal", "begins_with_prompt", "contains_prompt", "covered_both_ways"),
    "markup, links or marks of other chats": (
        "tags",
        "urls",
        "escapes",
        "speakers",
        "damage",
        "stamped_lines",
        "addressed_lines",
    ),
    "begins or ends in the middle": (
        "open_brackets",
        "open_quotes",
        "open_fences",
        "ends_stop",
        "ends_comma",
        "ends_colon",
        "ends_other",
        "begins_capital",
        "begins_lower",
        "begins_mark",
        "last_line_stop",
        "lines_end_alike",
        "bare_item",
        "last_word_unseen",
        "last_word_grows",
        "first_word_begins",
        "first_words_begin",
    ),
    "short for what is asked": ("too_short", "items_off"),
    "not in the form asked for": ("form_missed",),
    "suspected faults": ("certain_faults", "suspicions"),
}
# Reasons of a row, at most, and the logit that a group must cost to be one.
MOST, LEAST = 3, 0.3


def reasons(features: np.ndarray, usual: np.ndarray, logit: Callable[[np.ndarray], np.ndarray]) -> list[list[str]]:
    """(n,) names of groups that pull each row down, those that cost most first.

    Args:
        features: (n, f) of the rows.
        usual: (f,) what each feature is for a usual good row.
        logit: of the probability that rows with such features are no corruptions.
    """
    if not len(features):
        return []
    before = logit(features)
    costs = np.empty((len(features), len(GROUPS)))
    for i, members in enumerate(GROUPS.values()):
        columns = [NAMES.index(name) for name in members]
        changed = features.copy()
        changed[:, columns] = usual[columns]
        costs[:, i] = logit(changed) - before
    names = list(GROUPS)
    order = np.argsort(-costs, axis=1, kind="stable")[:, :MOST]
    return [[names[i] for i in row if cost[i] >= LEAST] for row, cost in zip(order.tolist(), costs, strict=True)]
