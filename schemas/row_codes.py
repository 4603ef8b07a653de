"""Problems of a row's text and of its fields: E0xx and E1xx."""

from __future__ import annotations

from schemas.code import ProblemCode

ROW_CODES = {
    "E001": ProblemCode(
        title="row is not JSON",
        zh="该行不是合法的 JSON",
        remedy="correct the line; it must be one complete JSON value",
        why="One broken line stops a whole file: `datasets` gives up with a JSON parse error, and hand-written "
        "loaders skip the line or crash on it. Trailing commas, two rows on one line and a truncated download are the "
        "usual causes.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "2",}',
        good='{"instruction": "Name a prime.", "output": "2"}',
        repair="trailing commas and a byte order mark are removed",
    ),
    "E002": ProblemCode(
        title="row is not UTF-8",
        zh="该行不是 UTF-8 编码",
        remedy="save the file as UTF-8, or remove the stray bytes",
        why="A file in GBK or Latin-1 either fails with a UnicodeDecodeError, or is read in the wrong encoding and "
        "the model learns mojibake. Which of the two depends on the machine's locale.",
        format="alpaca",
        bad=b'{"instruction": "Spell the French word for coffee.", "output": "caf\xe9"}',
        good='{"instruction": "Spell the French word for coffee.", "output": "café"}',
    ),
    "E003": ProblemCode(
        title="row has the wrong JSON type",
        zh="该行的 JSON 类型不对",
        remedy="write each row as the format's object (or ChatML's list)",
        why='A list where trainers expect an object ends in `datasets` with "Column() changed from object to array '
        'in row 0" (huggingface/datasets#7322, hiyouga/LLaMA-Factory#8805), which does not say which row or what to '
        "write.",
        format="alpaca",
        bad='["Name a prime.", "2"]',
        good='{"instruction": "Name a prime.", "output": "2"}',
    ),
    "E004": ProblemCode(
        title="row fits no known format",
        zh="该行不属于已知格式",
        remedy="name the format with --format (mixed for rows of several), or map the fields with --map",
        why="The row has none of the fields by which the format is recognised. Axolotl stops at such a row with "
        "a KeyError "
        "(axolotl-ai-cloud/axolotl#879); a trainer that looks fields up with a default trains on empty text instead.",
        format="alpaca",
        bad='{"subject": "Name a prime.", "remark": "2"}',
        good='{"instruction": "Name a prime.", "output": "2"}',
    ),
    "E005": ProblemCode(
        title="field name cannot be carried",
        zh="字段名无法携带",
        remedy="rename the field; no quotes, backslashes or control characters",
        why="Such names mostly come from a shifted CSV column or a JSON text that was encoded twice. They break "
        "Arrow and CSV headers, and the intended field is missing.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "2", "topic\\n": "numbers"}',
        good='{"instruction": "Name a prime.", "output": "2", "topic": "numbers"}',
    ),
    "E006": ProblemCode(
        title="text holds half a character",
        zh="文本中有半个字符",
        remedy="remove the escape, or write the whole character; a text was cut inside an emoji",
        why="The escape \\ud83d alone is half of an emoji. Python's json module reads it without complaint, and the "
        'tokenizer or the next file written then fails with "surrogates not allowed", hours later and without a row '
        "number.",
        format="alpaca",
        bad='{"instruction": "Smile!", "output": "Gladly \\ud83d"}',
        good='{"instruction": "Smile!", "output": "Gladly \\ud83d\\ude42"}',
    ),
    "E007": ProblemCode(
        title="number is not JSON",
        zh="NaN 或 Infinity 不是 JSON",
        remedy="write null instead of NaN or Infinity",
        why="Python writes NaN and Infinity and reads them back, but no other reader has to: Arrow, and with it "
        "`datasets`, refuses the whole file, and so does every strict JSON parser.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "2", "score": NaN}',
        good='{"instruction": "Name a prime.", "output": "2", "score": null}',
    ),
    "E008": ProblemCode(
        title="key stands twice",
        zh="同一个键出现两次",
        remedy="keep the one that is meant; --on-invalid repair drops the second only where both have the same value",
        why="Python's json module keeps the last and says nothing: of two replies one is trained on and the other is "
        "gone. RFC 8259 leaves open which, so that another reader may keep the first.",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": "2", "output": "2"}',
        good='{"instruction": "Name a prime.", "output": "2"}',
        repair="the second is dropped where it has the same value; where the values differ nothing is done",
    ),
    "E101": ProblemCode(
        title="field has the wrong type",
        zh="字段类型不对",
        remedy="write the field as the type that the format asks for",
        why='An `output` that is an object is dropped as an "invalid example" until the run ends in "Cannot find '
        'valid samples" (hiyouga/LLaMA-Factory#4249); a column that is text in one row and a number in the next '
        "cannot be loaded at all (tloen/alpaca-lora#239).",
        format="alpaca",
        bad='{"instruction": "Name a prime.", "output": 2}',
        good='{"instruction": "Name a prime.", "output": "2"}',
        repair="a number or truth value is written as text, and a list is read from its JSON text; objects and null "
        "are left alone",
    ),
    "E102": ProblemCode(
        title="required field is missing",
        zh="缺少必需字段",
        remedy="add the field, or choose the right format with --format",
        why="A trainer either crashes with a KeyError (axolotl-ai-cloud/axolotl#879) or puts an empty text in its "
        "place, and then trains on a prompt without an answer, or an answer without a prompt.",
        format="dolly",
        bad='{"instruction": "Name a prime.", "context": "", "category": "open_qa"}',
        good='{"instruction": "Name a prime.", "context": "", "response": "2", "category": "open_qa"}',
    ),
    "E103": ProblemCode(
        title="unknown role",
        zh="未知角色",
        remedy="use one of the format's role names, map the role with --roles, or let --on-invalid repair mend spaces, "
        "capitals and misspellings",
        why='LLaMA-Factory stops with "Invalid role tag" and prints the messages but no row number '
        "(hiyouga/LLaMA-Factory#2529, QwenLM/Qwen3#1314); chat templates often write no text at all for a role that "
        "they do not know, and the turn is lost.",
        format="sharegpt",
        bad='{"conversations": [{"from": "hummany", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
        good='{"conversations": [{"from": "human", "value": "Name a prime."}, {"from": "gpt", "value": "2"}]}',
        repair="well-known other names (bot, ai, prompter), other capitals, spaces and misspellings are replaced by "
        "the format's own",
    ),
    "E104": ProblemCode(
        title="tool call is malformed",
        zh="工具调用格式有误",
        remedy="write it as JSON with name and arguments, in an assistant turn",
        why="The model learns to write calls that no program can parse. Chat templates differ in what they take: "
        "some raise an error, and some quote the text a second time without a warning "
        "(huggingface/transformers#45419).",
        format="sharegpt",
        bad='{"conversations": [{"from": "human", "value": "Weather in Oslo?"}, {"from": "function_call", "value": '
        '"get_weather(city=Oslo)"}, {"from": "observation", "value": "rain"}, {"from": "gpt", "value": "It rains."}]}',
        good='{"conversations": [{"from": "human", "value": "Weather in Oslo?"}, {"from": "function_call", "value": '
        '"{\\"name\\": \\"get_weather\\", \\"arguments\\": {\\"city\\": \\"Oslo\\"}}"}, {"from": "observation", '
        '"value": "rain"}, {"from": "gpt", "value": "It rains."}]}',
    ),
    "E105": ProblemCode(
        title="content part is malformed",
        zh="内容片段格式有误",
        remedy='write each part as an object with a type, as {"type": "text", "text": ...}',
        why="Templates for plain text turn a list into its Python spelling, or fail to join it with a string; "
        "templates for several kinds of content skip a part whose type they do not find, and an image or a sentence "
        "is lost.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": ["Name a prime."]}, {"role": "assistant", "content": "2"}]}',
        good='{"messages": [{"role": "user", "content": [{"type": "text", "text": "Name a prime."}]}, {"role": '
        '"assistant", "content": "2"}]}',
    ),
    "E106": ProblemCode(
        title="rendered text is malformed",
        zh="渲染后的文本格式有误",
        remedy="wrap every turn in the template's marks, as <|im_start|>role\\n ... <|im_end|>",
        why="Text outside the marks belongs to no turn: a trainer that masks prompts by searching for the marks "
        "trains on the wrong part of the row, and an unfinished last turn never shows the model where to stop.",
        format="chatml",
        bad='{"text": "<s><|im_start|>User Name a prime.<|im_end|>\\n\\n<|im_start|>assistant\\n2<|im_end|></s>"}',
        good='{"text": "<|im_start|>user\\nName a prime.<|im_end|>\\n<|im_start|>assistant\\n2<|im_end|>"}',
        repair="special tokens around the turns and blank lines between them are taken off, and each role is written "
        "on a line of its own; a turn without its end is left alone",
    ),
    "E107": ProblemCode(
        title="turn holds a mark of the template",
        zh="对话内容含有模板标记",
        remedy="choose another format, or remove the marks (as <|im_end|>) from the text",
        why="Written as text, the mark inside the turn cannot be distinguished from the end of the turn: the "
        "reply is cut "
        "there, and whatever follows becomes a turn of its own. Tokenizers take it for their special token as well "
        "(google-deepmind/gemma#770 reports the same weakness).",
        format="sft",
        to="chatml/text",
        bad='{"messages": [{"role": "user", "content": "What ends a turn?"}, {"role": "assistant", "content": "The '
        'mark <|im_end|> does."}]}',
        good='{"messages": [{"role": "user", "content": "What ends a turn?"}, {"role": "assistant", "content": "The '
        'mark im_end does."}]}',
    ),
    "E108": ProblemCode(
        title="weight is negative",
        zh="权重为负",
        remedy="write a weight of 0 (not trained on) or more",
        why="A turn's weight is its share of the loss. A negative one reverses training: the model is pushed away "
        "from the reply without limit, while the loss keeps falling.",
        format="sft",
        bad='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2", '
        '"weight": -1}]}',
        good='{"messages": [{"role": "user", "content": "Name a prime."}, {"role": "assistant", "content": "2", '
        '"weight": 0}]}',
    ),
}
