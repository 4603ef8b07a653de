"""The tables of formats in Chinese, piece by piece; one without a translation stays English, and a test names it."""

from __future__ import annotations

CHINESE = {
    # heads
    "format": "格式",
    "fields": "字段",
    "shapes read": "可读的写法",
    "variants": "变体",
    "feature": "特征",
    # outcomes
    "kept": "保留",
    "beside": "附带",
    "moved": "移位",
    "lost": "丢失",
    "the format has a place for it": "该格式有它的位置",
    "kept under its own name, which the format's description does not have": (
        "以自己的名字保留，该格式的说明里没有这个字段"
    ),
    "every word is kept, but in another field or turn than it was": "一字不少，但换了字段或轮次",
    "left out, and listed in the summary with the number of rows": "不写出，并在小结中列出涉及多少行",
    "the row is refused with this problem code, since it would no longer mean the same": (
        "以此问题代码拒收该行，因为写出来意思就变了"
    ),
    # features
    "system prompt": "系统提示",
    "several exchanges": "多轮对话",
    "instruction/input apart": "指令与输入分开",
    "tools on offer": "可用的工具",
    "tool calls and results": "工具调用及结果",
    "text beside a tool call": "工具调用旁的文字",
    "ids of tool calls": "工具调用的编号",
    "thought in the text": "文字里的思考",
    "thought in a field": "字段里的思考",
    "image among typed parts": "分段内容里的图片",
    "text-only typed parts": "只有文字的分段内容",
    "weight of a turn": "轮次的权重",
    "name of a speaker": "说话人的名字",
    "category": "类别",
    "source and id": "来源与编号",
    "task of Self-Instruct": "Self-Instruct 的 task",
    "unknown field of a row": "行的未知字段",
    "unknown field of a turn": "轮次的未知字段",
    # notes
    """\
**`--lossless` restores everything**: it adds one text column, `curate_origin`, with which converting back gives every
row that was not refused as it was.  `--on-loss drop` drops what the table calls *beside*, and `--on-loss error` refuses
rows of which anything would be beside or lost.  A row refused with E301 is written with `--turns`: its last
exchange, a row for each, or earlier ones in `history`.  Roles and weights are written as the target spells them
(`human` as `user`, `loss_weight` as `weight`).  A field whose name the target needs for itself is lost, and listed.""": (  # noqa: E501
        "**`--lossless` 可以还原一切**：它加一个文本列 `curate_origin`，转换回来时，凡是没有被拒收的行都与原"
        "来一模一样。`--on-loss drop` 去掉表中“附带”的内容，`--on-loss error` 拒收有任何内容会成为“附带”或“丢"
        "失”的行。因 E301 被拒收的行可以用 `--turns` 写出：只写最后一轮、每轮一行，或把前面各轮放进 `history`"
        "。角色和权重按目标格式的写法写出（`human` 写成 `user`，`loss_weight` 写成 `weight`）。字段名若为目标"
        "格式自己所用，该字段就丢失，并会列出。"
    ),
    """\
**A thought is apart from the answer.**  Text between `<think>` and `</think>` at the head of an assistant's turn, or
the turn's `reasoning_content`, `reasoning`, `thinking` or `thought`, is its thought: scores and `--key response` look
at the answer alone.  It is written where it was read, to the letter; a format without fields for turns has it before
the answer, between these marks on lines of their own.  A thought that is not closed, or that no answer and no call
follows, stays text; blank fields stay fields.""": (
        "**思考与回答分开。** 助手一轮开头 `<think>` 与 `</think>` 之间的文字，或该轮的 `reasoning_content`、"
        "`reasoning`、`thinking` 或 `thought`，就是它的思考：评分和 `--key response` 只看回答。思考在哪里读到"
        "，就一字不差地写在哪里；轮次没有字段的格式，把它写在回答之前，夹在这两个标记之间，标记各占一行。没有"
        "结束标记的思考，或者后面既没有回答也没有调用的思考，仍是正文；空白的字段仍是字段。"
    ),
    """\
**The weight of a turn** is `weight`, `loss_weight`, `loss`, `train` or `trainable`: a number from 0, true or false.
Two of them that differ in one turn are refused (E109).""": (
        "**轮次的权重**是 `weight`、`loss_weight`、`loss`、`train` 或 `trainable`：不小于 0 的数、true 或 fal"
        "se。同一轮里有两个且互不相同，就拒收（E109）。"
    ),
}


def in_chinese(text: str) -> str:
    """A piece of the tables in Chinese; as it is where there is no translation."""
    return CHINESE.get(text, text)
