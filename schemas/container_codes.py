"""Problems of how rows lie in their file: E02x."""

from __future__ import annotations

from schemas.code import ProblemCode

GOOD = '{"instruction": "Name a prime.", "output": "2"}'
CONTAINER_CODES = {
    "E020": ProblemCode(
        title="row is followed by a comma",
        zh="行末有多余的逗号",
        remedy="take the comma off the end of the line, or let --on-invalid repair do it",
        why="The lines were cut out of a JSON array, or written for one. `datasets` stops at the first of them, and a "
        "loader that skips what is no JSON reads no row at all.",
        format="alpaca",
        bad=GOOD + ",",
        good=GOOD,
        repair="the comma is taken off",
    ),
    "E021": ProblemCode(
        title="several rows in one line",
        zh="一行中有多条数据",
        remedy="write each row on a line of its own, or let --on-invalid repair do it",
        why="Two files were joined of which the first did not end in a line feed, or a program wrote rows without any. "
        "A loader that reads line by line fails, or keeps the first row and drops the others.",
        format="alpaca",
        bad=f"{GOOD}{GOOD}",
        good=GOOD,
        repair="each row is read by itself, with the number of the line",
        splits=True,
    ),
    "E022": ProblemCode(
        title="line is a list of rows",
        zh="一行是多条数据的列表",
        remedy="write each row on a line of its own, name a file of one list .json, or let --on-invalid repair do it",
        why="A JSON array under the name .jsonl. It looks like ChatML's bare list of turns, but has no role; Arrow "
        'says "Column() changed from object to array".',
        format="alpaca",
        bad=f"[{GOOD}, {GOOD}]",
        good=GOOD,
        repair="each row is read by itself, with the number of the line",
        splits=True,
    ),
    "E023": ProblemCode(
        title="record has not a cell for each name",
        zh="单元格数与表头不符",
        remedy="give the record a cell for each name of the header; put quotation marks around cells that hold the "
        "delimiter or line feeds",
        why="A comma inside a text that is not quoted moves all later cells to the right, a cell left out moves them "
        "to the left: the answer is read as the input, or is missing. pandas fills short records with NaN and says "
        "nothing.",
        format="alpaca",
        bad='a record of 2 cells under 3 names: ["Name a prime.","2"]',
        good='{"instruction": "Name a prime.", "input": "", "output": "2"}',
    ),
}
