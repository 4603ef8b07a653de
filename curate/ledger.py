"""What became of every input row, told from the columns that steps added."""

from __future__ import annotations

import pyarrow as pa

from curate.errors import CurateError
from schemas.problems import CODES, shown

TEXT = 200
FATE_COLUMNS = ("file", "row", "record", "problem", "problem_path", "problem_message", "duplicate_of")


def fate(table: pa.Table) -> pa.Array:
    """(rows,) string: in plain words what became of each row.

    `invalid: CODE PATH MESSAGE`; `exact duplicate of FILE row N` (or another method); `selected, rank N` and
    `not selected` once a selection was made (column `rank`); `kept` before that.
    """
    names = [n for n in (*FATE_COLUMNS, "duplicate_method", "rank") if n in table.column_names]
    columns = {name: table[name].to_pylist() for name in names if name != "record"}
    has_record = table["record"].is_valid().to_pylist()
    return pa.array([_fate(columns, i, has_record[i]) for i in range(table.num_rows)], pa.string())


def _fate(columns: dict[str, list], i: int, has_record: bool) -> str:
    row = {name: values[i] for name, values in columns.items()}
    if not has_record:
        return " ".join(
            ["invalid:", *(str(row[n]) for n in ("problem", "problem_path", "problem_message") if row.get(n))]
        )
    if row.get("rank") is not None:
        return f"selected, rank {row['rank']}"
    of = row.get("duplicate_of")
    if of is not None:
        method = row.get("duplicate_method") or ""
        kept = f"{columns['file'][of]} row {columns['row'][of]}" if 0 <= of < len(columns["file"]) else f"position {of}"
        return f"{method} duplicate of {kept}".lstrip()
    return "not selected" if "rank" in columns else "kept"


def explain(table: pa.Table, row: int | str, file: str | None = None) -> str:
    """All that the ledger says of one input row, a line for each column.

    row: the row's number in its file, or `FILE:ROW`.  file: which file; needed if several have that row.
    Raises CurateError if no row, or rows of several files, are meant.
    """
    number, file = _asked(row, file)
    position = _find(table, number, file)
    one = table.slice(position, 1).to_pylist()[0]
    lines = [f"{one['file']} row {one['row']}: {_one_fate(table, position)}"]
    code = one.get("problem")
    if code in CODES:
        lines.append(f"  {code} is: {CODES[code].title}; {CODES[code].remedy}")
    shown_as = {name: _value(value) for name, value in one.items() if name not in ("file", "row")}
    width = max(map(len, shown_as), default=0)
    lines.extend(f"  {name:<{width}}  {value}" for name, value in shown_as.items())
    return "\n".join(lines)


def funnel(table: pa.Table) -> list[tuple[str, int]]:
    """How many rows were left after each step: read, valid, and unique and selected where these steps were done."""
    valid = table.num_rows - table["record"].null_count
    steps = [("read", table.num_rows), ("valid", valid)]
    if "duplicate_of" in table.column_names:
        steps.append(("unique", valid - (table.num_rows - table["duplicate_of"].null_count)))
    if "rank" in table.column_names:
        steps.append(("selected", table.num_rows - table["rank"].null_count))
    return steps


def _asked(row: int | str, file: str | None) -> tuple[int, str | None]:
    text = str(row)
    if ":" in text:
        file, text = text.rsplit(":", 1)
    try:
        return int(text), file
    except ValueError:
        raise CurateError(f"{row!r} names no row; write a row number such as 12, or FILE:12") from None


def _find(table: pa.Table, number: int, file: str | None) -> int:
    """The table position of a row.  A file may be named by the end of its path."""
    files, rows = table["file"].to_pylist(), table["row"].to_pylist()
    with_number = [i for i, n in enumerate(rows) if n == number]
    found = [i for i in with_number if file is None or files[i] == file]
    if not found and file is not None:
        found = [i for i in with_number if files[i].endswith(f"/{file}")]
    names = list(dict.fromkeys(files[i] for i in found))
    if len(names) > 1:
        listed = "\n".join(f"  {name}:{number}" for name in names)
        raise CurateError(f"{len(names)} files have a row {number}; name one of them:\n{listed}")
    if not found:
        where = f"{file} has" if file else "the ledger has"
        known = ", ".join(list(dict.fromkeys(files))[:5])
        raise CurateError(f"{where} no row {number}; the ledger holds {table.num_rows:,} rows of {known or 'no file'}")
    return found[0]


def _one_fate(table: pa.Table, position: int) -> str:
    """`fate` of one row, without going through all of them."""
    pair = [position]
    if "duplicate_of" in table.column_names:
        of = table["duplicate_of"][position].as_py()
        if of is not None and 0 <= of < table.num_rows:
            pair.append(of)
    part = table.take(pa.array(pair))
    if len(pair) == 2:
        at = part.schema.get_field_index("duplicate_of")
        part = part.set_column(at, "duplicate_of", pa.array([1, None], pa.int64()))
    return fate(part)[0].as_py()


def _value(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return shown(value, TEXT) if isinstance(value, str) else shown(str(value), TEXT)
