"""Questions of somebody who serves people, and texts that a prompt should have brought."""

from __future__ import annotations

import pytest

from curate.score.faults.registry import findings


def weight(prompt: str, response: str) -> bool | None:
    """Whether `missing_input` is certain; None where it is not found."""
    found = [finding for finding in findings(prompt, response) if finding.fault == "missing_input"]
    return found[0].certain if found else None


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        (
            "You are a receptionist at a hotel. A guest wants to move a stay.",
            "Could you please provide your name and the date of the booking?",
        ),
        (
            "Act as a support agent. A customer says: the app shows an error.",
            "I'm sorry to hear that. Could you please send me the error message so that I can help?",
        ),
        ("Pretend to be a doctor. I have a headache.", "Can you please share some more context, so I can help you?"),
        ("My parcel has not come yet.", "I am sorry about that. Could you please provide the order number?"),
        ("I'd like to change my reservation.", "Of course. Could you please give me your name and booking number?"),
        ("Cancel my flight to Oslo.", "Certainly. Could you please provide your booking reference and names?"),
        ("Hello, I forgot my password.", "No problem! Please enter the email address of your account."),
        ("Where is my order?", "Could you please share your order number, so that I can look it up?"),
        ("你是一名酒店前台。客人想改预订。", "好的，请告诉我您的姓名和预订信息，以便我为您查询。"),
        ("扮演客服，回答顾客的问题：我的包裹没到。", "很抱歉，请您提供订单信息，我马上为您查询。"),
        ("我想改签机票。", "好的，请提供您的姓名和订单信息，以便我为您办理。"),
        ("帮我订一张去上海的火车票。", "没问题，请告诉我出发日期和乘客信息，我才能为您预订。"),
    ],
)
def test_who_serves_people_may_ask_for_details(prompt, response):
    assert weight(prompt, response) is None


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Summarize the article.", "Please provide the article you would like me to summarize."),
        (
            "You are an editor. Shorten the following paragraph.",
            "Please provide the paragraph, so that I can shorten it.",
        ),
        ("Sort the names by length.", "Could you please provide the names?"),
        ("Find the mean of the values.", "Please provide the values so I can calculate the mean."),
        ("总结这篇文章。", "请提供文章内容，以便我为您总结。"),
        ("你是一名编辑，请缩短下面的段落。", "请提供段落内容，我才能缩短它。"),
    ],
)
def test_a_text_that_did_not_come_is_still_certain(prompt, response):
    assert weight(prompt, response) is True


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("You are a translator for French.", "Please provide the text that you would like me to translate."),
        ("I want a text translated.", "Please provide the text, so that I can translate it."),
        ("你是一名翻译，帮助用户。", "请提供需要翻译的文本，以便我为您翻译。"),
    ],
)
def test_whoever_works_on_texts_may_ask_for_one_first(prompt, response):
    assert weight(prompt, response) is False
