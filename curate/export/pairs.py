"""The order of turns that tools want which read a conversation as pairs of a prompt and a reply."""

from __future__ import annotations

from collections.abc import Sequence

from curate.export.job import Unfit
from schemas.trainable import SaidTurn

# (role, the one before it): why it cannot be written, what to do.
_FAULTS = {
    ("user", "user"): ("two user turns follow one another", "join them"),
    ("assistant", "assistant"): ("two replies follow one another", "join them"),
    ("assistant", ""): ("a reply comes first", "add the prompt"),
    ("assistant", "system"): ("a reply follows the system prompt", "add the prompt"),
    ("tool", ""): ("a result comes first", "add the call"),
    ("tool", "system"): ("a result follows the system prompt", "add the call"),
    ("tool", "user"): ("a result follows a user turn", "add the call"),
    ("user", "tool"): ("a user turn follows a result", "add the reply"),
}


def check_pairs(turns: Sequence[SaidTurn], tool: str, several_results: bool = True) -> None:
    """Check that after a system turn, or none, user turns (or results of calls) and replies take turns.

    Args:
        turns: of a row.
        tool: which would drop, join or change other rows.
        several_results: whether results may follow one another.

    Raises:
        Unfit: for the first turn that is out of order.
    """
    previous = ""
    for turn in turns:
        why, remedy = _FAULTS.get((turn.role, previous), ("", ""))
        if turn.role == "system" and previous:
            why, remedy = "a system turn stands after other turns", "move it to the head of the row"
        if turn.role == previous == "tool" and not several_results:
            why, remedy = "several results follow one another", "join them"
        if why:
            raise Unfit(f"$.messages[{turn.index}]", f"{why}, which {tool} cannot write", remedy)
        previous = turn.role
    if previous != "assistant":
        raise Unfit(f"$.messages[{turns[-1].index}]", f"the last turn is no reply, and {tool} wants one", "remove it")
