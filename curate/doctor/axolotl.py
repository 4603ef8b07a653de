"""Which rows of a file Axolotl would not train on as they are, and why.

Source: Axolotl 0.19.0, prompt_tokenizers.py and utils/trainer.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import partial
from typing import Any

from curate.doctor import axolotl_entry
from curate.doctor.any_template import check_texts, offered
from curate.doctor.axolotl_chat import chat
from curate.doctor.examined import Examined, Settings
from curate.doctor.finding import Fault, Finding, kind_of
from curate.doctor.rows import check_ending, count_rows, judged, parsed_rows

TITLE = "Axolotl"


def judge(path: str, settings: Settings) -> Examined:
    """What Axolotl does to the rows of a file.

    Raises:
        CurateError: for a file or a configuration that cannot be read.
    """
    columns, turn_fields = _names(path)
    named = settings.template.axolotl if settings.template else ""
    assumed: tuple[str, ...] = ()
    if settings.config:
        dataset = axolotl_entry.from_file(settings.config, path)
    else:
        item = axolotl_entry.guess(columns, turn_fields)
        dataset = axolotl_entry.parse(item, named)
        text = json.dumps(item, separators=(", ", ": "))
        assumed = (f"{path} is taken to have this item in `datasets` (else name it with --config):", f"  {text}")
    rules = {
        "chat_template": partial(chat, dataset=dataset, columns=columns),
        "alpaca": partial(_alpaca, columns=columns),
    }
    findings = check_ending(path)
    if dataset.type not in rules or dataset.settings:
        what = f"the setting {dataset.settings[0]}" if dataset.settings else f"the type {dataset.type!r}"
        findings.append(Finding("unknown", "$", f"{what} is not judged", "judge the file without it", path))
        return Examined(count_rows(path), findings, assumed)
    count, by_row = judged(path, rules[dataset.type])
    findings += by_row
    if len([finding for finding in by_row if finding.verdict in ("crash", "drop")]) == count:
        findings.append(Finding("crash", "$", "no row is left to train on, and the run ends", "mend the rows", path))
    return Examined(count, findings, assumed)


def _names(path: str) -> tuple[set[str], set[str]]:
    """(names of columns, names of fields of turns)."""
    columns: set[str] = set()
    fields: set[str] = set()
    for _, row, _ in parsed_rows(path):
        if isinstance(row, dict):
            columns |= row.keys()
            turns = row.get("conversations")
            fields |= (
                {name for turn in turns if isinstance(turn, dict) for name in turn}
                if isinstance(turns, list)
                else set()
            )
    return columns, fields


def _alpaca(row: dict[str, Any], columns: Collection[str]) -> None:
    """Raise Fault for what the type alpaca does to a row."""
    for name in ("instruction", "output"):
        if name not in columns:
            why = f"no row has the column {name!r}, which the type alpaca reads"
            raise Fault("crash", f"$.{name}", why, "name the type that the file has (curate export --for axolotl)")
    output = row.get("output")
    if output and not isinstance(output, str):
        raise Fault("crash", "$.output", f"found {kind_of(output)}, expected text", "write it as text")
    if not output:
        why = "there is no answer, so that nothing is trained on: the row is left out"
        raise Fault("drop", "$.output", why, "write an answer")
    for name in ("instruction", "input"):
        value = row.get(name)
        if not isinstance(value, str) and (value or name == "instruction"):
            why = f"found {kind_of(value)}, which is written into the prompt as {str(value)!r}"
            raise Fault("change", f"$.{name}", why, "write it as text")
    history = row.get("history")
    said = [pair for pair in history if isinstance(pair, list) and any(pair)] if isinstance(history, list) else []
    for name, value in (
        ("system", isinstance(row.get("system"), str) and row["system"]),
        ("history", said),
        ("tools", offered(row.get("tools"))),
    ):
        if value:
            why = f"the type alpaca does not read {name}"
            raise Fault("change", f"$.{name}", why, "export it (curate export --for axolotl)")
    prompt = row["instruction"] + (row.get("input") or "")
    check_texts([("user", prompt, "$.instruction"), ("assistant", output, "$.output")])
