"""Problems of the weight of a turn that has several names for it."""

from __future__ import annotations

from schemas.code import ProblemCode

WEIGHT_CODES = {
    "E109": ProblemCode(
        title="two weights of a turn differ",
        zh="同一轮的权重互相矛盾",
        remedy="keep one of weight, loss_weight, loss, train and trainable, or give them the same value",
        why="They are names of one thing in different trainers. Each trainer reads its own, so the same file trains on "
        "the turn in one and leaves it out in another; a reply that was marked as bad becomes an example to follow.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2", '
        '"weight": 1, "train": false}]}',
        good='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2", '
        '"weight": 1, "train": true}]}',
    ),
}
