"""The part of a row that shows a place, and the place itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.convert.excerpt import SHOWN, excerpt, lost_place, place
from curate.convert.report_page import unescaped
from tests.rows import JSON


@given(JSON, st.data(), st.sampled_from([None, 1]))
def test_place_is_where_the_value_stands(value, data, indent):
    row, path, target = {"é.x": [value], "b": 0}, "$.é.x[0]", value
    while isinstance(target, (dict, list)) and target and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(target) if isinstance(target, dict) else range(len(target))))
        path += f".{key}" if isinstance(target, dict) else f"[{key}]"
        target = target[key]
    text = json.dumps(row, ensure_ascii=data.draw(st.booleans()), indent=indent)
    span = place(text, path)
    if json.dumps(target) not in json.dumps(value) or path.count(".") > 2:
        return  # names with dots and brackets in them can make two paths read alike
    assert span is not None
    assert json.loads(text[slice(*span)]) == target


@pytest.mark.parametrize(
    "text, path, marked",
    [
        ('{"a": [1, {"b": "x"}]}', "$.a[1].b", '"x"'),
        ('{"a": [1, {"c": "x"}]}', "$.a[1].b", '{"c": "x"}'),
        ('[{"role": "robot"}]', "$[0].role", '"robot"'),
        ('{"a": 1, "a": 2}', "$.a", "2"),
        ('{"x.y": {"z": 3}}', "$.x.y.z", "3"),
        ('{"a": 1}', "$.b", None),
        ('{"a": 1}', "$", None),
        ('{"a": 1,}', "$", "}"),
        ('{"a": ', "$", " "),
        ('{"a": "\\xff"}', "$", "\\xff"),
        ("", "$", None),
    ],
)
def test_place(text, path, marked):
    span = place(text, path)
    assert (text[slice(*span)] if span else None) == marked


@pytest.mark.parametrize(
    "text, name, marked",
    [
        ('{"messages": [{"role": "user"}, {"weight": 0}]}', "messages[].weight", "0"),
        ('{"conversations": [{"weight": 1}]}', "messages[].weight", "1"),
        ('[{"x": 0}, {"weight": 2}, {"weight": 3}]', "messages[].weight (exchanges of weight 0)", "2"),
        ('{"topic": "t"}', "topic", '"t"'),
        ('{"a": 1}', "topic", None),
    ],
)
def test_lost_place(text, name, marked):
    span = lost_place(text, name)
    assert (text[slice(*span)] if span else None) == marked


@given(st.integers(0, 4000), st.integers(1, 4000), st.integers(0, 4000))
def test_an_excerpt_shows_the_place(before, size, after):
    text = "a" * before + "b" * size + "c" * after
    found = excerpt(text, (before, before + size))
    first, end = found.mark
    assert found.start + len(found.text) + found.more == len(text)
    assert text[found.start :].startswith(found.text)
    assert 0 <= first < end <= len(found.text) <= SHOWN + 200
    assert set(found.text[first:end]) == {"b"}
    assert end - first == size or end == len(found.text)


@given(st.text())
def test_escapes_are_shown_as_what_they_stand_for_and_mean_the_same(text):
    shown = unescaped(json.dumps(text))
    assert json.loads(shown, strict=False) == text
    if text.isprintable() and text.isalpha():
        assert text in shown
