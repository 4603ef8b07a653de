"""The report of a run as a page: where rows went, what the subset is like, and rows to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curate.io.digest import Digest
from curate.report.page import Child, Safe, data, join, page, table, tag
from curate.run import conflicts_page as run_conflicts
from curate.run import examples as run_examples
from curate.run import measures_page as run_measures
from curate.run import pictures as run_pictures
from curate.run.card import selected_rows
from curate.run.recipe import Recipe
from curate.run.recipe_file import dump
from curate.run.runner import FinishedStep
from curate.run.state import RunState
from curate.run.verdict import remarks
from curate.text.counted import counted
from curate.tokens.options import TokenOptions

STYLE = """
.lead { display: flex; font-size: 1.0625rem; margin: .375rem 0; }
.lead .dot { flex: none; margin-top: .45em; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 11px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1.25rem 2rem; }
.grid { margin-bottom: 1rem; }
.grid figure { margin: 0; }
.grid figcaption small { display: block; color: var(--quiet); }
.pool { --hue: color-mix(in srgb, var(--quiet) 55%, var(--ground)); }
.picked { --hue: var(--link); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; margin: .5rem 0; }
.shares-of { display: grid; grid-template-columns: minmax(6rem, 13rem) 1fr; gap: .5rem 1rem; font-size: .9375rem; }
.shares-of > span { overflow-wrap: anywhere; line-height: 1.35; }
.two { display: grid; gap: 3px; align-content: center; }
.two > div { display: grid; grid-template-columns: 1fr 8.5rem; gap: .75rem; align-items: center; }
.two .bar { height: .5rem; border-radius: .25rem; }
.two small { color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
.map { max-width: 40rem; }
.z { min-width: 8rem; width: 22%; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin: .5rem 0 1.25rem; }
.pair figure { margin: 0; min-width: 0; }
.turn { color: var(--quiet); font-size: .8125rem; margin: .5rem 0 0; }
.turn + pre { margin-top: .125rem; }
.line { font-size: .9375rem; margin: .25rem 0; overflow-wrap: anywhere; }
.facts { color: var(--quiet); font-size: .875rem; margin: .125rem 0 0; }
details { margin: .75rem 0; } summary { cursor: pointer; color: var(--link); }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 40rem) {
  .pair { grid-template-columns: 1fr; }
  .shares-of { grid-template-columns: 1fr; gap: .125rem; }
  .shares-of > .two { margin-bottom: .625rem; }
  .two > div { grid-template-columns: 1fr 7.5rem; }
  .wide td.z { grid-column: 1 / -1; width: auto; }
  .wide.measures tr { grid-template-columns: repeat(3, 1fr); }
  .wide.measures th { grid-column: 1 / -1; }
  .wide.measures td.number { text-align: left; }
  .wide.measures td.number::before {
    content: attr(data-title);
    display: block;
    color: var(--quiet);
    font-size: .75rem;
  }
}
"""
FILES = 200
STEPS = {
    "read": "rows of the inputs",
    "valid": "rows that fit their format",
    "unique": "rows that are no duplicates",
    "clean": "rows that share no text with evaluation files",
    "passed": "rows that fulfil the conditions",
    "distinct": "rows that are not like a better one",
    "selected": "rows of the subset",
}


def html(
    state: RunState,
    recipe: Recipe,
    steps: Sequence[FinishedStep],
    inputs: Mapping[str, Digest | None],
    format_name: str,
) -> bytes:
    """The page of a run.

    Args:
        state: after the last step.
        recipe: of the run.
        steps: those of the run, in order.
        inputs: digests of the files that were read, None for anything but a plain file.
        format_name: of the subset's rows.
    """
    facts = state.facts["compare"]
    title = f"{facts['selected']:,} of {counted(state.table.num_rows, 'row')}"
    view = run_pictures.SubsetView.of(state)
    sections: list[tuple[str, str, Child]] = [
        ("funnel", "From raw to subset", _funnel(steps)),
        ("random", "Compared with random subsets", run_measures.measures(facts)),
        ("conflicts", "Conflicts", run_conflicts.section(view, facts)),
        ("balance", "Balance", run_pictures.balance(view)),
        ("scores", "Scores", run_pictures.histograms(view)),
        ("tokens", "Tokens", _tokens(state, recipe.report.tokens)),
        ("map", "Map", run_pictures.map_of(view, recipe.report.map)),
        ("selected", "Selected rows", run_examples.selected(view, recipe.report.examples)),
        ("left-out", "Rows dropped or not selected", run_examples.not_selected(state.table, recipe.report.examples)),
        ("how", "How it was made", _how(recipe, steps, inputs)),
    ]
    filled = [section for section in sections if section[2]]
    links = [tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name, _ in filled]
    body = [
        tag("style", Safe(STYLE)),
        tag(
            "header",
            tag("p", "Selection by recipe ", data("b", recipe.name), class_="kind"),
            tag("h1", title),
            _verdict(facts, state.facts["select"]["below"]),
        ),
        tag("nav", tag("ul", links), aria_label="Sections"),
        tag("main", [tag("section", tag("h2", name), content, id=anchor) for anchor, name, content in filled]),
        tag(
            "footer",
            f"{recipe.output.file}, in the format {format_name}, has the subset; ledger.parquet says of "
            "every input row what became of it (curate explain ledger.parquet FILE:ROW); manifest.json has all digests "
            "and versions.",
        ),
    ]
    return page(f"{title} · {recipe.name} · curate", *(join("\n", part) for part in body))


def _verdict(facts: dict[str, Any], below: int) -> list[Safe]:
    return [
        tag("p", tag("span", class_=f"dot {kind}"), tag("span", line), class_="lead")
        for kind, line in remarks(facts, below)
    ]


def _funnel(steps: Sequence[FinishedStep]) -> Safe:
    funnel = steps[-1].entry.funnel
    most = max(funnel[0][1], 1)
    rows = []
    before = funnel[0][1]
    for name, count in funnel:
        dropped = before - count
        bar = tag("div", *_parts(count, most), class_="bar", role="img", aria_label=f"{count:,} of {most:,}")
        rows.append([[name, tag("small", STEPS.get(name, ""))], bar, f"{count:,}", f"−{dropped:,}" if dropped else "–"])
        before = count
    heads = [("Rows", "name"), ("Share", "share"), ("Kept", "number"), ("Dropped", "number")]
    return table(None, heads, rows, "wide")


def _parts(count: int, of: int) -> list[Safe]:
    pieces = [tag("i", class_="picked", style=f"flex:{count}")] if count else []
    return [*pieces, tag("span", style=f"flex:{of - count}")] if of > count else pieces


def _tokens(state: RunState, options: TokenOptions) -> Child:
    """What a training run would see of the subset; None where no model is named."""
    if options.model is None:
        return None
    from curate.tokens.count import add
    from curate.tokens.counts import TokenCounts
    from curate.tokens.page import section
    from curate.tokens.report import report

    counts = TokenCounts()
    add(counts, selected_rows(state.table), options)
    return section(report(counts, options))


def _how(recipe: Recipe, steps: Sequence[FinishedStep], inputs: Mapping[str, Digest | None]) -> list[Safe]:
    items = [
        tag("li", tag("b", name), [tag("div", data("span", note), class_="facts") for note in entry.notes])
        for name, entry, _ in steps
    ]
    files = []
    for file, of_file in list(inputs.items())[:FILES]:
        size, sha = (f"{of_file.bytes:,}", tag("code", of_file.sha256)) if of_file else ("–", "no plain file")
        files.append([data("span", file), size, sha])
    heads = [("File", "name"), ("Bytes", "number bytes"), ("SHA-256", "hash full")]
    more = f"and {counted(len(inputs) - FILES, 'more file')}" if len(inputs) > FILES else None
    return [
        tag("ol", items),
        table("Inputs", heads, files, "wide"),
        *([tag("p", more, class_="cut")] if more else []),
        tag("details", tag("summary", "The recipe with every default"), tag("pre", dump(recipe).decode())),
    ]
