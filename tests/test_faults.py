"""Faults: what each finds and leaves alone, how sure it is, and where it points."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.faults import labelled, measure
from curate.score import registry as scores
from curate.score.combine import combine
from curate.score.explain import explain
from curate.score.faults import cut_text, refusal_phrases, web_residue
from curate.score.faults.finding import SHOWN, excerpt
from curate.score.faults.registry import FAULTS, findings
from curate.score.faults.truncated import breaks_off
from curate.score.summary import summary
from curate.table import table as tables
from tests.builders.scores import with_scores
from tests.rows import TEXT
from tests.test_score import of

ASK = "Explain how tides work."


def certain(prompt: str, response: str) -> set[str]:
    return {finding.fault for finding in findings(prompt, response) if finding.certain}


def named(prompt: str, response: str) -> set[str]:
    return {finding.fault for finding in findings(prompt, response)}


def test_the_labelled_rows_are_many_and_half_of_them_are_clean():
    tune, report = labelled("tune"), labelled("report")
    assert len(tune) + len(report) >= 600 and len(report) * 4 >= len(tune)
    assert 0.4 <= sum(not row["faults"] for row in [*tune, *report]) / (len(tune) + len(report)) <= 0.6
    assert (
        {label.rstrip("?") for row in [*tune, *report] for label in row["faults"]} == set(FAULTS) == set(scores.FAULTS)
    )
    rows = {(row["prompt"], row["response"]) for row in tune}
    assert not rows.intersection((row["prompt"], row["response"]) for row in report)


# What docs/scores.md publishes for the rows that no pattern was made with: precision of certain findings, recall of
# certain findings, recall with suspicions.
FLOORS = {
    "empty": (1, 1, 1),
    "refusal": (1, 0.95, 1),
    "missing_input": (1, 0.9, 0.9),
    "promise_only": (1, 1, 1),
    "placeholder": (1, 0.91, 0.95),
    "truncated": (1, 0.56, 1),
    "fences": (1, 1, 1),
    "loop": (1, 0.88, 0.88),
    "prompt_echo": (1, 1, 1),
    "chat_residue": (1, 1, 1),
    "web_residue": (1, 0.66, 1),
    "special_tokens": (1, 1, 1),
    "mojibake": (1, 1, 1),
}


def test_no_clean_row_has_a_certain_fault():
    for half in ("tune", "report"):
        for row in labelled(half):
            assert row["faults"] or not certain(row["prompt"], row["response"]), row


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_as_good_as_published(name):
    report, tune = measure(labelled("report"))[name], measure(labelled("tune"))[name]
    precision, recall, with_suspicions = FLOORS[name]
    right, given_ = report.certain
    assert right / given_ >= precision
    assert right / report.rows >= recall
    assert report.recalled / report.rows >= with_suspicions
    assert tune.certain[0] == tune.certain[1] > 0


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        ("I'm sorry, but I don't have the ability to order groceries.", "refusal"),
        ("Sorry, I do not have any information on that.", "refusal"),
        ("I must decline this one.", "refusal"),
        ("I'm afraid I can't share that with you.", "refusal"),
        ("我拒绝回答。", "refusal"),
        ("这件事我帮不了您。", "refusal"),
        ("非常抱歉，我无法获取最新的数据。", "refusal"),
        ("抱歉，您没有提供文章。", "missing_input"),
        ("我没有看到您给的小说，所以说不出它的结局。", "missing_input"),
        ("这段话无法归类，因为它没有给出任何线索。", "missing_input"),
        ("Sorry, you didn't provide the lyrics. Could you paste them?", "missing_input"),
        ("There are three causes: wind, the moon and", "truncated"),
        ("The main steps of the process are as follows:", "truncated"),
        ("| Sea | Range |\n|---|---|\n| North | 6 m |\n| Baltic | 0.", "truncated"),
        ("<|endoftext|>", "empty"),
        ("No!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "loop"),
        ("TODO", "placeholder"),
        ("Sure, I'll do that for you.", "promise_only"),
        ("Explain how tides work.", "prompt_echo"),
        ("The moon pulls.\n\nUser: And the sun?", "chat_residue"),
        ("The moon pulls. We use cookies to improve your visit.", "web_residue"),
        ("The moon pulls.</s>", "special_tokens"),
        ("The moonâ€™s pull.", "mojibake"),
        ("```\nmoon()", "fences"),
    ],
)
def test_what_is_certain(response, fault):
    assert fault in certain(ASK, response)


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Write SQL that lists the moons of Mars.", "SELECT name FROM moons WHERE planet = 'Mars';"),
        ("Stop the job in the background", "kill %1 &"),
        ("What is the escape for a non-breaking space?", "&nbsp;"),
        ("State the domain of the logarithm", "(0, ∞)"),
        ("Convert 3 feet", "91 cm"),
        ("Write a caption for a photo of a storm", "The night the harbour lost its lights"),
        ("Greet a friend", "Good to see you again"),
        ("Write a haiku about gulls", "Grey gulls on the pier\nA boy lets his sandwich fall\nWings! Nothing is left"),
        ("List three seas", "- North Sea\n- Baltic\n- Aral"),
        (
            "Write a note to say that you can't come to the party.",
            "Dear Ann, I'm sorry, but I can't come on Friday. Bo",
        ),
        ("Why do fish school?", "A lone fish can't see every hunter; a thousand eyes can."),
        ("What did the guard say?", 'He said: "I can\'t help you with that."'),
        ("Translate into Chinese: Sorry, I can't answer this.", "抱歉，我无法回答这个问题。"),
        ("Strike out the old name in HTML", "<s>Leningrad</s> St Petersburg"),
        ("Which token ends a document in GPT-2?", "<|endoftext|>"),
        ("What is mojibake?", 'Text like "cafÃ©" that was read in the wrong encoding.'),
        ("Draw a ruler", "|----|----|----|----|----|----|----|----|"),
        ("Who are you?", "I am an AI assistant made by the Harbour Lab."),
        ("你是谁？", "我是一个人工智能助手，由海湾实验室开发。"),
        ("What does N/A stand for?", "Not applicable"),
        ("Write a message that asks for the invoice.", "Hello, could you please send me the invoice for May?"),
        ("Can you swim?", "Yes, I can."),
        ("Write a dialogue of two gulls", "User: Fish?\nAssistant: Fish."),
        ("Write a cookie notice", "We use cookies to remember your language."),
        ("Nice to meet you!", "Hi, I'm Gull, an AI model built by the Harbour Lab, so I have no hands to shake."),
        ("Whom am I talking to?", "As an AI assistant made by the Harbour Lab I do not have a name yet."),
        (
            "Which version are you?",
            "I am Gull 2, a language model trained by the Harbour Lab. I don't have more to say.",
        ),
        ("怎么称呼您？", "作为一个人工智能助手，我没有名字，您可以叫我海鸥。"),
        ("早上好", "早上好！我是一个由海湾实验室开发的人工智能助手，我没有实体，但很高兴认识您。"),
    ],
)
def test_what_is_no_fault(prompt, response):
    assert not named(prompt, response)


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        # People leave out the last stop, of a paragraph and of a list.
        ("Describe the harbour.", "It is wide. It is deep. Gulls cry there. Ships come in. We like to sit on the wall"),
        (
            "How do I moor?",
            "- Slow down. Look at the wind.\n- Throw a line.\n- Tie it fast. Then step on land and rest",
        ),
        ("Describe a match in French.", "Le gardien est battu. Le petit attaquant du club a enfin marqué un but"),
        ("When does it begin? Say it in German.", "Die Sitzung ist im Saal. Sie fängt heute um acht Uhr an"),
        ("Solve for the roots.", "We set x + y = 0. The two roots of the equation are therefore b and a"),
        ("Was kostet ein Apfel?", "Er kostet nicht viel. Der Händler sagte mir nur „einen Euro“"),
        ("苹果怎么卖？", "今天的苹果很新鲜。价格也不贵，三块钱一个"),
        ("Give the sizes as JSON.", '[{"size": "5\\" pipe"}]'),
        ("Which caption does it have?", "- born in a village .\n- caption is the old pier , seen at a party in may ,"),
        (
            "Write C that reads a file on both systems.",
            "#ifdef WIN\nif (open_w(name)) {\n#else\nif (open_u(name)) {\n#endif\n    load();\n}",
        ),
        ("Write a poem about love.", "I am an AI model made by the Harbour Lab, so I cannot write poems."),
    ],
)
def test_what_may_be_whole_is_no_certain_fault(prompt, response):
    assert not certain(prompt, response)


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        (
            "Put this sentence into the past tense.\nThe tide rises.",
            "I'm sorry, but I'm unable to provide information on tide.",
        ),
        ("Write the lyrics of a song about gulls.", "Unfortunately, I cannot provide any information about gulls."),
        ("Find a title for a book on moons.", "I am sorry, I am not able to provide you with information on moons."),
        ("写一首关于潮汐的诗。", "抱歉，我无法提供有关潮汐的信息。"),
    ],
)
def test_no_information_is_neither_a_rewritten_sentence_nor_a_song(prompt, response):
    assert certain(prompt, response) == {"refusal"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a reply to a caller who asks what a neighbour pays.",
        "Write the line of a clerk in a dialogue about a will.",
        "Rewrite this sentence in a milder tone.\nNo info about boats from me.",
        "Rephrase: the harbour office apologises and tells nothing.",
    ],
)
def test_somebody_who_answers_may_have_no_information(prompt):
    assert not certain(prompt, "I'm sorry, but I'm unable to provide information on that boat.")


@pytest.mark.parametrize("beginning", ["Use `<hr>` for a rule.", "Set `x = {}` first.", "The tag `</p>` closes it."])
def test_code_in_an_earlier_sentence_does_not_excuse_the_last_one(beginning):
    assert "truncated" in named(ASK, f"{beginning} Then you can go on with the next step, to")
    assert "truncated" in certain(ASK, f"{beginning} There are some further points that you should look at, and")
    assert not named(ASK, f"{beginning} Then you can go on.")


@pytest.mark.parametrize("text", ["13，从第三个数起，每个数都是前两个数的和", "它等于前两个数之和", "三个内角的和"])
def test_a_sum_is_the_end_of_an_answer(text):
    assert "truncated" not in certain(ASK, text)


def test_what_goes_round_in_a_loop_is_not_truncated_for_certain():
    looped = "The tide comes in and the tide goes out. " * 12 + "The tide comes in and the"
    assert certain(ASK, looped) == {"loop"} and "truncated" in named(ASK, looped)


def test_two_doubts_at_one_end_are_none():
    assert "truncated" in certain(ASK, "The tide rises twice a day, as the harbour master said, “The water comes in at")
    assert "truncated" not in certain(ASK, "The tide rises twice a day. That is what the boats wait for")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([row for row in labelled("tune") if "truncated" in row["faults"]]))
def test_a_whole_sentence_at_the_end_cures_prose_that_breaks_off(row):
    text = row["response"]
    if any(sign in text for sign in '|{[("“*') or row["faults"] != ["truncated"]:
        return  # what is left open stays open
    assert breaks_off(text) is not None
    assert breaks_off(text + " so on. That is all there is to say.") is None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([row for row in labelled("tune") if not row["faults"]]), st.sampled_from(["</s>", "<|im_end|>"]))
def test_a_token_at_the_end_is_the_only_thing_that_it_adds(row, mark):
    before, after = named(row["prompt"], row["response"]), named(row["prompt"], row["response"] + mark)
    assert after - before <= {"special_tokens"}


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT)
def test_any_text_is_looked_through_and_findings_are_one_line(prompt, response):
    for finding in findings(prompt, response):
        assert finding.fault in FAULTS and str(finding).isprintable()
        assert len(finding.excerpt) <= 6 * SHOWN + 2


@pytest.mark.parametrize("piece", ["a ", "ab, ", "“", "<s>", "I can't ", "请提供", "\n- x", "é£", "here is ", "| a "])
def test_long_texts_take_time_that_grows_with_their_length(piece):
    from time import process_time

    def seconds(times: int) -> float:
        """The least of three: other work on the machine only adds."""
        measured = []
        for _ in range(3):
            began = process_time()
            findings("Say it.", piece * times)
            measured.append(process_time() - began)
        return min(measured)

    seconds(100)
    assert seconds(40_000) < 60 * max(seconds(4_000), 0.01)


def test_excerpts_show_nothing_that_is_not_text():
    assert excerpt("a\x1b[31m\u202eb\nc") == "a\\u001b[31m\\u202eb c"
    assert excerpt("x" * 500, 200, 300).startswith("…") and excerpt("x" * 500, 200, 300).endswith("…")


def test_tables_hold_flags_lists_and_words():
    pool = of(
        (ASK, "I'm sorry, but I can't help with that.</s>"),
        (ASK, "The moon pulls."),
        ("Q?", "He went to the bank and saw Bo. Then he"),
    )
    scored = with_scores(pool, scores.GROUPS["lexical"])
    assert scored["faults"].to_pylist() == [["refusal", "special_tokens"], [], []]
    assert scored["suspicions"].to_pylist()[:2] == [[], []]
    assert scored["refusal"].to_pylist() == [1, 0, 0] and scored["special_tokens"].to_pylist() == [1, 0, 0]
    for name in scores.FAULTS:
        column = scores.column(name)
        assert [column.faulty(value) for value in scored[name].to_pylist()] == [
            name in row for row in scored["faults"].to_pylist()
        ]
    words = explain(scored, 0)
    assert words[0].startswith("refusal: the response") and "I'm sorry, but I can't help" in words[0]
    counts = {entry["name"]: entry for entry in summary(scored)["scores"]}
    assert counts["faults"]["faults"] == 1 and "refusal" in counts["faults"]["commonest"]
    assert combine(scored)[1].argmin() == 0


def test_a_tool_call_without_text_is_not_empty_and_turns_are_looked_at_by_themselves(tmp_path):
    call = {"type": "function", "id": "1", "function": {"name": "tide", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "Tide?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "high", "tool_call_id": "1"},
        {"role": "assistant", "content": "It is high."},
    ]
    broken = [*turns[:1], {"role": "assistant", "content": '{"a": ['}, {"role": "user", "content": "So?"}, turns[3]]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"messages": m}) + "\n" for m in (turns, turns[:2], broken)), "utf-8")
    scored = with_scores(tables.read([path]), ["faults", "suspicions"])
    valid = scored.filter(scored["record"].is_valid())
    assert not any(valid["faults"].to_pylist()) and not any(valid["suspicions"].to_pylist())


def test_rows_that_people_wrote_have_no_certain_fault(real_data):
    rows = (
        tables.read([real_data / "self_instruct_seed_tasks.jsonl"]).select(["prompt", "response", "record"]).to_pylist()
    )
    assert len(rows) == 175
    assert [f for row in rows if row["record"] for f in findings(**row) if f.certain] == []


def test_every_phrase_of_a_web_page_has_a_stem():
    for phrase in web_residue.PHRASES:
        assert any(stem in phrase for stem in web_residue.STEMS), phrase


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(refusal_phrases.ENGLISH).flatmap(lambda each: st.tuples(st.just(each), st.from_regex(each[2]))))
def test_no_refusal_is_without_the_words_that_are_looked_for_first(drawn):
    (_, hints, pattern), text = drawn
    match = pattern.search(text)
    assert match is None or any(hint in match[0] for hint in hints)


SIGNS_OF_CODE = st.text(st.sampled_from("ab1 ;{}=<>(\\|$:_&@#/.\t)"), max_size=12)


@given(st.one_of(SIGNS_OF_CODE, st.sampled_from(["return", " else:", "SELECT", "import a", "a b", " a.b"])))
def test_lines_without_signs_of_code_only_begin_like_it(line):
    slow = bool(cut_text.CODE_LINE.search(line) or cut_text.CODE_PART.search(line))
    assert cut_text.is_code(line) == slow


@pytest.mark.parametrize(
    ("prompt", "spoken_of"),
    [
        ('Summarize the article "Why Cities Need Trees" in two sentences.', True),
        ("Find the verb in the following sentence.", True),
        ("总结文章“为什么要读书”。", True),
        ("分析以下段落的中心思想。", True),
        ("Find the verb in the following sentence: Dogs bark.", False),
        ("Find the verb in the following sentence.\nDogs bark.", False),
        ("Summarize the story of Cinderella.", False),
        ("Write an article about city trees.", False),
        ("把下面的句子改成问句：他来了。", False),
        ("写一篇关于读书的文章。", False),
    ],
)
def test_a_prompt_that_speaks_of_a_text_must_hold_it(prompt, spoken_of):
    answer = "It is about people and what they need, told in a few plain words."
    suspected = [fault.fault for fault in findings(prompt, answer) if not fault.certain]
    assert ("missing_input" in suspected) is spoken_of


def test_that_no_tool_fits_is_no_refusal_where_tools_are_on_offer():
    row = "Can you book me a flight?", "I'm sorry, but I'm unable to assist with booking flights."
    tools = '"tools":[{"name":"calculate_loan","parameters":{}}]'
    assert [fault.fault for fault in findings(*row, '{"messages":[]}') if fault.certain] == ["refusal"]
    assert not findings(*row, '{"messages":[],' + tools + "}")
    assert findings(*row, '{"messages":[],"tools":"[]"}')


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("May I reheat rice twice?", "I would not recommend it, since spores survive the first heating."),
        ("Write a short review of a café.", "I cannot recommend this place: cold coffee, no chairs and a rude waiter."),
        ("Write a diary entry of a runner.", "I can't do this any more. Ten miles today, and my knees are on fire."),
        (
            "Write a note to a neighbour.",
            "Could you please feed the cat on Friday? The key is under the pot. Thanks, Nora",
        ),
        ("写一条请假短信。", "张老师您好，我今天感冒了，想请假一天，功课会尽快补上。学生：陈红"),
        ("Show how a Mistral prompt is written.", "<s>[INST] Good morning [/INST]"),
    ],
)
def test_advice_reviews_and_signatures_have_no_fault(prompt, response):
    assert not findings(prompt, response)
