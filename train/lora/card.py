"""The description of a trained adapter: run.json for programs, README.md for people and the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from curate.errors import CurateError, reason
from curate.io import atomic, expand
from curate.io.digest import digest

RUN, CARD = "run.json", "README.md"


def sources(paths: list[str]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of the files that a run reads, and of the manifests that say what they were made of."""
    files = list(expand(paths))
    manifests = dict.fromkeys(str(Path(path).parent / "manifest.json") for path in files)
    facts = []
    for path in [*files, *(m for m in manifests if Path(m).is_file())]:
        content = digest(path)
        facts.append({"file": Path(path).name, **(msgspec.to_builtins(content) if content else {})})
    return facts


def write(folder: Path, run: Mapping[str, Any]) -> None:
    """Write run.json and the model card.

    Args:
        folder: of the adapter.
        run: model, base, template, max_length, reasoning, thinks, precision, settings, data, heldout_data,
            rows, digest, result, versions.
    """
    with atomic(folder / RUN) as file:
        file.write(json.dumps(run, ensure_ascii=False, indent=1).encode() + b"\n")
    with atomic(folder / CARD) as file:
        file.write(_card(run).encode())


def read(folder: Path) -> dict[str, Any]:
    """What `write` wrote to run.json; empty where there is none.

    Raises:
        CurateError: if it cannot be read.
    """
    try:
        return json.loads((folder / RUN).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CurateError(f"{folder / RUN}: cannot be read: {reason(error)}") from None


def versions() -> dict[str, str]:
    """Versions of what a run depends on."""
    from importlib.metadata import PackageNotFoundError, version

    releases = {}
    for name in ("curate-sft", "torch", "transformers", "peft"):
        try:
            releases[name] = version(name)
        except PackageNotFoundError:
            continue
    return releases


def _card(run: Mapping[str, Any]) -> str:
    result, settings = run["result"], run["settings"]
    head = ["---", f"base_model: {json.dumps(run['model'])}", "library_name: peft", "pipeline_tag: text-generation"]
    head += ["tags:", "- lora", "- sft", "- curate", "---"]
    lines = [
        *head,
        "",
        f"# LoRA of {run['model']}",
        "",
        f"Trained by `curate train` on {run['rows']:,} rows ({result['trained_tokens']:,} trained tokens in "
        f"{result['steps']:,} steps, {result['seconds']:,.0f} s); loss on assistant turns only.",
        "",
        "| loss, nats per trained token | |",
        "| --- | --- |",
        f"| first step | {result['losses'][0]:.4f} |",
        f"| last step | {result['losses'][-1]:.4f} |",
    ]
    if run.get("base_heldout") is not None:
        lines.append(f"| held-out rows, base model | {run['base_heldout']:.4f} |")
    if result.get("heldout"):
        best = min(loss for _, loss in result["heldout"])
        last = best if result.get("best_kept") else result["heldout"][-1][1]
        lines.append(f"| held-out rows, this model | {last:.4f} |")
    lines += ["", "## Data", "", "| file | bytes | SHA-256 |", "| --- | --- | --- |"]
    for source in [*run["data"], *run.get("heldout_data", [])]:
        lines.append(f"| {source['file']} | {source.get('bytes', '')} | `{source.get('sha256', '')}` |")
    lines += [
        "",
        f"Rows as trained on (token ids and weights): `{run['digest']}`. Template: {run['template']}; rows are cut at "
        f"{run['max_length']:,} tokens.",
        "",
        "## Settings",
        "",
        "| setting | value |",
        "| --- | --- |",
        *(f"| {name} | {json.dumps(value)} |" for name, value in settings.items()),
        f"| precision | {run['precision']} |",
        *(f"| {name} | {value} |" for name, value in run["versions"].items()),
        "",
        "## Use",
        "",
        "`curate chat --model .` in this folder compares its answers with those of the base model; in Python, "
        "`peft.AutoPeftModelForCausalLM.from_pretrained(folder)`.",
    ]
    return "\n".join(lines) + "\n"
