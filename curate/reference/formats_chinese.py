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
    "signature of a thought": "思考的签名",
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
**A table holds less than JSON.**  A cell of CSV is text, and an empty one is no field; in Parquet and Arrow a null is
no field, and decimals have 64 bits.  What that changes is listed as lost, as `meta.k (null in parquet)`, and refused
with `--on-loss error`.  With `--lossless` each row is looked at as it will be read back, and `curate_origin` holds it
where that differs: nulls, numbers as they were written, the order of fields; a column whose values differ in type is
written as JSON text.  A row is called restored only if its digest says so; of others the summary says which columns
were changed.  Empty or null `system`, `tools`, `input`, `context` and `history` are the same as none.  A key that
stands twice in an object is refused (E008).""": (
        "**表格装得比 JSON 少。** CSV 的单元格是文字，空单元格就是没有该字段；Parque"
        "t 和 Arrow 里 null 就是没有该字段，小数是 64 位。由此改变的内容列为丢失，例如"
        " `meta.k (null in parquet)`，并在 `--on-loss error`"
        " 下拒收。用 `--lossless` 时，每一行都按它将被读回的样子核对，凡有不同——null"
        "、数字的写法、字段的顺序——就由 `curate_origin` 保存；值的类型不一的列写成 J"
        "SON 文字。只有摘要相符才说某行已还原；其余的行，小结会说明哪些列被改过。空的或为 null "
        "的 `system`、`tools`、`input`、`context` 和 `history`"
        " 等于没有。一个对象里出现两次的键会被拒收（E008）。"
    ),
    """\
**A thought is apart from the answer.**  Text between `<think>` and `</think>` at the head of an assistant's turn, the
turn's `reasoning_content`, `reasoning`, `thinking` or `thought`, or a part of type `reasoning` or `thinking` before the
answer, is its thought: scores and `--key response` look at the answer alone, and name a fault of the thought as such.
It is written where it was read, to the letter; a format without a place for it has it before the answer, between these
marks on lines of their own.  A thought that is not closed is refused (E113), as are two that differ in one turn (E115)
and one that no answer and no call follows (E202); an empty one is valid (E114), and blank fields stay fields.  Calls
among parts (`tool_call`, `tool_use`, `function_call`) are calls of the turn.""": (
        "**思考与回答分开。** 助手一轮开头 `<think>` 与 `</think>` 之间的文字"
        "，该轮的 `reasoning_content`、`reasoning`、`thinking` "
        "或 `thought`，或者回答之前类型为 `reasoning` 或 `thinking` 的"
        "分段，就是它的思考：评分和 `--key response` 只看回答，思考里的毛病会注明是思考"
        "的。思考在哪里读到，就一字不差地写在哪里；没有它位置的格式，把它写在回答之前，夹在这两个标记之间"
        "，标记各占一行。没有结束标记的思考会被拒收（E113），同一轮里两份不同的思考（E115）以及后"
        "面既没有回答也没有调用的思考（E202）也是；空的思考有效（E114），空白的字段仍是字段。分段"
        "里的调用（`tool_call`、`tool_use`、`function_call`）就是该轮"
        "的调用。"
    ),
    """\
**`--reasoning`** of `convert`, `render`, `train`, `ablate` and `export` says what becomes of thoughts:""": (
        "`convert`、`render`、`train`、`ablate` 和 `export` 的 **`--reasoning`** 决定如何处理思考："
    ),
    """\
- **keep** (the default): as the format or the prompt template has them, which may leave out those of
  earlier turns;
- **inline**: text of the reply, between `<think>` and `</think>` on lines of their own, in every turn;
- **drop**: left out; `convert` counts the rows;
- **mask**: written, and not trained on.  No format can say so, so `convert` lists it as lost.""": (
        "- **keep**（默认）：按格式或提示模板的写法，模板可能去掉较早各轮的思考；\n"
        "- **inline**：作为回复的文字，夹在 `<think>` 与 `</think>` 之"
        "间，标记各占一行，每一轮都写；\n"
        "- **drop**：去掉；`convert` 会统计行数；\n"
        "- **mask**：写出，但不参与训练。没有格式能这样写，所以 `convert` 把它列为丢"
        "失。"
    ),
    """\
**Rows of several examples**: a seed task is read as its first instance, an OpenAssistant tree (or its messages, one a
row in any order) as its best ranked path, and the rest stays beside it.  `--turns split` writes a row for each
instance, or for each path from the root to a leaf; without it `convert` counts the rows that have more.""": (
        "**含多个样例的行**：种子任务读作它的第一个实例，OpenAssistant 的树（或每行一条"
        "、顺序任意的消息）读作排名最好的一条路径，其余附带保存。`--turns split` 为每个实"
        "例，或从根到叶的每条路径，各写一行；不加此选项时，`convert` 会统计还含有其他样例"
        "的行数。"
    ),
    """\
**What is no pair is named**: plain text and turns by the assistant alone are text for pretraining; a question with
choices, or with an answer that is judged or ranked, is not read as a pair of question and answer.  Replies in TRL's
prompt are not trained on.""": (
        "**不成对的会被指明**：纯文本和只有助手的轮次是预训练文本；带选项的问题，或答案经过评判、排名"
        "的问题，不当作一问一答来读。TRL 的 prompt 里的回复不参与训练。"
    ),
    """\
**Calls** are read from `tool_calls` (also flat, with `parameters` for arguments, one object, or JSON text),
`function_call` and `functions`, parts of type `tool_use`, `tool_call` and `tool_result`, and `function_call` turns;
several of these in a row are one turn.  They are written in OpenAI's shape, or as `function_call` turns; further keys
of a call stay beside it.  Calls that are text, as Hermes writes them (`<tool_call>`), stay text unless
`convert --calls from-text` reads them; `--calls to-text` writes calls and results so.""": (
        "**调用**从以下各处读取：`tool_calls`（也可以是扁平的、以 `parameters"
        "` 作参数的、单个对象或 JSON 文字）、`function_call` 和 `functio"
        "ns`、类型为 `tool_use`、`tool_call` 和 `tool_result` 的"
        "分段，以及 `function_call` 轮次；连续几个算作一轮。写出时用 OpenAI 的写"
        "法，或写成 `function_call` 轮次；调用的其他键附带保存。以文字写出的调用（Hermes"
        " 的 `<tool_call>`）仍是文字，`convert --calls from-text` 才读作调用；`--calls to-text` 把"
        "调用和结果写成这样的文字。"
    ),
    """\
**Preference data** is a prompt with a better and a worse answer (`dpo`, LLaMA-Factory's `ranking`), or an answer with a
label (`kto`, LLaMA-Factory's `kto-tag`).  These are written in one another's forms; a pair becomes two labelled rows, a
labelled row alone no pair (E306).  For every other format a pair is refused (E305) unless `--take chosen` asks for its
chosen answer as the reply; a bad answer is always refused, and never selected, exported or trained on.  Replies in the
prompt, which nobody judged, are then not trained on.  `label` counts beside messages or a completion where it is true
or false and no `category`, `task`, `task_type` or `is_classification` says that the task is classification; false
beside any other format's fields means a bad answer by the same rule.""": (
        "**偏好数据**是一个提示加一好一坏两个回答（`dpo`，LLaMA-Factory 的 `rank"
        "ing`），或者一个带标签的回答（`kto`，LLaMA-Factory 的 `kto-tag`）。"
        "它们之间可以互相转换；一对回答写成两行带标签的数据，单独一行带标签的数据成不了对（E306）。写成其"
        "他任何格式时，成对的数据会被拒收（E305），除非用 `--take chosen` 要求把 cho"
        "sen 写成回复；坏回答一律拒收，绝不会被选中、导出或用于训练。此时提示里的回复没有人评判过，不参与"
        "训练。`label` 在消息或 completion 旁边、值为 true 或 false，并且没有"
        " `category`、`task`、`task_type` 或 `is_classificatio"
        "n` 表明是分类任务时才算标签；在其他格式的字段旁边，false 按同样的规则表示坏回答。"
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
