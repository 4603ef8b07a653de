"""Self-Instruct: task, instruction, input, output; also the seed shape and prompt/completion.

Source: yizhongw/self-instruct (seed_tasks.jsonl, finetuning data), and the flat rows common since.
`task` is metadata, never trained on: the record's category holds no task, it travels under its own name.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from schemas.check import exchange
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import UNSET, Format, Row, Shape, UnsetType, divided, joined, present, raw_of, single, text_of


class SelfInstruct(Row, kw_only=False):
    """instruction and output are required; task names the task, input may be empty."""

    task: Raw | UnsetType = UNSET
    instruction: str | UnsetType = UNSET
    input: str | UnsetType | None = UNSET
    output: str | UnsetType = UNSET


class Instance(msgspec.Struct, gc=False):
    """One worked example of a seed task."""

    output: str
    input: str | None = None


class Seed(Row, kw_only=False):
    """A seed task with its instances; the first is the one that is converted."""

    instruction: str
    instances: Raw
    name: Raw | UnsetType = UNSET
    is_classification: Raw | UnsetType = UNSET


class PromptCompletion(Row, kw_only=False):
    """The shape of the published fine-tuning files."""

    prompt: str
    completion: str


_instances = msgspec.json.Decoder(list[Instance])


def read(row: SelfInstruct) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    instruction, response = present(row.instruction, "instruction"), present(row.output, "output")
    extra = {"task": bytes(row.task).decode()} if isinstance(row.task, Raw) else None
    return _conversation(row, instruction, row.input or None, response, "$.instruction", "$.output", extra)


def read_seed(row: Seed) -> Conversation:
    """The record of the first instance; further instances stay in `extra`, whole.

    Raises Invalid E101 for malformed instances, E201 for none, E202 or E203 for a blank side.
    """
    try:
        instances = _instances.decode(row.instances)
    except msgspec.ValidationError as error:
        raise Invalid("E101", "$.instances", str(error)) from None
    if not instances:
        raise Invalid("E201", "$.instances", "the seed task has no instance")
    extra = {
        name: bytes(raw).decode() for name in ("name", "is_classification") if (raw := getattr(row, name)) is not UNSET
    }
    if len(instances) > 1:
        extra["instances"] = bytes(row.instances).decode()
    first = instances[0]
    at = "$.instances[0].output"
    return _conversation(row, row.instruction, first.input or None, first.output, "$.instruction", at, extra or None)


def read_prompt_completion(row: PromptCompletion) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    return _conversation(row, row.prompt, None, row.completion, "$.prompt", "$.completion", None)


def _conversation(
    row: Row,
    instruction: str,
    context: str | None,
    response: str,
    at: str,
    response_at: str,
    extra: dict[str, str] | None,
) -> Conversation:
    prompt, boundary = joined(instruction, context)
    exchange(prompt, response, at, response_at)
    messages = [Message("user", prompt), Message("assistant", response)]
    system = text_of(row.system)
    if system:
        messages.insert(0, Message("system", system))
    return Conversation(messages, boundary=boundary, extra=extra)


def write(conversation: Conversation) -> SelfInstruct:
    """The flat row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "self-instruct")
    instruction, context = divided(conversation, prompt)
    task = (conversation.extra or {}).get("task")
    return SelfInstruct(
        UNSET if task is None else Raw(task.encode()),
        instruction,
        context,
        response,
        system=raw_of(system) if system else UNSET,
    )


FORMAT = Format(
    name="self-instruct",
    title="Self-Instruct",
    shapes=(
        Shape("flat", SelfInstruct, read, ("task", "instruction", "output")),
        Shape("seed", Seed, read_seed, ("instruction", "instances")),
        Shape("prompt-completion", PromptCompletion, read_prompt_completion, ("prompt", "completion")),
    ),
    write=write,
    names=frozenset(),
    multi_turn=False,
    tool_turns=False,
    example='{"task": "primes", "instruction": "Name a prime.", "input": "", "output": "2"}',
)
