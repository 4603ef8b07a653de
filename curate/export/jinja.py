"""A prompt template as a Jinja chat template, which transformers, and so every tool, can read."""

from __future__ import annotations

import json

from schemas.template_tools import slots
from schemas.templates import Template

NAME = "chat_template.jinja"
_VALUES = {"bos": "(bos_token or '')", "eos": "(eos_token or '')"}


def jinja(template: Template) -> str:
    """The chat template: the text that `schemas.templates.render` writes for turns without tools.

    One line without white space around its tags, so that no setting of Jinja changes the text.
    """
    reply = "message.content"
    if template.thought:
        plain = f"'<think>' in {reply} or '</think>' in {reply}"
        reply = f"({reply} if {plain} else {_quoted(template.thought)} + {reply})"
    user = _joined(template.user, "(state.waiting + message.content)")
    observation = _joined(template.observation, "message.content") if template.observation else user
    parts = [
        "{% set state = namespace(waiting='') %}",
        _output(_joined(template.prefix, "''")),
        f"{{% set opening = {_quoted(template.default_system)} %}}",
        "{% if messages and messages[0].role == 'system' and messages[0].content %}",
        "{% set opening = messages[0].content %}{% endif %}",
        "{% if opening %}",
        _system(template, "opening"),
        "{% endif %}",
        "{% for message in messages %}",
        "{% if message.role == 'user' %}",
        _output(user),
        "{% set state.waiting = '' %}",
        "{% elif message.role == 'assistant' %}",
        _output(_joined(template.reply, "''")),
        _reply(template, reply),
        "{% elif message.role == 'tool' %}",
        _output(observation),
        "{% elif not loop.first %}",
        _system(template, "message.content"),
        "{% endif %}",
        "{% endfor %}",
        "{% if add_generation_prompt %}",
        _output(_joined(template.reply, "''")),
        _begun_thought(template),
        "{% endif %}",
    ]
    return "".join(parts)


def _reply(template: Template, content: str) -> str:
    """A reply after its header, which the last turn may end in another way."""
    text = _output(_joined(template.assistant, content))
    if not template.last:
        return text
    return f"{{% if loop.last %}}{_output(_joined(template.last, content))}{{% else %}}{text}{{% endif %}}"


def _begun_thought(template: Template) -> str:
    """What follows the header of a reply to generate: an empty thought where the caller asks for one as Qwen3's users
    do, else the beginning of a thought that the template gives.
    """
    if not template.thought:
        return ""
    asked = "enable_thinking is defined and enable_thinking is false"
    given = f"{{% else %}}{_output(_quoted(template.given))}" if template.given else ""
    return f"{{% if {asked} %}}{_output(_quoted(template.thought))}{given}{{% endif %}}"


def _system(template: Template, content: str) -> str:
    if template.fused:
        return f"{{% set state.waiting = state.waiting + {_joined(template.system, content)} %}}"
    return _output(_joined(template.system, content))


def _joined(text: str, content: str) -> str:
    """A Jinja expression for a piece of a template.

    Args:
        text: the piece.
        content: the expression for its {content}.
    """
    pieces = slots(text)
    parts = []
    for i, piece in enumerate(pieces):
        if i % 2:
            parts.append(content if piece == "content" else _VALUES.get(piece) or _quoted("{" + piece + "}"))
        elif piece:
            parts.append(_quoted(piece))
    return " + ".join(parts) or "''"


def _output(expression: str) -> str:
    return "{{ " + expression + " }}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
