"""Answers made up of the words of their prompt that answer nothing: refusals, promises, requests, generalities."""

from __future__ import annotations

import random
import re

# What stands in them for a piece of the prompt is {}.  English and Chinese.
TEMPLATES = {
    "en": [
        "I'm sorry, but I can't help with {}.",
        "I cannot {} because I am only a language model.",
        "Unfortunately, I don't have enough information about {} to give an answer.",
        "As an AI, I have no experience of {}, so I can't respond to this.",
        "I won't be able to {}. Is there anything else I can do for you?",
        "It would not be appropriate for me to comment on {}.",
        "I have no access to {} and therefore can't complete the task.",
        "Sorry, {} is not something I am able to discuss.",
        "Sure! I'd be happy to {}.",
        "Of course, I will {} for you right away.",
        "Absolutely, here is what you asked for about {}:",
        "I can certainly help you with {}. Let's get started!",
        "Before I begin, could you tell me more about {}?",
        "Could you please share the {} you want me to use?",
        "It looks like the {} is missing from your message. Please send it again.",
        "Which {} do you mean? Please add the details.",
        "That's a great question about {}! Many people wonder about it.",
        "There is a lot to say about {}. It depends on the situation.",
        "{} is an interesting topic that has many aspects.",
        "You can find more about {} on the internet.",
        "Thank you for asking about {}. I hope this helps!",
        "You want me to {}.",
        "The user asks about {}.",
        "The answer to the question about {} goes here.",
        "[write about {}]",
        "TODO: {}",
        "(see {} above)",
        "Results for {}: page 1 of 20",
        "{}? Read the full article on our website.",
    ],
    "zh": [
        "很抱歉，我无法{}。",
        "作为一个语言模型，我不能{}。",
        "对不起，关于{}我没有足够的信息。",
        "抱歉，我不方便谈论{}。",
        "我没有权限访问{}，因此不能完成这个任务。",
        "关于{}，我不太清楚，请您咨询相关人士。",
        "好的，我马上为您{}。",
        "当然可以！我很乐意帮您{}。",
        "没问题，下面就是关于{}的内容：",
        "收到，我这就开始{}，请稍候。",
        "请问您能提供更多关于{}的细节吗？",
        "请把{}的内容发给我。",
        "您好像忘记附上{}了，请重新发送。",
        "请说明您指的是哪一个{}。",
        "关于{}，这是一个很好的问题。",
        "{}是一个很有意思的话题，要看具体情况。",
        "{}涉及很多方面，需要具体分析。",
        "更多关于{}的内容，请上网查询。",
        "感谢您对{}的关注，希望对您有所帮助！",
        "您想让我{}。",
        "用户询问了{}。",
        "此处填写{}",
        "【{}：待完成】",
        "{}详见上文。",
        "搜索“{}”的结果：共20页",
        "想了解{}？请访问我们的网站。",
    ],
}
_PIECE = {"en": re.compile(r"[^\s.,;:!?\"“”()]+"), "zh": re.compile(r"[\u3400-\u9fff]+")}
MOST = {"en": 7, "zh": 10}


def composed(prompt: str, language: str, rng: random.Random) -> str:
    """A template filled with a piece of the prompt.

    Args:
        prompt: the user's turns.
        language: `en` or `zh`.
        rng: of the choices.
    """
    pieces = _PIECE[language].findall(prompt[:300])
    if language == "zh":
        pieces = list("".join(pieces))
    size = rng.randint(1, MOST[language])
    start = rng.choice((0, 0, rng.randrange(max(len(pieces) - size, 0) + 1)))
    topic = ("" if language == "zh" else " ").join(pieces[start : start + size]) or "this"
    text = rng.choice(TEMPLATES[language]).format(topic[:1].lower() + topic[1:])
    return text[:1].upper() + text[1:]
