"""Write the sample data: seven format files, a held-out set and a manifest of every planted defect.

    python sample_data/make.py

Needs only the standard library; the same sources always give the same bytes. See README.md.
"""

import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "source"))

import tables_en
import tables_zh
from near import Seen, jaccard, row_text, shingles

SEED = 7
CATEGORIES = [
    "Closed QA",
    "Open QA",
    "Information Extraction",
    "Summarization",
    "Brainstorming",
    "Classification",
    "Creative Writing",
]
POOL_SIZE = 1600
CHINESE_SHARE = 0.25
HELDOUT_SIZE = 160
HELDOUT_CHINESE = 40
APART = 0.65  # clean rows stay below this Jaccard similarity to one another
NEAR = 0.75  # planted near-duplicates reach at least this one

# file -> (format, share of the single-turn rows, share of the multi-turn rows)
FILES = {
    "alpaca.json": ("alpaca", 0.21, 0.2),
    "dolly.jsonl": ("dolly", 0.19, 0.0),
    "self_instruct.jsonl": ("self_instruct", 0.17, 0.0),
    "self_instruct_seed.jsonl": ("self_instruct_seed", 0.0, 0.0),  # a fixed number, see SEED_ROWS
    "sharegpt.json": ("sharegpt", 0.14, 0.3),
    "chatml.jsonl": ("chatml", 0.1, 0.25),
    "instruction_json.jsonl": ("instruction_json", 0.09, 0.0),
    "sft.jsonl": ("sft", 0.1, 0.25),
}
SEED_ROWS = 20
HELDOUT = "heldout.jsonl"
SYSTEMS = {
    "en": ["You are a helpful assistant who answers briefly.", "You are a careful teacher.", "Answer in plain words."],
    "zh": ["你是一位回答简洁的助手。", "你是一位耐心的老师。"],
}
SWAPS = {
    "en": [
        ("decided", "resolved"),
        ("people", "residents"),
        ("please", "kindly"),
        ("new", "brand-new"),
        ("however", "yet"),
        ("still", "nevertheless"),
        ("asked", "invited"),
        ("years", "seasons"),
        ("team", "group"),
        ("compared", "contrasted"),
        ("text", "passage"),
        ("the", "this"),
        ("a", "one"),
    ],
    "zh": [
        ("因为", "由于"),
        ("但是", "不过"),
        ("可以", "能够"),
        ("非常", "十分"),
        ("需要", "须要"),
        ("使用", "运用"),
        ("帮助", "协助"),
        ("重要", "要紧"),
        ("我们", "咱们"),
        ("如果", "假如"),
        ("以及", "还有"),
        ("已经", "早已"),
        ("请", "麻烦"),
        ("和", "与"),
        ("在", "于"),
    ],
}
REFUSALS = {
    "en": [
        "As an AI language model I cannot help with that.",
        "I'm sorry, but as an AI language model I do not have opinions or access to this information.",
        "As an AI language model, I cannot answer this question. Please consult an expert.",
        "I am only an AI language model and cannot do this task.",
    ],
    "zh": ["作为一个人工智能语言模型，我无法回答这个问题。", "很抱歉，我只是一个语言模型，不能完成这项任务。"],
}


@dataclass(frozen=True)
class Item:
    """One row of an output file, with what the manifest needs to know about it."""

    key: str
    record: object
    source: dict | None = None
    defect: dict = field(default_factory=dict)
    raw: str | None = None


# ---- reading the sources ----------------------------------------------------------------------------------------


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def hand_rows(lang: str) -> list[dict]:
    return [{**row, "hand": True} for row in read_jsonl(HERE / "source" / f"{lang}.jsonl")]


def table_rows(lang: str) -> list[dict]:
    tables = {"en": tables_en, "zh": tables_zh}[lang]
    return [{"context": "", **row, "lang": lang} for row in tables.rows(random.Random(SEED))]


def distinct(rows: list[dict], seen: Seen, lang: str) -> list[dict]:
    return [row for row in rows if seen.accept(row_text(row), lang, APART)]


def thin(rng: random.Random, rows: list[dict], size: int, have: Counter) -> list[dict]:
    """At most `size` rows, evening out the categories together with those already in `have`."""
    stacks = {name: [row for row in rows if row["category"] == name] for name in CATEGORIES}
    for stack in stacks.values():
        rng.shuffle(stack)
    counts, kept = Counter(have), []
    while len(kept) < size and any(stacks.values()):
        name = min((name for name in CATEGORIES if stacks[name]), key=lambda n: (counts[n], CATEGORIES.index(n)))
        kept.append(stacks[name].pop())
        counts[name] += 1
    return kept


def base_rows(rng: random.Random, lang: str, size: int) -> list[dict]:
    """`size` clean rows of one language: all hand-written ones, then table rows, none near another."""
    seen = Seen()
    hand = distinct([normal(row) for row in hand_rows(lang)], seen, lang)
    tables = distinct([normal(row) for row in table_rows(lang)], seen, lang)
    rows = hand + thin(rng, tables, size - len(hand), Counter(row["category"] for row in hand))
    rng.shuffle(rows)
    return rows


def normal(row: dict) -> dict:
    return row if "turns" in row else {**row, "context": row.get("context") or ""}


# ---- rendering --------------------------------------------------------------------------------------------------


def prompt(row: dict) -> str:
    return f"{row['instruction']}\n\n{row['context']}" if row["context"] else row["instruction"]


def turns(row: dict) -> list[tuple[str, str]]:
    return [tuple(turn) for turn in row["turns"]] if "turns" in row else [(prompt(row), row["response"])]


def slug(row: dict) -> str:
    return f"{row['topic']}_{row['category']}".lower().replace(" ", "_")


def messages(row: dict) -> list[dict]:
    out = [{"role": "system", "content": row["system"]}] if row.get("system") else []
    for user, assistant in turns(row):
        out += [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return out


def to_alpaca(row: dict, rng: random.Random) -> dict:
    if "turns" in row:
        *history, (user, assistant) = turns(row)
        out = {"instruction": user, "input": "", "output": assistant, "history": [list(turn) for turn in history]}
    else:
        out = {"instruction": row["instruction"], "input": row["context"], "output": row["response"]}
    return {**out, "system": row["system"]} if row.get("system") else out


def to_dolly(row: dict, rng: random.Random) -> dict:
    return {
        "instruction": row["instruction"],
        "context": row["context"],
        "response": row["response"],
        "category": row["category"],
    }


def to_self_instruct(row: dict, rng: random.Random) -> dict:
    return {
        "task": slug(row),
        "instruction": row["instruction"],
        "input": row["context"],
        "output": row["response"],
    }


def to_seed(row: dict, rng: random.Random) -> dict:
    return {
        "id": f"seed_task_{row['number']}",
        "name": slug(row),
        "instruction": row["instruction"],
        "instances": [{"input": row["context"], "output": row["response"]}],
        "is_classification": row["category"] == "Classification",
    }


def to_sharegpt(row: dict, rng: random.Random) -> dict:
    said = [part for user, assistant in turns(row) for part in (("human", user), ("gpt", assistant))]
    conversation = [{"from": who, "value": text} for who, text in said]
    if not row.get("system"):
        return {"conversations": conversation}
    if rng.random() < 0.5:
        return {"conversations": conversation, "system": row["system"]}
    return {"conversations": [{"from": "system", "value": row["system"]}, *conversation]}


def to_chatml(row: dict, rng: random.Random) -> list[dict]:
    return messages(row)


def to_instruction_json(row: dict, rng: random.Random) -> dict:
    return {"input_text": prompt(row), "target_text": row["response"]}


def to_sft(row: dict, rng: random.Random) -> dict:
    out = messages(row)
    if "turns" in row and rng.random() < 0.6:
        first = next(i for i, message in enumerate(out) if message["role"] == "assistant")
        out[first] = {**out[first], "weight": 0}
    return {"messages": out}


RENDER = {
    "alpaca": to_alpaca,
    "dolly": to_dolly,
    "self_instruct": to_self_instruct,
    "self_instruct_seed": to_seed,
    "sharegpt": to_sharegpt,
    "chatml": to_chatml,
    "instruction_json": to_instruction_json,
    "sft": to_sft,
}


def render(row: dict, file: str, rng: random.Random) -> object:
    """The row in the file's format; two thirds of the rows also say their category and topic."""
    record = RENDER[FILES[file][0]](row, rng)
    if isinstance(record, list) or rng.random() < 1 / 3:
        return record
    return {**record, "category": row["category"], "topic": row["topic"]}


def tool_sharegpt(row: dict) -> dict:
    call = {"name": row["name"], "arguments": row["arguments"]}
    said = [
        ("human", row["user"]),
        ("function_call", json.dumps(call, ensure_ascii=False)),
        ("observation", json.dumps(row["result"], ensure_ascii=False)),
        ("gpt", row["answer"]),
    ]
    return {
        "conversations": [{"from": who, "value": text} for who, text in said],
        "tools": json.dumps(row["tools"], ensure_ascii=False),
        "category": row["category"],
        "topic": row["topic"],
    }


def tool_sft(row: dict, number: int) -> dict:
    call_id = f"call_{number}"
    function = {"name": row["name"], "arguments": json.dumps(row["arguments"], ensure_ascii=False)}
    return {
        "messages": [
            {"role": "user", "content": row["user"]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": call_id, "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": call_id, "content": json.dumps(row["result"], ensure_ascii=False)},
            {"role": "assistant", "content": row["answer"]},
        ],
        "tools": [{"type": "function", "function": tool} for tool in row["tools"]],
        "category": row["category"],
        "topic": row["topic"],
    }


# ---- sharing the rows out ---------------------------------------------------------------------------------------


def is_short(row: dict) -> bool:
    if "turns" in row:
        return False
    return len(row["response"]) <= 100 if row["lang"] == "zh" else len(row["response"].split()) <= 45


def take_heldout(rng: random.Random, rows: list[dict]) -> tuple[list[dict], list[dict]]:
    """Short single-turn rows, even over the categories within each language; the rest stays in the pool."""
    chosen: list[dict] = []
    for lang, size in (("en", HELDOUT_SIZE - HELDOUT_CHINESE), ("zh", HELDOUT_CHINESE)):
        chosen += thin(rng, [row for row in rows if row["lang"] == lang and is_short(row)], size, Counter())
    picked = {id(row) for row in chosen}
    rng.shuffle(chosen)
    return chosen, [row for row in rows if id(row) not in picked]


def cut(rows: list[dict], shares: dict[str, float]) -> dict[str, list[dict]]:
    total, start, used, out = sum(shares.values()), 0, 0.0, {}
    for name, share in shares.items():
        used += share
        end = round(len(rows) * used / total)
        out[name] = rows[start:end]
        start = end
    return out


def with_systems(rng: random.Random, rows: list[dict], share: float) -> list[dict]:
    return [{**row, "system": rng.choice(SYSTEMS[row["lang"]])} if rng.random() < share else row for row in rows]


def share_out(rng: random.Random, rows: list[dict]) -> dict[str, list[dict]]:
    multi = cut([row for row in rows if "turns" in row], {name: spec[2] for name, spec in FILES.items()})
    single = [row for row in rows if "turns" not in row]
    seeds = [{**row, "number": i} for i, row in enumerate(single[:SEED_ROWS])]
    parts = cut(single[SEED_ROWS:], {name: spec[1] for name, spec in FILES.items()})
    system_share = {"alpaca.json": 0.04, "sharegpt.json": 0.15, "chatml.jsonl": 0.15, "sft.jsonl": 0.15}
    out = {}
    for name in FILES:
        out[name] = with_systems(rng, parts[name], system_share.get(name, 0.0)) + multi[name]
        rng.shuffle(out[name])
    out["self_instruct_seed.jsonl"] = seeds
    return out


# ---- planting duplicates ----------------------------------------------------------------------------------------


def plain(item: Item) -> bool:
    """A clean single-turn row without a system message."""
    row = item.source
    return bool(row) and not item.defect and "turns" not in row and "system" not in row and "number" not in row


def replaced(text: str, old: str, new: str, lang: str) -> str:
    if lang == "zh":
        return text.replace(old, new, 1)
    words = text.split(" ")
    for i, word in enumerate(words):
        if word == old and i:
            return " ".join([*words[:i], new, *words[i + 1 :]])
    return text


def near_copy(row: dict) -> tuple[dict, int, float] | None:
    """The row with one to three words of its context or prompt changed, the number of changes, and the Jaccard."""
    lang, part = row["lang"], "context" if row["context"] else "instruction"
    whole, best, changes = shingles(row_text(row), lang), None, 0
    now = row
    for old, new in SWAPS[lang]:
        changed = {**now, part: replaced(now[part], old, new, lang)}
        if changed == now:
            continue
        similarity = jaccard(whole, shingles(row_text(changed), lang))
        if similarity < NEAR:
            continue
        now, changes = changed, changes + 1
        best = (now, changes, round(similarity, 4))
        if changes == 3:
            break
    return best


def pick(rng: random.Random, pool: list[tuple[str, Item]], size: int, used: set[str], test) -> list[tuple[str, Item]]:
    fitting = [(name, item) for name, item in pool if item.key not in used and test(item)]
    chosen = rng.sample(fitting, size)
    used.update(item.key for _, item in chosen)
    return chosen


def duplicate(key: str, original: Item, file: str, row: dict, record: object, **defect) -> tuple[str, Item]:
    return file, Item(key, record, row, {"of": original.key, **defect})


def exact_duplicates(rng, pool, used) -> list[tuple[str, Item]]:
    out = []
    for i, (file, item) in enumerate(pick(rng, pool, 10, used, plain)):
        note = "the same row again, every field equal"
        out.append(duplicate(f"same-{i}", item, file, item.source, item.record, kind="exact_duplicate", note=note))
    bare = pick(rng, pool, 9, used, lambda item: plain(item) and not item.source["context"])
    for i, (file, item) in enumerate(bare):
        other = rng.choice([name for name in FILES if name != file and FILES[name][1]])
        note = f"the same prompt and response as in {file}, in another format"
        record = render(item.source, other, rng)
        out.append(duplicate(f"cross-{i}", item, other, item.source, record, kind="exact_duplicate", note=note))
    return out


def case_and_space(row: dict, how: str) -> dict:
    if how == "case":
        return {**row, "instruction": row["instruction"].upper(), "response": row["response"].lower()}
    if how == "space":
        return {**row, "instruction": row["instruction"].replace(" ", "  ", 2), "response": row["response"] + "\n"}
    return {**row, "instruction": "  " + row["instruction"], "response": row["response"] + " \n"}


def normalised_duplicates(rng, pool, used) -> list[tuple[str, Item]]:
    out = []
    plan = [("en", "case")] * 3 + [("en", "space")] * 2 + [("zh", "ends")] * 2
    for i, (lang, how) in enumerate(plan):
        [(file, item)] = pick(rng, pool, 1, used, lambda item, lang=lang: plain(item) and item.source["lang"] == lang)
        row = case_and_space(item.source, how)
        note = {"case": "differs only in case", "space": "differs only in white space"}.get(
            how, "white space at the ends"
        )
        record = render(row, file, rng)
        out.append(duplicate(f"norm-{i}", item, file, row, record, kind="exact_duplicate_normalised", note=note))
    return out


def near_duplicates(rng, pool, used) -> list[tuple[str, Item]]:
    out = []
    for lang, size in (("en", 19), ("zh", 6)):
        own = [(file, item) for file, item in pool if plain(item) and item.source["lang"] == lang]
        for i, (file, item) in enumerate(pick(rng, own, size, used, lambda item: near_copy(item.source))):
            row, changes, similarity = near_copy(item.source)
            other = rng.choice([name for name in FILES if FILES[name][1]]) if i % 2 else file
            out.append(
                duplicate(
                    f"near-{lang}-{i}",
                    item,
                    other,
                    row,
                    render(row, other, rng),
                    kind="near_duplicate",
                    note=f"{changes} {'word' if changes == 1 else 'words'} changed",
                    jaccard=similarity,
                )
            )
    return out


def contaminated(rng, held: list[Item]) -> list[tuple[str, Item]]:
    out = []
    texts = [
        "same prompt and response as a held-out row",
        "a held-out row in other case",
        "a held-out row, words changed",
    ]
    bare = [item for item in held if not item.source["context"] and item.source["lang"] == "en"]
    close = [item for item in held if item not in bare[:2] and near_copy(item.source) and item.source["lang"] == "en"]
    for i, (item, file) in enumerate(
        zip([bare[0], bare[1], close[0]], ["alpaca.json", "dolly.jsonl", "sft.jsonl"], strict=True)
    ):
        row = [item.source, case_and_space(item.source, "case"), (near_copy(item.source) or [{}])[0]][i]
        similarity = round(jaccard(shingles(row_text(item.source), "en"), shingles(row_text(row), "en")), 4)
        record = render(row, file, rng)
        extra = {"kind": "contaminated", "note": texts[i], "jaccard": similarity}
        out.append(duplicate(f"leak-{i}", item, file, row, record, **extra))
    return out


# ---- planting invalid and poor rows -----------------------------------------------------------------------------


def spoil(record: object, path: list, value: object) -> object:
    """A copy of the record with the value at the path replaced."""
    copy = json.loads(json.dumps(record))
    target = copy
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return copy


def without(record: dict, name: str) -> dict:
    return {key: value for key, value in record.items() if key != name}


def say(record: object) -> tuple[list[dict], str, str]:
    """The turns of a conversation record, with the names of its role and text fields."""
    if isinstance(record, list):
        return record, "role", "content"
    if "messages" in record:
        return record["messages"], "role", "content"
    return record["conversations"], "from", "value"


def with_turns(record: object, new: list[dict]) -> object:
    if isinstance(record, list):
        return new
    return {**record, ("messages" if "messages" in record else "conversations"): new}


def retold(record: object, how: str, lang: str) -> object:
    said, role, text = say(record)
    user, assistant = said[-2], said[-1]
    more = {"en": "And one more thing, please.", "zh": "再补充一点。"}[lang]
    new = {
        "two users": [user, {role: user[role], text: more}, assistant],
        "two assistants": [user, assistant, {role: assistant[role], text: more}],
        "first assistant": [{role: assistant[role], text: more}, user, assistant],
        "trailing user": [user, assistant, {role: user[role], text: more}],
    }[how]
    return with_turns(record, new)


def with_role(record: object, at: int, name: str) -> object:
    said, role, _ = say(record)
    return with_turns(record, [{**turn, role: name} if i == at else turn for i, turn in enumerate(said)])


def set_value(path: list, value: object):
    return lambda record, lang: spoil(record, path, value)


def drop_field(name: str):
    return lambda record, lang: without(record, name)


def change_role(at: int, name: str):
    return lambda record, lang: with_role(record, at, name)


def retell(how: str):
    return lambda record, lang: retold(record, how, lang)


# file, kind, note, change
INVALID = [
    ("alpaca.json", "wrong_type", "output is an object", set_value(["output"], {"text": "Lisbon"})),
    ("alpaca.json", "wrong_type", "output is a number", set_value(["output"], 42)),
    ("self_instruct.jsonl", "wrong_type", "output is a list", set_value(["output"], ["one", "two"])),
    ("self_instruct.jsonl", "wrong_type", "output is a number", set_value(["output"], 3.5)),
    ("dolly.jsonl", "wrong_type", "response is an object", set_value(["response"], {"answer": "yes", "score": 1})),
    ("instruction_json.jsonl", "wrong_type", "target_text is a list", set_value(["target_text"], ["a", "b", "c"])),
    ("alpaca.json", "missing_field", "output is missing", drop_field("output")),
    ("dolly.jsonl", "missing_field", "response is missing", drop_field("response")),
    ("instruction_json.jsonl", "missing_field", "target_text is missing", drop_field("target_text")),
    ("sharegpt.json", "missing_field", "conversations is missing", drop_field("conversations")),
    ("sharegpt.json", "unknown_role", "role 'hummany' for the first turn", change_role(0, "hummany")),
    ("sharegpt.json", "unknown_role", "role 'robot' for the answer", change_role(1, "robot")),
    ("chatml.jsonl", "unknown_role", "role 'robot' for the answer", change_role(1, "robot")),
    ("sft.jsonl", "unknown_role", "role 'hummany' for the first turn", change_role(0, "hummany")),
    ("alpaca.json", "empty_response", "output is empty", set_value(["output"], "")),
    ("dolly.jsonl", "empty_response", "response is white space only", set_value(["response"], "  \n")),
    ("self_instruct.jsonl", "empty_response", "output is empty", set_value(["output"], "")),
    ("sharegpt.json", "empty_response", "the answer is empty", set_value(["conversations", 1, "value"], "")),
    ("sft.jsonl", "empty_response", "the answer is empty", set_value(["messages", 1, "content"], "")),
    ("instruction_json.jsonl", "empty_response", "target_text is empty", set_value(["target_text"], "")),
    (
        "alpaca.json",
        "empty_prompt",
        "instruction and input are empty",
        lambda r, _: {**r, "instruction": "", "input": ""},
    ),
    ("instruction_json.jsonl", "empty_prompt", "input_text is empty", set_value(["input_text"], "")),
    ("sharegpt.json", "non_alternating", "two user turns in a row", retell("two users")),
    ("sharegpt.json", "non_alternating", "two assistant turns in a row", retell("two assistants")),
    ("chatml.jsonl", "non_alternating", "two user turns in a row", retell("two users")),
    ("chatml.jsonl", "non_alternating", "two assistant turns in a row", retell("two assistants")),
    ("sft.jsonl", "non_alternating", "two user turns in a row", retell("two users")),
    ("sharegpt.json", "assistant_first", "the first turn is the assistant's", retell("first assistant")),
    ("chatml.jsonl", "assistant_first", "the first turn is the assistant's", retell("first assistant")),
    ("sft.jsonl", "assistant_first", "the first turn is the assistant's", retell("first assistant")),
    ("sharegpt.json", "trailing_user", "the last turn is the user's", retell("trailing user")),
    ("chatml.jsonl", "trailing_user", "the last turn is the user's", retell("trailing user")),
    ("sft.jsonl", "trailing_user", "the last turn is the user's", retell("trailing user")),
    ("dolly.jsonl", "broken_json", "a trailing comma before the closing brace", None),
    ("self_instruct.jsonl", "null_response", "output is null", set_value(["output"], None)),
]
POOR = ["refusal"] * 5 + ["truncated"] * 5 + ["repeated"] * 5 + ["off_topic"] * 5
POOR_NOTES = {
    "refusal": "refuses instead of answering",
    "truncated": "the response breaks off",
    "repeated": "the response repeats itself",
    "off_topic": "answers a different question",
}


def invalid_items(rng, rows: list[dict]) -> list[tuple[str, Item]]:
    out = []
    for i, ((file, kind, note, change), row) in enumerate(zip(INVALID, rows, strict=True)):
        record = render(row, file, rng)
        raw = json.dumps(record, ensure_ascii=False)[:-1] + ",}" if change is None else None
        broken = record if change is None else change(record, row["lang"])
        out.append((file, Item(f"bad-{i}", broken, row, {"kind": kind, "note": note}, raw)))
    return out


def poor_response(rng, row: dict, how: str, other: dict) -> str:
    text, zh = row["response"], row["lang"] == "zh"
    if how == "refusal":
        return rng.choice(REFUSALS[row["lang"]])
    if how == "truncated":
        return text[: len(text) * 3 // 5] if zh else " ".join(text.split(" ")[: max(2, len(text.split(" ")) * 3 // 5)])
    if how == "repeated":
        first = text.split("\n")[0]
        return ("" if zh else " ").join([first] * 5)
    return other["response"]


def poor_items(rng, rows: list[dict]) -> list[tuple[str, Item]]:
    out = []
    for i, (how, row) in enumerate(zip(POOR, rows, strict=True)):
        others = [r for r in rows if r["lang"] == row["lang"] and r["category"] != row["category"]]
        spoiled = {**row, "response": poor_response(rng, row, how, rng.choice(others))}
        file = rng.choice([name for name in FILES if FILES[name][1]])
        defect = {"kind": "low_quality", "note": f"{how}: {POOR_NOTES[how]}"}
        out.append((file, Item(f"poor-{i}", render(spoiled, file, rng), spoiled, defect)))
    return out


# ---- putting the files together ---------------------------------------------------------------------------------


def tool_items(rows: list[dict]) -> list[tuple[str, Item]]:
    out = []
    for i, row in enumerate(rows):
        file, record = ("sharegpt.json", tool_sharegpt(row)) if i < 10 else ("sft.jsonl", tool_sft(row, i))
        out.append((file, Item(f"tool-{i}", record, {**row, "turns": [[row["user"], row["answer"]]]})))
    return out


def reserve(rng: random.Random, rows: list[dict], size: int, zh: int, long: bool) -> list[dict]:
    """Take `size` single-turn rows, `zh` of them Chinese, out of `rows`."""
    fits = [
        r for r in rows if "turns" not in r and (not long or len(r["response"]) > (25 if r["lang"] == "zh" else 90))
    ]
    chosen = rng.sample([r for r in fits if r["lang"] == "en"], size - zh)
    chosen += rng.sample([r for r in fits if r["lang"] == "zh"], zh)
    rng.shuffle(chosen)
    picked = {id(row) for row in chosen}
    rows[:] = [row for row in rows if id(row) not in picked]
    return chosen


def insert_all(rng: random.Random, files: dict[str, list[Item]], planted: list[tuple[str, Item]]) -> None:
    for file, item in planted:
        files[file].insert(rng.randrange(len(files[file]) + 1), item)


def build() -> tuple[dict[str, list[Item]], list[Item]]:
    rng = random.Random(SEED)
    duplicates = 19 + 7 + 25 + 3
    tools = tool_items(read_jsonl(HERE / "source" / "tools.jsonl"))
    clean = POOL_SIZE + HELDOUT_SIZE - duplicates - len(tools)
    chinese = round(POOL_SIZE * CHINESE_SHARE) + HELDOUT_CHINESE - 8
    rows = base_rows(rng, "zh", chinese)
    rows += base_rows(rng, "en", clean - len(rows))
    rng.shuffle(rows)
    held_rows, rows = take_heldout(rng, rows)
    bad = reserve(rng, rows, len(INVALID), 7, long=False)
    poor = reserve(rng, rows, len(POOR), 5, long=True)

    shared = share_out(rng, rows)
    files = {
        name: [Item(f"{name}#{i}", render(row, name, rng), row) for i, row in enumerate(shared[name])] for name in FILES
    }
    held = [
        Item(f"{HELDOUT}#{i}", {**to_sft(row, rng), "category": row["category"], "topic": row["topic"]}, row)
        for i, row in enumerate(held_rows)
    ]
    pool = [(name, item) for name in FILES for item in files[name]]
    used: set[str] = set()
    planted = tools + near_duplicates(rng, pool, used) + exact_duplicates(rng, pool, used)
    planted += normalised_duplicates(rng, pool, used) + contaminated(rng, held)
    planted += invalid_items(rng, bad) + poor_items(rng, poor)
    insert_all(rng, files, planted)
    return files, held


def totals(items: list[Item], form: str) -> dict:
    labelled = sum(isinstance(item.record, dict) and "category" in item.record for item in items)
    return {
        "format": form,
        "rows": len(items),
        "rows_with_category": labelled,
        "rows_by_language": dict(sorted(Counter(item.source["lang"] for item in items).items())),
        "rows_by_category": by_category(items),
    }


def by_category(items: list[Item]) -> dict[str, int]:
    counts = Counter(item.source["category"] for item in items)
    return {name: counts[name] for name in CATEGORIES}


def manifest(files: dict[str, list[Item]], held: list[Item]) -> dict:
    where = {
        item.key: (name, i + 1) for name, items in {**files, HELDOUT: held}.items() for i, item in enumerate(items)
    }
    defects = []
    for name, items in files.items():
        for i, item in enumerate(items):
            if item.defect:
                entry = {"file": name, "row": i + 1, **item.defect}
                if "of" in entry:
                    entry["of"] = dict(zip(("file", "row"), where[item.defect["of"]], strict=True))
                defects.append(entry)
    pool = [item for items in files.values() for item in items]
    return {
        "seed": SEED,
        "row": "1-based position in the file; for JSONL also the line number",
        "jaccard": "five-word shingles of prompt and response, five-character shingles for Chinese (source/near.py)",
        "pool": {
            "rows": len(pool),
            "rows_by_language": dict(sorted(Counter(item.source["lang"] for item in pool).items())),
            "rows_by_category": by_category(pool),
        },
        "files": {
            **{name: totals(items, FILES[name][0]) for name, items in files.items()},
            HELDOUT: totals(held, "sft"),
        },
        "defects_by_kind": dict(sorted(Counter(entry["kind"] for entry in defects).items())),
        "defects": defects,
    }


def write(name: str, items: list[Item]) -> None:
    if name.endswith(".json"):
        text = json.dumps([item.record for item in items], ensure_ascii=False, indent=2) + "\n"
    else:
        text = "".join((item.raw or json.dumps(item.record, ensure_ascii=False)) + "\n" for item in items)
    (HERE / name).write_bytes(text.encode("utf-8"))


def main() -> None:
    files, held = build()
    for name, items in files.items():
        write(name, items)
    write(HELDOUT, held)
    content = manifest(files, held)
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    (HERE / "MANIFEST.json").write_bytes(text.encode("utf-8"))
    print(f"{content['pool']['rows']} pool rows, {len(held)} held out, {len(content['defects'])} planted defects")


if __name__ == "__main__":
    main()
