"""Problems of preference data: malformed pairs and labels, and rows that are no examples to follow."""

from __future__ import annotations

from schemas.code import ProblemCode

_PROMPT = '{"prompt": "Name a prime.", '
PREFERENCE_CODES = {
    "E212": ProblemCode(
        title="row is a preference pair",
        zh="该行是偏好数据（chosen/rejected）",
        remedy="leave --from out, or name dpo or ranking; `curate convert --take chosen` writes the chosen answers as "
        "replies",
        why="Files for DPO hold a prompt that ends in the user's turn and two answers beside it. Read as a "
        "conversation it has no reply; a tool that cuts the last turn off leaves the answers beside a prompt that "
        "they do not answer. Such rows are never mended.",
        format="sharegpt",
        bad='{"conversations": [{"from": "human", "value": "Name a prime."}], '
        '"chosen": {"from": "gpt", "value": "2"}, "rejected": {"from": "gpt", "value": "4"}}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    ),
    "E213": ProblemCode(
        title="answer of a preference row is missing or empty",
        zh="偏好数据缺少回答或回答为空",
        remedy="write both answers, or remove the row",
        why="A trainer compares the likelihoods of two answers. Against an empty one it learns to say anything at all, "
        "or nothing.",
        format="dpo",
        bad=_PROMPT + '"chosen": "2", "rejected": ""}',
        good=_PROMPT + '"chosen": "2", "rejected": "4"}',
    ),
    "E214": ProblemCode(
        title="chosen and rejected are the same",
        zh="chosen 与 rejected 相同",
        remedy="remove the row, or write the answer that is worse",
        why="The two likelihoods are then equal whatever the model does: the row teaches nothing, and the accuracy of "
        "rewards that trainers report counts it as a failure.",
        format="dpo",
        bad=_PROMPT + '"chosen": "2", "rejected": "2"}',
        good=_PROMPT + '"chosen": "2", "rejected": "4"}',
    ),
    "E215": ProblemCode(
        title="chosen and rejected do not share a prompt",
        zh="两个回答没有共同的提示",
        remedy="write the prompt into a field `prompt` (or name its field with --map prompt=NAME), or let both "
        "conversations begin with the same turns",
        why="Where there is no prompt beside them, trainers take the common beginning of both as the prompt. Answers "
        "to different questions are then compared, or the first words that two answers share become the prompt.",
        format="dpo",
        bad='{"chosen": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}], '
        '"rejected": [{"role": "user", "content": "Name a square."}, {"role": "assistant", "content": "4"}]}',
        good='{"chosen": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2"}], '
        '"rejected": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "4"}]}',
    ),
    "E216": ProblemCode(
        title="label is neither true nor false",
        zh="标签既不是 true 也不是 false",
        remedy="write true for a good answer and false for a bad one, without quotes",
        why="LLaMA-Factory takes a row whose kto_tag is no truth value for one without a label, and in Python the text "
        '"false" counts as true: a bad answer becomes an example to follow.',
        format="kto",
        bad=_PROMPT + '"completion": "4", "label": "false"}',
        good=_PROMPT + '"completion": "4", "label": false}',
    ),
    "E305": ProblemCode(
        title="row is no example to follow",
        zh="该行不是可供模仿的样本",
        remedy="remove the row, or for a pair write the chosen answer as the reply with `curate convert --take chosen`",
        why="Files for KTO hold bad answers too, marked by label or kto_tag, and pairs hold a rejected one. A trainer "
        "for supervised tuning reads none of these fields: the bad answer becomes an example to follow.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "4", "label": false}',
        good='{"instruction": "Name a prime.", "output": "2", "label": true}',
        to="sft",
        on_loss="drop",
    ),
    "E306": ProblemCode(
        title="row has no preference to write",
        zh="该行没有可写出的偏好",
        remedy="choose a format that holds what the row has: kto for one labelled answer, sft for one without a label",
        why="A pair needs two answers to one prompt, and a labelled answer its label. To invent either would teach a "
        "preference that nobody had.",
        format="alpaca",
        to="kto",
        bad='{"instruction": "Name a prime.", "output": "2"}',
        good='{"instruction": "Name a prime.", "output": "2", "label": true}',
    ),
}
