"""One short answer over and over, and what looks like it."""

from __future__ import annotations

import pytest

from curate.score.faults.registry import findings

ASK, FRAGE = "Which fruit keeps longest?", "哪种水果最耐放？"


def weights(prompt: str, response: str) -> dict[str, bool]:
    return {finding.fault: finding.certain for finding in findings(prompt, response)}


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        (FRAGE, "苹果" * 9),
        (FRAGE, "苹果，" * 7),
        (FRAGE, "好" * 12),
        (FRAGE, "我喜欢苹果。" * 5),
        (ASK, "yes yes yes yes yes yes yes"),
        (ASK, "Apple. Apple. Apple. Apple. Apple. Apple."),
        (ASK, "Red apples\n" * 5),
        (ASK, "It is the apple. " * 4),
        (ASK, "The the the the the the the the"),
        (ASK, "apple apple apple apple apple apple app"),
        ("りんごとは？", "りんご" * 6),
        ("Welches Obst?", "Äpfel, Äpfel, Äpfel, Äpfel, Äpfel, Äpfel"),
        ("Write a poem about gulls.", "gull gull gull gull gull gull gull gull"),
        ("Is the harbour deep?", "no " * 12),
    ],
)
def test_one_short_answer_over_and_over_is_a_loop(prompt, response):
    assert weights(prompt, response)["loop"] is True


def test_it_may_answer_as_many_items_as_the_prompt_has():
    prompt = "Is it a fruit? Apple, pear, plum, fig, quince, lime"
    assert weights(prompt, "Yes, yes, yes, yes, yes, yes") == {"loop": False}
    assert weights("Is it even: a) 2 b) 4 c) 6 d) 8 e) 10 f) 12", "Yes\n" * 6) == {"loop": False}
    assert not weights(f"Answer for each. {prompt}", "Yes, yes, yes, yes, yes, yes")


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("What does a crowd do at a good joke?", "ha ha ha ha ha ha ha ha"),
        ("听到笑话时你怎么反应？", "哈" * 12),
        ("怎么笑？", "哈哈哈哈哈哈哈哈哈哈"),
        ("What does a dog say?", "Woof woof woof woof woof woof"),
        ("青蛙怎么叫？", "呱呱呱呱呱呱呱呱"),
        ("What is a million in figures?", "1000000"),
        ("Write 85 in binary.", "1010101"),
        ("Write 170 in binary with blanks.", "1 0 1 0 1 0 1 0"),
        ("Give a DNA strand.", "ATG ATG ATG ATG ATG ATG ATG"),
        ("Write a poly-A sequence of 40 bases.", "A" * 40),
        ("Give me a homopolymer of thymine.", "T" * 36),
        ("Repeat the letter A 50 times.", "A" * 50),
        ("I need a string of 45 a's.", "a" * 45),
        ("写50个“好”字。", "好" * 50),
        ("Write “I must not talk” five times.", "I must not talk. " * 5),
        ("Say yes seven times.", "yes yes yes yes yes yes yes"),
        ("把“苹果”重复九遍。", "苹果" * 9),
        ("Write the chorus of a song about fruit.", "Apple, oh apple\n" * 4),
        ("Draw a fence.", "| | | | | | | | | |"),
        ("Classify each word as noun or verb: dog, cat, sun, sky, pen, cup", "noun, noun, noun, noun, noun, noun"),
        ("判断下列数字的奇偶：1，3，5，7，9，11", "奇，奇，奇，奇，奇，奇"),
        ("Translate: oui oui oui oui oui oui", "yes yes yes yes yes yes"),
        ("Which word comes six times in “so so so so so so”?", "so so so so so so"),
        ("Which sentence uses one word only?", "Buffalo buffalo Buffalo buffalo buffalo buffalo Buffalo buffalo"),
        ("How was the show?", "Very, very, very good."),
        ("来看比赛吗？", "好的好的"),
        ("Will you come?", "Yes! Yes! Yes!"),
    ],
)
def test_sounds_figures_and_what_is_asked_for_are_no_loop(prompt, response):
    assert "loop" not in weights(prompt, response)


def test_turns_that_are_the_same_are_no_loop():
    turns = ",".join(
        '{"role":"user","content":"Go on."},{"role":"assistant","content":"Understood."}' for _ in range(7)
    )
    prompt, response = "\n\n".join(["Go on."] * 7), "\n\n".join(["Understood."] * 7)
    assert not findings(prompt, response, f'{{"messages":[{turns}]}}')


@pytest.mark.parametrize(
    "prompt",
    [
        "Show me an example of garbled text.",
        "What does corrupted text look like?",
        "Give an example of broken characters in an old mail.",
        "举一个乱码的例子。",
    ],
)
def test_damaged_text_that_was_asked_for_has_no_fault(prompt):
    assert not findings(prompt, "The cafÃ© isnâ€™t open.")
    assert weights("Describe the café.", "The cafÃ© isnâ€™t open.") == {"mojibake": True}
