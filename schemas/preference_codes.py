"""Problems of preference data where examples to follow are asked for."""

from __future__ import annotations

from schemas.code import ProblemCode

PREFERENCE_CODES = {
    "E212": ProblemCode(
        title="row is a preference pair",
        zh="该行是偏好数据（chosen/rejected）",
        remedy="for supervised tuning write the chosen answer as the reply, and leave the rejected one out",
        why="Files for DPO hold a prompt that ends in the user's turn and two answers beside it. Read as a "
        "conversation it has no reply; a tool that cuts the last turn off leaves the answers beside a prompt that "
        "they do not answer. Such rows are never mended.",
        format="sharegpt",
        bad='{"conversations": [{"from": "human", "value": "Name a prime."}], '
        '"chosen": {"from": "gpt", "value": "2"}, "rejected": {"from": "gpt", "value": "4"}}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    ),
    "E305": ProblemCode(
        title="row is no example to follow",
        zh="该行不是可供模仿的样本",
        remedy="remove the row, or for a pair write the chosen answer as the reply and leave the rejected one out",
        why="Files for KTO hold bad answers too, marked by label or kto_tag, and pairs hold a rejected one. A trainer "
        "for supervised tuning reads none of these fields: the bad answer becomes an example to follow.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "4", "label": false}',
        good='{"instruction": "Name a prime.", "output": "2", "label": true}',
        to="sft",
        on_loss="drop",
    ),
}
