"""Lines of Alpaca as hypothesis makes them up, bad ones among them."""

from __future__ import annotations

import json

from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
ANY = st.one_of(TEXT, st.integers(), st.none(), st.just({}), st.lists(TEXT, max_size=2))
ROW = st.one_of(
    st.fixed_dictionaries(
        {"instruction": TEXT, "output": TEXT}, optional={"input": TEXT, "category": TEXT, "topic": ANY}
    ),
    st.fixed_dictionaries({"instruction": ANY, "output": ANY}),
)
# Whole lines that are no rows at all stand among them too.
LINE = st.one_of(
    ROW.map(lambda row: json.dumps(row, ensure_ascii=False).encode()),
    st.sampled_from([b"{", b"[]", b"\xff", b"7", b"{}"]),
)
LINES = st.lists(LINE, min_size=1, max_size=12)
