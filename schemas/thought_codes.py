"""Problems of thoughts before answers."""

from __future__ import annotations

from schemas.code import ProblemCode

THOUGHT_CODES = {
    "E113": ProblemCode(
        title="thought is not closed",
        zh="思考内容没有结束标记",
        remedy="close the thought with </think> and write the answer after it, or remove the row",
        why="The reply begins with <think> and never comes to its </think>: most often it was cut off at a limit of "
        "tokens. A model that is trained on it learns to think without end and never to answer.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": "6 times 7?"}, {"role": "assistant", "content": '
        '"<think>\\n6 times 7 is 42"}]}',
        good='{"messages": [{"role": "user", "content": "6 times 7?"}, {"role": "assistant", "content": '
        '"<think>\\n6 times 7 is 42\\n</think>\\n\\n42"}]}',
    ),
    "E114": ProblemCode(
        title="thought is empty",
        zh="思考内容为空",
        remedy="take <think></think> off the reply; templates of models that think write it themselves",
        why="The row is valid, and is read as it is: Qwen3 answers so where it is asked not to think. But its template "
        "adds the empty thought to replies that have none and does not train on it, while one that the row itself has "
        "is trained on; under other templates a model learns to spell it out.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "<think>\\n\\n</think>\\n\\n2"}',
        good='{"instruction": "Name a prime.", "output": "2"}',
        repair="the empty thought is taken off the reply",
        is_valid=True,
    ),
    "E115": ProblemCode(
        title="two thoughts of a turn differ",
        zh="同一轮有两份不同的思考内容",
        remedy="keep one of them: inline, in a part, or in reasoning_content, reasoning, thinking or thought",
        why="Trainers and templates read one of these places each, so the same file teaches another thought in each. "
        "The same text in two places is no problem.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": "6 times 7?"}, {"role": "assistant", "content": "42", '
        '"reasoning_content": "7 sixes are 42.", "thinking": "I know it by heart."}]}',
        good='{"messages": [{"role": "user", "content": "6 times 7?"}, {"role": "assistant", "content": "42", '
        '"reasoning_content": "7 sixes are 42."}]}',
    ),
}
