"""Problems of turns and their order, and of a row that the target format does not hold: E2xx and E3xx."""

from __future__ import annotations

from schemas.code import ProblemCode

TURN_CODES = {
    "E201": ProblemCode(
        title="conversation is empty",
        zh="对话为空",
        remedy="remove the row, or add its turns",
        why="There is nothing to train on. Trainers drop the row silently, or feed a sequence of padding alone, whose "
        "loss is not a number.",
        format="sharegpt",
        bad='{"conversations": []}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    ),
    "E202": ProblemCode(
        title="response is empty",
        zh="回复为空",
        remedy="write the response, or remove the row",
        why="The only trained token is the end token right after the prompt: the model learns to say nothing. "
        "Where that is masked too, nothing is left to train on, and the trainer reports a loss of 0.0 as if all "
        "were well (huggingface/trl#6668).",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "input": "", "output": " "}',
        good='{"instruction": "Name a prime.", "input": "", "output": "2"}',
    ),
    "E203": ProblemCode(
        title="prompt is empty",
        zh="提示为空",
        remedy="write the prompt, or remove the row",
        why="The model learns to give this answer without a question, and does so whenever a prompt is short. An "
        "image alone is a prompt; empty text is not.",
        format="alpaca",
        bad='{"instruction": "", "input": "", "output": "2"}',
        good='{"instruction": "Name a prime.", "input": "", "output": "2"}',
    ),
    "E204": ProblemCode(
        title="turns do not alternate",
        zh="轮次没有交替",
        remedy="merge or remove the extra turn",
        why='Many chat templates raise "Conversation roles must alternate user/assistant" (unslothai/unsloth#334). '
        'LLaMA-Factory drops the row with a warning that has no row number, and a file of such rows ends in "Cannot '
        'find valid samples", an error that its users report again and again (hiyouga/LLaMA-Factory#7777, #9618).',
        format="sharegpt",
        bad='{"conversations": [{"from": "human", "value": "Hello."}, {"from": "human", "value": "Name a prime."}, '
        '{"from": "gpt", "value": "2"}]}',
        good='{"conversations": [{"from": "human", "value": "Hello.\\n\\nName a prime."}, {"from": "gpt", "value": '
        '"2"}]}',
        repair="two turns of one role are joined with a blank line, where neither has a field other than role and text",
    ),
    "E205": ProblemCode(
        title="first turn is not by the user",
        zh="首轮不是用户",
        remedy="remove the turns before the first user turn, or put the question before them",
        why="The first reply answers nothing. LLaMA-Factory requires the user at every other turn and drops the row "
        "(hiyouga/LLaMA-Factory#7356 asks why); templates that require alternation raise an error. Shared chat logs "
        "that were cut into pieces often begin so.",
        format="sharegpt",
        bad='{"conversations": [{"from": "gpt", "value": "How can I help?"}, {"from": "human", "value": "Name a '
        'prime."}, {"from": "gpt", "value": "2"}]}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    ),
    "E206": ProblemCode(
        title="last turn is not by the assistant",
        zh="末轮不是助手",
        remedy="remove the trailing turn, or add the reply",
        why="The last turn is never answered, so it costs memory and teaches nothing. LLaMA-Factory drops the whole "
        "conversation for it, since it requires as many replies as prompts; hiyouga/LLaMA-Factory#9600 is about that "
        "check.",
        format="sharegpt",
        bad='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}, {"from": '
        '"human", "value": "Another?"}]}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
        repair="a prompt at the end without a reply is removed",
    ),
    "E207": ProblemCode(
        title="system turn is not first",
        zh="系统消息不在最前",
        remedy="move the system turn to the front",
        why="Some chat templates raise an error, some leave the turn out, and some write it in the middle, where the "
        "model will not see one in use. ShareGPT and Alpaca have one place for a system prompt, before all turns.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "system", "content": "Be brief."}, '
        '{"role": "assistant", "content": "2"}]}',
        good='{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a '
        'prime."}, {"role": "assistant", "content": "2"}]}',
    ),
    "E208": ProblemCode(
        title="two system prompts",
        zh="系统提示重复",
        remedy="keep one system prompt, or join the two",
        why="One in a field of its own and one as the first turn, or two turns: trainers differ in which they "
        "take, and "
        "the other is lost without a warning.",
        format="sft",
        bad='{"system": "Be brief.", "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", '
        '"content": "Name a prime."}, {"role": "assistant", "content": "2"}]}',
        good='{"messages": [{"role": "system", "content": "Be brief. Be kind."}, {"role": "user", "content": "Name a '
        'prime."}, {"role": "assistant", "content": "2"}]}',
    ),
    "E301": ProblemCode(
        title="target format holds one exchange only",
        zh="目标格式只容纳一轮问答",
        remedy="choose a conversation format such as sharegpt or sft, or choose with --turns what becomes of the "
        "others",
        why="Reducing a conversation to its first or last exchange unasked would throw most of the data away, and an "
        'answer such as "Yes, that one too" means nothing without what came before.',
        format="sharegpt",
        to="dolly",
        bad='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}, {"from": '
        '"human", "value": "Another?"}, {"from": "gpt", "value": "3"}]}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
    ),
    "E302": ProblemCode(
        title="target format holds text only",
        zh="目标格式只容纳文本",
        remedy="choose sft, or remove the parts that are not text",
        why="Without its image the question cannot be answered, and the model would learn to invent answers.",
        format="sft",
        to="alpaca",
        bad='{"messages": [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, {"type": '
        '"image_url", "image_url": {"url": "cat.png"}}]}, {"role": "assistant", "content": "A cat."}]}',
        good='{"messages": [{"role": "user", "content": [{"type": "text", "text": "What is a cat?"}]}, {"role": '
        '"assistant", "content": "A small feline."}]}',
    ),
    "E303": ProblemCode(
        title="target format has no tool turns",
        zh="目标格式没有工具轮次",
        remedy="choose sharegpt, chatml or sft",
        why="Without the call and its result the answer comes out of nowhere: the model would learn to invent what "
        "it should look up.",
        format="sft",
        to="alpaca",
        bad='{"messages": [{"role": "user", "content": "Weather in Oslo?"}, {"role": "assistant", "content": null, '
        '"tool_calls": [{"type": "function", "function": {"name": "get_weather", "arguments": "{}"}}]}, {"role": '
        '"tool", "content": "rain"}, {"role": "assistant", "content": "It rains."}]}',
        good='{"messages": [{"role": "user", "content": "It rains in Oslo. What is the weather there?"}, {"role": '
        '"assistant", "content": "It rains."}]}',
    ),
    "E304": ProblemCode(
        title="fields would be lost",
        zh="有字段会丢失",
        remedy="use --on-loss keep or drop, or choose a format that holds them",
        why="With `--on-loss error` no row may lose anything: ids, sources and licences that are dropped without "
        "notice cannot be brought back once the original file is gone.",
        format="dolly",
        to="instruction-json",
        on_loss="error",
        bad='{"instruction": "Name a prime.", "response": "2", "category": "open_qa"}',
        good='{"instruction": "Name a prime.", "response": "2"}',
    ),
    "E209": ProblemCode(
        title="reply ends with a special token",
        zh="回复末尾带有特殊词元",
        remedy="take <|endoftext|>, </s> and the like off the end of the reply; the trainer writes its own",
        why="The row is valid, and is read as it is. But the template adds the token once more, so a model learns to "
        "write it twice; where the tokenizer does not know the mark, it learns to spell it out in letters, and it "
        "shows up in answers.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "2<|endoftext|>"}',
        good='{"instruction": "Name a prime.", "output": "2"}',
        repair="special tokens at the end of a reply are taken off, unless the prompt speaks of tokens",
        is_valid=True,
    ),
}
