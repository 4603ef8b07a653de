"""The formats by name."""

from __future__ import annotations

import difflib
from functools import lru_cache

import msgspec

from schemas import (
    alpaca,
    anthropic,
    chatml,
    dolly,
    dpo,
    firefly,
    gemini,
    instruction_json,
    kto,
    kto_tag,
    ms_swift,
    oasst,
    plugins,
    question_answer,
    ranking,
    rendered_text,
    self_instruct,
    sft,
    sharegpt,
    thoughts,
    trl,
    turn_columns,
    weights,
    xtuner,
)
from schemas.preference import PAIR
from schemas.row import Format

# The order decides ties: messages of role and content are both SFT and ChatML, and SFT carries more.
MAIN = (alpaca, self_instruct, dolly, sharegpt, sft, chatml, instruction_json)
OTHERS = (trl, ms_swift, xtuner, firefly, anthropic, gemini, turn_columns, rendered_text, oasst, question_answer)
PREFERENCES = (dpo, ranking, kto, kto_tag)
OWN = {module.FORMAT.name: module.FORMAT for module in (*MAIN, *OTHERS, *PREFERENCES)}
PLUGGED, BROKEN = plugins.loaded(OWN)
FORMATS = OWN | PLUGGED
PAIR_FORMATS = tuple(name for name, row_format in OWN.items() if row_format.holds == PAIR)
# The formats that the table of features has a column for; the others are told apart from the one that is most like.
IN_TABLE = tuple(module.FORMAT.name for module in MAIN)


def lookup(name: str) -> Format:
    """The format of this name, or the variant of `format/variant`; `_` and case do not matter.

    Raises:
        KeyError: with the known names.
    """
    key, _, variant = name.lower().replace("_", "-").partition("/")
    if key in BROKEN:
        raise KeyError(BROKEN[key])
    if key not in FORMATS:
        close = difflib.get_close_matches(key, FORMATS, 1)
        hint = f"did you mean {close[0]!r}? formats" if close else "formats"
        raise KeyError(f"no format is called {name!r}; {hint} are {', '.join(FORMATS)}")
    return with_variant(FORMATS[key], variant) if variant else FORMATS[key]


@lru_cache(1)
def field_names() -> frozenset[str]:
    """The names that any format has for a field of a row or of a turn."""
    shapes = [shape for each in FORMATS.values() for shape in each.shapes]
    structs = [shape.row for shape in shapes] + [shape.turn for shape in shapes if shape.turn is not None]
    return frozenset((*thoughts.FIELDS, *weights.ALIASES)).union(*(s.__struct_encode_fields__ for s in structs))


def with_variant(base: Format, name: str) -> Format:
    """The format as this variant writes it.

    Raises:
        KeyError: with the known names.
    """
    for variant in base.variants:
        if variant.name == name:
            first = [shape for shape in base.shapes if shape.name == variant.shape]
            others = [shape for shape in base.shapes if shape.name != variant.shape]
            return msgspec.structs.replace(
                base,
                shapes=(*first, *others),
                write=variant.write,
                loses=variant.loses,
                variant=name,
                bare="",
                exchange=b"",
            )
    known = ", ".join(f"{base.name}/{variant.name}" for variant in base.variants) or "none"
    raise KeyError(f"{base.name} has no variant {name!r}; it has {known}")
