"""TRL's conversational prompt/completion: two lists of turns, of which the second is trained on.

Rows of plain text under the same names are Self-Instruct's.
Source: TRL's page on dataset formats (prompt-completion), SFTTrainer's completion_only_loss.
"""

from __future__ import annotations

import re

from msgspec import UNSET
from msgspec.structs import replace

from schemas import turns as turn_lists
from schemas import weights
from schemas.check import conversation as check_turns
from schemas.problems import Invalid, Problem
from schemas.record import Conversation, Message
from schemas.row import Format, Row, Shape, lead_with_system
from schemas.sft import tools_value
from schemas.turns import Turn, read_turns, write_turns

PROMPT = re.compile(rb'"prompt"\s*:\s*\[')
COMPLETION = re.compile(rb'"completion"\s*:\s*\[')
# The label of KTO, which says whether the completion is a good one.
LABEL = re.compile(rb'"label"\s*:\s*(?:true|false|[01])\b')


class Trl(Row, kw_only=False):
    """Both lists are required."""

    prompt: list[Turn]
    completion: list[Turn]


def has_lists(data: bytes) -> bool:
    """Whether the text of a row has lists under both names, and no label that judges the completion."""
    return bool(PROMPT.search(data) and COMPLETION.search(data) and not LABEL.search(data))


def read(row: Trl) -> Conversation:
    """The record; replies in the prompt are not trained on, and have weight 0 unless they say otherwise.

    Raises:
        Invalid: E101-E109 for a turn, E201-E208 for their order.
    """
    prompt = read_turns(row.prompt, "$.prompt")
    for message in prompt:
        if message.role == "assistant" and message.weight is None:
            message.weight = 0.0
    messages = prompt + read_turns(row.completion, "$.completion")
    places = [*range(len(messages))]
    lead_with_system(messages, places, row.system)
    try:
        check_turns(messages, places, "$.prompt")
    except Invalid as invalid:
        raise Invalid(*_at_list(invalid.problem, len(prompt))) from None
    return Conversation(messages)


def _at_list(problem: Problem, prompts: int) -> tuple[str, str, str]:
    """(code, JSON path, message) of a problem of both lists' turns, with the path in the list where the turn stands."""
    found = re.fullmatch(r"\$\.prompt\[(\d+)\]", problem.path)
    at = int(found[1]) if found else 0
    path = f"$.completion[{at - prompts}]" if found and at >= prompts else problem.path
    return problem.code, path, problem.message


def write(conversation: Conversation) -> Trl:
    """The row: the completion is the last run of assistant and tool turns.

    Raises:
        Invalid: E301 where earlier replies are trained on, which they would not be in a prompt.
    """
    messages = conversation.messages
    at = max(i for i, message in enumerate(messages) if message.role == "user") + 1
    if any(m.role == "assistant" and weights.effective(m) > 0 for m in messages[:at]):
        raise Invalid("E301", "$", "earlier replies are trained on; trl trains on the completion alone")
    prompt = [_unweighted(message) for message in messages[:at]]
    row = Trl(write_turns(prompt), write_turns(messages[at:]))
    row.tools = tools_value(conversation.tools) if conversation.tools else UNSET
    return row


def _unweighted(message: Message) -> Message:
    return replace(message, weight=None) if message.role == "assistant" else message


FORMAT = Format(
    name="trl",
    title="TRL prompt/completion",
    shapes=(
        Shape(
            "trl",
            Trl,
            read,
            ("prompt", "completion"),
            turns="prompt",
            answers="completion",
            turn=Turn,
            shows=has_lists,
            rank=1,
            mark="that are lists of turns",
        ),
    ),
    write=write,
    loses=turn_lists.loses,
    names=frozenset({"tools"}),
    multi_turn=False,
    tool_turns=True,
    example='{"prompt": [{"role": "user", "content": "Name a prime."}], '
    '"completion": [{"role": "assistant", "content": "2"}]}',
    source="TRL's page on dataset formats, the conversational prompt-completion",
)
