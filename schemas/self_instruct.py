"""Self-Instruct: task, instruction, input, output; also the seed shape and prompt/completion.

Source: yizhongw/self-instruct (seed_tasks.jsonl, finetuning data), and the flat rows common since.
`task` is metadata, never trained on: the record's category holds no task, it travels under its own name.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace

from schemas import thoughts
from schemas.check import exchange
from schemas.flat import Flat, divided, joined, loses, present, read_flat, single
from schemas.misfit import place
from schemas.problems import Invalid
from schemas.record import Conversation, Message
from schemas.row import Format, Names, Shape, Variant, json_of

NAMES = Names("instruction", "input", "output")
SEED_NAMES = Names("instruction", "instances[0].input", "instances[0].output")
PAIR_NAMES = Names("prompt", "", "completion")


class SelfInstruct(Flat, kw_only=False):
    """instruction and output are required; task names the task, input may be empty."""

    task: Raw | UnsetType = UNSET
    instruction: str | UnsetType = UNSET
    input: str | UnsetType | None = UNSET
    output: str | UnsetType = UNSET


class Instance(msgspec.Struct, gc=False):
    """One worked example of a seed task."""

    output: str
    input: str | None = None


class Seed(Flat, kw_only=False):
    """A seed task with its instances; the first is the one that is converted."""

    instruction: str
    instances: Raw
    name: Raw | UnsetType = UNSET
    is_classification: Raw | UnsetType = UNSET


class PromptCompletion(Flat, kw_only=False):
    """The shape of the published fine-tuning files."""

    prompt: str
    completion: str


_instances = msgspec.json.Decoder(list[Instance])
_raw_instances = msgspec.json.Decoder(list[Raw])


def read(row: SelfInstruct) -> Conversation:
    """The record.  Raises Invalid E102, E202 or E203 for a missing or blank side."""
    record = read_flat(row, NAMES, row.instruction, row.input, row.output)
    if isinstance(row.task, Raw):
        record.extra = {"task": json_of(row.task)}
    return record


def read_seed(row: Seed) -> Conversation:
    """The record of the first instance; where there are further ones, all stay in `extra`, whole.

    Raises:
        Invalid: E101 or E102 for malformed instances, E201 for none, E202 or E203 for a blank side.
    """
    data = bytes(row.instances)
    try:
        instances = _instances.decode(data)
    except msgspec.ValidationError as error:
        raise Invalid(*place(data, error, "$.instances")) from None
    if not instances:
        raise Invalid("E201", "$.instances", "the seed task has no instance")
    first = instances[0]
    record = read_flat(row, SEED_NAMES, row.instruction, first.input, first.output)
    extra = {name: json_of(raw) for name in ("is_classification", "name") if (raw := getattr(row, name)) is not UNSET}
    if len(instances) > 1 or msgspec.json.decode(data)[0].keys() - {"input", "output"}:
        extra["instances"] = json_of(data)
    record.extra = extra or None
    return record


def read_prompt_completion(row: PromptCompletion) -> Conversation:
    """The record.  Raises Invalid E202 or E203 for a blank side."""
    return read_flat(row, PAIR_NAMES, row.prompt, None, row.completion)


def write(conversation: Conversation) -> SelfInstruct:
    """The flat row.  Raises Invalid E301, E302, E303 where one exchange of text does not hold it."""
    system, prompt, response = single(conversation, "self-instruct")
    instruction, context = divided(conversation, prompt)
    task = (conversation.extra or {}).get("task")
    return SelfInstruct(UNSET if task is None else Raw(task.encode()), instruction, context, response, system=system)


def write_seed(conversation: Conversation) -> Seed:
    """The seed row with one instance, or with those that it was read with.  Raises Invalid as `write` does."""
    row = write(conversation)
    extra = conversation.extra or {}
    kept = {name: Raw(extra[name].encode()) for name in ("name", "is_classification") if name in extra}
    instances = msgspec.json.encode([{"input": row.input, "output": row.output}])
    if "instances" in extra and _first(extra["instances"]) == (row.input, row.output):
        instances = extra["instances"].encode()
    return Seed(present(row.instruction, "instruction"), Raw(instances), system=row.system, **kept)


def of_instances(record: Conversation) -> list[Conversation]:
    """A record of each instance of a seed task, by what `read_seed` left in `extra`; none if that is something else.

    An instance that has further fields keeps them, as the one of its row.
    """
    extra = dict(record.extra or {})
    text = extra.pop("instances", "")
    user = next((message for message in record.messages if message.role == "user"), None)
    if user is None or _first(text) != (*divided(record, user.content)[1:], thoughts.whole(record.messages[-1])):
        return []
    instruction = divided(record, user.content)[0]
    records: list[Conversation] = []
    for instance, fields in zip(_instances.decode(text), _raw_instances.decode(text), strict=True):
        prompt, boundary = joined(instruction, instance.input)
        kept = extra | ({"instances": f"[{json_of(fields)}]"} if _further(fields) else {})
        messages = [message for message in record.messages if message.role == "system"]
        messages += [Message("user", prompt), Message("assistant", instance.output)]
        output = f"$.instances[{len(records)}].output"
        thoughts.take_inline(messages, _at(output))
        exchange(prompt, instance.output, "$.instruction", output)
        records.append(replace(record, messages=messages, boundary=boundary, extra=kept or None))
    return records


def _at(path: str) -> Callable[[int], str]:
    return lambda _: path


def _further(instance: Raw) -> bool:
    return bool(msgspec.json.decode(instance, type=dict[str, Raw]).keys() - {"input", "output"})


def _first(text: str) -> tuple[str, str] | None:
    """(input, output) of the first of these instances; None where the text is no list of instances."""
    try:
        first = _instances.decode(text)[0]
    except (msgspec.ValidationError, IndexError):
        return None
    return first.input or "", first.output


def write_prompt_completion(conversation: Conversation) -> PromptCompletion:
    """The row.  Raises Invalid as `write` does."""
    system, prompt, response = single(conversation, "self-instruct/prompt-completion")
    return PromptCompletion(prompt, response, system=system)


FORMAT = Format(
    name="self-instruct",
    title="Self-Instruct",
    shapes=(
        Shape("flat", SelfInstruct, read, ("task", "instruction", "output"), NAMES),
        Shape("seed", Seed, read_seed, ("instruction", "instances")),
        Shape("prompt-completion", PromptCompletion, read_prompt_completion, ("prompt", "completion"), PAIR_NAMES),
    ),
    write=write,
    loses=loses,
    names=frozenset(),
    multi_turn=False,
    tool_turns=False,
    example='{"task": "primes", "instruction": "Name a prime.", "input": "", "output": "2"}',
    source="yizhongw/self-instruct: seed_tasks.jsonl and its fine-tuning files; the flat rows common since",
    variants=(
        Variant("seed", "seed", write_seed, loses, "instruction and instances, as in seed_tasks.jsonl"),
        Variant("prompt-completion", "prompt-completion", write_prompt_completion, loses, "prompt and completion"),
    ),
)
