"""The prompt templates, as data: the text around each kind of turn.

Slots in braces (`{content}`, `{eos}`, ...) are filled in by schemas.templates; every other brace is text.
Source: the models' own chat templates and LLaMA-Factory's template table (August 2026), which agree unless
docs/templates.md says otherwise.
"""

from __future__ import annotations

import msgspec


class Tools(msgspec.Struct, frozen=True):
    """How a template writes the tools on offer and the calls of them.

    Attributes:
        offer: added to the system turn's content. {tools}: the tools; {names}: their names, comma between.
        tool: each tool. {json}: in OpenAI's shape on one line; {indented}: the same over lines;
            {name}, {description}, {parameters}: its parts, a line a parameter.
        call: each call. {name}: as it is; {quoted}: as JSON; {arguments}: JSON on one line.
        between: what separates two tools.
        call_between: what separates two calls.
        calls: around the calls of one turn, {calls}.
        several: the same for more than one call, if different.
        after: between the text of a turn and its calls.
    """

    offer: str
    tool: str
    call: str
    between: str = ""
    call_between: str = "\n"
    calls: str = "{calls}"
    several: str = ""
    after: str = "\n"


class Template(msgspec.Struct, frozen=True):
    """The pieces a conversation is put together from; {content}, {bos} and {eos} are filled in.

    Attributes:
        name: as `--template` takes it.
        user: a user turn.
        system: a system turn.
        observation: a tool turn; "" = tool turns are written as user turns.
        reply: the header of an assistant turn, written before it and never trained on.
        assistant: the part of an assistant turn that is trained on, its end included.
        calls_only: the same for a turn that only calls tools, if different.
        prefix: written once, first.
        result: each result within an observation; tool turns that follow one another are then one observation.
        default_system: used where a conversation has no system turn or an empty one; "" = nothing is written then.
        fused: the system text stands inside the next user turn, before its content.
        stop: texts that end a generation besides the tokenizer's own end token; the first is this template's end of
            turn.
        input: `user` for a last user turn whose instruction and input are separate (`Conversation.boundary`); "" = no
            difference.
        input_system: `default_system` for a conversation with such a turn.
        thinking: around a thought, {thought}, which stands before the reply; "" = it is text of the reply, with the
            marks that the row has.
        given: how a thought begins where the prompt for a reply has its beginning already; never trained on.
        thought: what stands before a reply without a thought; never trained on, as no row asks for it.
        forgets: whether thoughts before the last user turn are left out.
        last: `assistant` for the last turn of a conversation, if different.
        tools: how tools and calls are written; None = no tools can be written.
        bos: the begin token of the models that use this template, for showing a text without a tokenizer.
        eos: their end token.
        llamafactory: LLaMA-Factory's name for a template that writes the same text for system, user and assistant turns
            without white space around; "" = it has none.
        axolotl: Axolotl's name for it.
        unsloth: Unsloth's name for it.
    """

    name: str
    user: str
    reply: str
    assistant: str
    tools: Tools | None = None
    prefix: str = ""
    system: str = "{content}"
    observation: str = ""
    result: str = ""
    calls_only: str = ""
    default_system: str = ""
    fused: bool = False
    stop: tuple[str, ...] = ()
    input: str = ""
    input_system: str = ""
    thinking: str = ""
    given: str = ""
    thought: str = ""
    forgets: bool = False
    last: str = ""
    bos: str = "<s>"
    eos: str = "</s>"
    llamafactory: str = ""
    axolotl: str = ""
    unsloth: str = ""


ACTIONS = Tools(
    offer=(
        "You have access to the following tools:\n{tools}Use the following format if using a tool:\n```\n"
        "Action: tool name (one of [{names}])\n"
        "Action Input: the input to the tool, in a JSON format representing the kwargs "
        '(e.g. ```{"input": "hello world", "num_beams": 5}```)\n```\n'
    ),
    tool="> Tool Name: {name}\nTool Description: {description}\nTool Args:\n{parameters}\n",
    call="Action: {name}\nAction Input: {arguments}",
)
QWEN_TOOLS = Tools(
    offer=(
        "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        "You are provided with function signatures within <tools></tools> XML tags:\n<tools>{tools}\n</tools>\n\n"
        "For each function call, return a json object with function name and arguments within "
        '<tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, '
        '"arguments": <args-json-object>}\n</tool_call>'
    ),
    tool="\n{json}",
    call='<tool_call>\n{"name": {quoted}, "arguments": {arguments}}\n</tool_call>',
)
LLAMA3_TOOLS = Tools(
    offer=(
        # The date is the one that Llama 3.1's own template falls back on: a text must not depend on the day.
        "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
        "You have access to the following functions. To call a function, please respond with JSON for a function call. "
        'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}. '
        "Do not use variables.\n\n{tools}"
    ),
    tool="{indented}\n\n",
    call='{"name": {quoted}, "parameters": {arguments}}',
    call_between=", ",
    several="[{calls}]",
)
MISTRAL_TOOLS = Tools(
    offer="[AVAILABLE_TOOLS] [{tools}][/AVAILABLE_TOOLS]",
    tool="{json}",
    between=", ",
    call='{"name": {quoted}, "arguments": {arguments}}',
    call_between=", ",
    calls="[TOOL_CALLS] [{calls}]",
    after="",
)
MINISTRAL_TOOLS = msgspec.structs.replace(MISTRAL_TOOLS, calls="[TOOL_CALLS][{calls}]")

# Qwen3's and DeepSeek-R1's; a reply without a thought follows an empty one.
THINK, NO_THOUGHT = "<think>\n{thought}\n</think>\n\n", "<think>\n\n</think>\n\n"

_ALPACA = "Below is an instruction that describes a task"
_COMPLETE = "Write a response that appropriately completes the request."

CHATML = Template(
    name="chatml",
    system="<|im_start|>system\n{content}<|im_end|>\n",
    user="<|im_start|>user\n{content}<|im_end|>\n",
    observation="<|im_start|>tool\n{content}<|im_end|>\n",
    reply="<|im_start|>assistant\n",
    assistant="{content}<|im_end|>\n",
    stop=("<|im_end|>", "<|im_start|>"),
    tools=ACTIONS,
    eos="<|im_end|>",
    llamafactory="chatml",
    axolotl="chatml",
    unsloth="chatml",
)
QWEN3 = msgspec.structs.replace(
    CHATML,
    name="qwen3_nothink",
    observation="<|im_start|>user\n{content}<|im_end|>\n",
    result="<tool_response>\n{content}\n</tool_response>",
    stop=("<|im_end|>",),
    tools=QWEN_TOOLS,
    llamafactory="qwen3_nothink",
    axolotl="",
    unsloth="qwen3-instruct",
)
MISTRAL = Template(
    name="mistral",
    prefix="{bos}",
    system="{content}\n\n",
    fused=True,
    user="[INST] {content}[/INST]",
    observation='[TOOL_RESULTS] {"content": {content}}[/TOOL_RESULTS]',
    reply="",
    assistant=" {content}{eos}",
    calls_only="{content}{eos}",
    tools=MISTRAL_TOOLS,
    llamafactory="mistral",
)
MINISTRAL = msgspec.structs.replace(
    MISTRAL,
    name="ministral",
    user="[INST]{content}[/INST]",
    observation='[TOOL_RESULTS]{"content": {content}}[/TOOL_RESULTS]',
    assistant="{content}{eos}",
    calls_only="",
    tools=MINISTRAL_TOOLS,
    llamafactory="ministral",
)
DEEPSEEK3 = Template(
    name="deepseek3",
    prefix="{bos}",
    user="<｜User｜>{content}",
    reply="<｜Assistant｜>",
    assistant="{content}{eos}",
    tools=ACTIONS,
    bos="<｜begin▁of▁sentence｜>",
    eos="<｜end▁of▁sentence｜>",
    llamafactory="deepseek3",
    axolotl="deepseek_v3",
)

_ALL = (
    Template(
        name="alpaca",
        user="### Instruction:\n{content}\n\n",
        reply="### Response:\n",
        assistant="{content}{eos}\n\n",
        default_system=f"{_ALPACA}. {_COMPLETE}\n\n",
        tools=ACTIONS,
        llamafactory="alpaca",
    ),
    # The Alpaca project's own prompt: a block for the input, no line end after `### Response:`.
    Template(
        name="alpaca_input",
        system="{content}\n\n",
        user="### Instruction:\n{content}\n\n",
        reply="### Response:",
        assistant="{content}{eos}",
        default_system=f"{_ALPACA}. {_COMPLETE}",
        input="### Instruction:\n{content}\n\n### Input:\n{input}\n\n",
        input_system=f"{_ALPACA}, paired with an input that provides further context. {_COMPLETE}",
        tools=ACTIONS,
    ),
    CHATML,
    Template(
        name="deepseek",
        prefix="{bos}",
        system="{content}\n\n",
        user="User: {content}\n\n",
        reply="Assistant:",
        assistant="{content}{eos}",
        tools=ACTIONS,
        bos=DEEPSEEK3.bos,
        eos=DEEPSEEK3.eos,
        llamafactory="deepseek",
    ),
    DEEPSEEK3,
    # The template of the distilled models and of R1 begins the thought in the prompt, and leaves every thought out.
    msgspec.structs.replace(
        DEEPSEEK3,
        name="deepseek_r1",
        thinking=THINK,
        given="<think>\n",
        thought=NO_THOUGHT,
        forgets=True,
        llamafactory="deepseekr1",
        axolotl="",
    ),
    Template(
        name="default",
        system="System: {content}{eos}\n",
        user="Human: {content}{eos}\n",
        reply="Assistant:",
        assistant="{content}{eos}\n",
        tools=ACTIONS,
        llamafactory="default",
    ),
    Template(
        name="gemma",
        prefix="{bos}",
        system="{content}\n\n",
        fused=True,
        user="<start_of_turn>user\n{content}<end_of_turn>\n",
        observation="<start_of_turn>tool\n{content}<end_of_turn>\n",
        reply="<start_of_turn>model\n",
        assistant="{content}<end_of_turn>\n",
        stop=("<end_of_turn>",),
        tools=ACTIONS,
        bos="<bos>",
        eos="<eos>",
        llamafactory="gemma",
    ),
    # Harmony without its line of the current date: a text must not depend on the day.
    Template(
        name="gpt_oss",
        prefix=(
            "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\n"
            "Knowledge cutoff: 2024-06\n\nReasoning: medium\n\n"
            "# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|>"
        ),
        system="<|start|>developer<|message|># Instructions\n\n{content}\n\n<|end|>",
        user="<|start|>user<|message|>{content}<|end|>",
        reply="<|start|>assistant",
        thinking="<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant",
        assistant="<|channel|>final<|message|>{content}<|end|>",
        last="<|channel|>final<|message|>{content}<|return|>",
        forgets=True,
        stop=("<|return|>", "<|call|>"),
        bos="<|startoftext|>",
        eos="<|return|>",
    ),
    Template(
        name="llama3",
        prefix="{bos}",
        system="<|start_header_id|>system<|end_header_id|>\n\n{content}<|eot_id|>",
        user="<|start_header_id|>user<|end_header_id|>\n\n{content}<|eot_id|>",
        observation="<|start_header_id|>ipython<|end_header_id|>\n\n{content}<|eot_id|>",
        reply="<|start_header_id|>assistant<|end_header_id|>\n\n",
        assistant="{content}<|eot_id|>",
        stop=("<|eot_id|>", "<|eom_id|>"),
        tools=LLAMA3_TOOLS,
        bos="<|begin_of_text|>",
        eos="<|eot_id|>",
        llamafactory="llama3",
        axolotl="llama3",
        unsloth="llama-3",
    ),
    MINISTRAL,
    MISTRAL,
    msgspec.structs.replace(
        MINISTRAL,
        name="mistral_small",
        system="[SYSTEM_PROMPT]{content}[/SYSTEM_PROMPT]",
        fused=False,
        llamafactory="mistral_small",
    ),
    Template(
        name="phi4",
        system="<|im_start|>system<|im_sep|>{content}<|im_end|>",
        user="<|im_start|>user<|im_sep|>{content}<|im_end|>",
        reply="<|im_start|>assistant<|im_sep|>",
        assistant="{content}<|im_end|>",
        stop=("<|im_end|>",),
        tools=ACTIONS,
        eos="<|im_end|>",
        llamafactory="phi4",
        unsloth="phi-4",
    ),
    msgspec.structs.replace(
        QWEN3,
        name="qwen",
        default_system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
        llamafactory="qwen",
        axolotl="qwen_25",
        unsloth="qwen-2.5",
    ),
    msgspec.structs.replace(
        QWEN3,
        name="qwen3",
        thinking=THINK,
        thought=NO_THOUGHT,
        forgets=True,
        llamafactory="qwen3",
        axolotl="",
        unsloth="",
    ),
    QWEN3,
    msgspec.structs.replace(
        CHATML,
        name="smollm2",
        # Without a full stop at its end, which LLaMA-Factory adds.
        default_system="You are a helpful AI assistant named SmolLM, trained by Hugging Face",
        stop=("<|im_end|>",),
        llamafactory="",
        axolotl="",
        unsloth="",
    ),
)
TEMPLATES = {template.name: template for template in _ALL}
