"""Scores look at a thought and its answer apart."""

from __future__ import annotations

import pytest

from curate.score.faults.finding import FaultFinding
from curate.score.faults.registry import findings, names
from curate.score.faults.row import FaultRow
from curate.score.faults.thought import find_also_in_thought
from curate.score.texts import RowTexts
from schemas.record import Conversation, Message, dumps

ANSWER = {"en": "A spider has eight legs, four on each side.", "zh": "蜘蛛有八条腿，每边四条。"}
ASKED = {"en": "How many legs has a spider?", "zh": "蜘蛛有几条腿？"}
BAD = {
    "loop": {"en": "Wait, let me count the legs once more. " * 30, "zh": "等一下，我再数一遍蜘蛛的腿。" * 30},
    "mojibake": {"en": "The spiderâ€™s legs, itâ€™s said, are eight.", "zh": "蜘蛛的腿锟斤拷锟斤拷有八条。"},
    "special_tokens": {"en": "Eight legs.<|im_end|>\n<|im_start|>user", "zh": "八条腿。<|im_end|>\n<|im_start|>user"},
}


def row(language: str, thought: str | None, answer: str = "") -> tuple[str, str, str]:
    record = Conversation([Message("user", ASKED[language]), Message("assistant", answer or ANSWER[language], thought)])
    return record.prompt(), record.response(), dumps(record)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("fault", BAD)
def test_a_fault_of_the_thought_is_named_as_such(fault, language):
    (finding,) = findings(*row(language, BAD[fault][language]))
    assert (finding.fault, finding.certain) == (fault, True)
    assert finding.what.startswith("in the thought: ")
    inline = [each for each in findings(*row(language, None, BAD[fault][language])) if each.fault == fault]
    assert finding.what == f"in the thought: {inline[0].what}"


def test_a_suspicion_of_the_answer_does_not_hide_what_is_certain_in_the_thought():
    def find(looked_at: FaultRow) -> FaultFinding | None:
        if "eight" not in looked_at.response:
            return None
        return FaultFinding("loop", "!" in looked_at.response, looked_at.response, "")

    def found(answer: str, thought: str) -> tuple[bool, str] | None:
        record = Conversation([Message("user", "?"), Message("assistant", answer, thought)])
        finding = find_also_in_thought("loop", find, FaultRow("?", answer, dumps(record)))
        return finding and (finding.certain, finding.what)

    assert found("eight", "eight!") == (True, "in the thought: eight!")
    assert found("eight", "eight") == found("eight", "8") == (False, "eight")
    assert found("eight!", "eight!") == (True, "eight!")
    assert found("8", "eight") == (False, "in the thought: eight")
    assert found("8", "8") is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_thought_may_be_what_an_answer_may_not(language):
    thought = {
        "en": "I can't help with that? No, I can. Let me think about",
        "zh": "抱歉，我无法回答？不，可以。让我想想",
    }
    assert findings(*row(language, thought[language])) == findings(*row(language, None)) == []


def test_rows_without_thoughts_are_measured_as_before_and_with_them_by_their_answer():
    rows = [row("en", None), row("en", BAD["loop"]["en"]), row("zh", BAD["mojibake"]["zh"]), row("zh", "八条。")]
    texts = RowTexts(*zip(*rows, strict=True))
    assert names(texts, certain=True) == [[], ["loop"], ["mojibake"], []]
    assert [len(words) for words in texts.words[:2]] == [len(RowTexts(*zip(rows[0], strict=True)).words[0])] * 2
