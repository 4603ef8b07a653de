"""What a prompt asks for, as far as it excuses what would be a fault elsewhere."""

from __future__ import annotations

import re

# Greetings are shorter, in characters.
GREETING = 60

# Texts in another voice than the assistant's: letters, dialogues, stories, quotations, wordings.
_VOICE = re.compile(
    r"\b(?:letter|e-?mails?|message|reply|respond|response|dialog(?:ue)?|conversation|chat|role|act as|pretend"
    r"|character"
    r"|script|stor(?:y|ies)|scene|poem|song|note|caption|voice ?mail|tweet|post|notice|sign|banner|form|error|wording"
    r"|say|said|says|ask|line|quot\w+|interview|slogan|greeting|invitation|invite|toast|speech|announce\w*"
    r"|sentences?|phrases?|rewrite|rephrase|paraphrase|polite\w*|template|customer|client|extract|title)\b"
    r"|信|邮件|回复|短信|留言|对话|角色|扮演|故事|提示语|通知|文案|台词|祝|发言|说什么|说了|原文|句|改写|标题|诗|歌"
)
# Of these, the ones in which somebody answers somebody else, and may have to decline.
_ANSWERS_SOMEBODY = re.compile(
    r"\b(?:letter|e-?mails?|message|reply|respond|response|dialog(?:ue)?|conversation|chat|role|act as|pretend"
    r"|character|note|voice ?mail|tweet|post|notice|sign|(?<!-)form|error|wording|say|said|says|ask|line"
    r"|quot\w+|interview|greeting|invitation|invite|announce\w*|polite\w*|template|customer|client)\b"
    r"|信|邮件|回复|短信|留言|对话|角色|扮演|提示语|通知|台词|祝|发言|说什么|说了|原文"
)
# Prompts that speak of refusals, or hand one over to be translated, named or rewritten.
_REFUSALS = re.compile(
    r"translat\w*|refus|declin|apolog|sorry|reject|turn(?:s|ed|ing)? (?:\w+ ){0,3}(?:down|away)|chat ?bots?\b"
    r"|as an ai\b|language model"
    r"|say(?:s|ing)? no\b|renders? |into (?:english|chinese|german|french|spanish)|翻译|译成|译为|英文|中文|拒绝"
    r"|婉拒|道歉|抱歉|对不起|客服"
    r"|语言模型|人工智能"
)
_CANNOT = re.compile(r"\b(?:can't|cannot|can not|unable|not able|won't|couldn't)\b|无法|不能|帮不了|没有?办法|没法")
# Questions about the assistant itself, and rows that say who made it.
_IDENTITY = re.compile(
    r"\b(?:who|what) (?:are|r) (?:you|u)\b|\bwho you are\b|whom? am i (?:talking|speaking|chatting|writing)"
    r"|\bcall you\b|behind you\b|\bwere you (?:made|built|created|developed|trained|designed|born)"
    r"|(?:which|what) (?:version|model|company|kind|type|sort)\b.{0,30}\b(?:you\b|your|this chat)|do you (?:get"
    r"|need)\b"
    r"|your (?:(?:full|first|last|real|own) )?(?:name|purpose|creator|maker|developer|identity|age|gender"
    r"|favou?rite)|are you (?:an? |human|real|gpt|chatgpt|sentient|alive|conscious)"
    r"|introduce yourself|about yourself|describe yourself|tell me (?:who|what) you|(?:who|which company"
    r"|what company) (?:\w+ )?(?:made|created|built|developed|trained|owns|designed)"
    r"|what can you do|can you (?:see|hear|feel|think|speak|remember)|do you (?:have|feel|sleep|dream|eat|like|love"
    r"|know)|do you think\s*(?:[?.!]|$|like\b|for yourself|by yourself)|how old are you|where (?:are|do) you"
    r"|你是(?:谁|什么|哪|不是|机器|人|真|一|个|chatgpt|gpt)|你(?:的名字|叫|几岁|多大|从哪|来自|能做|会做|可以做)"
    r"|您(?:是谁|的名字|叫|是什么)|介绍(?:一下)?(?:你|您)|自我介绍"
    r"|谁(?:开发|创造|训练|制造|设计|发明)了?[你您]|[你您]和.{1,20}(?:关系|区别)|[你您](?:有|会).{0,4}(?:感情|情感"
    r"|意识|思想|身体|感觉)|你的?(?:开发|作者|创造|身份"
    r"|公司|主人)|怎么称呼|贵姓|[你您][会會](?:不[会會])?(?:[觉覺]得|感到)?(?:累|睡|死|疼|哭|笑|[难難][过過]"
    r"|生[气氣]|孤[独獨]|做[梦夢]|老)|[你您](?:姓|多大|几岁)"
    r"|[你您].{0,4}(?:版本|型号)"
)
# Prompts that give the assistant a part to play, and people who speak of their own affair at a counter.
_ROLE = re.compile(
    r"\b(?:(?:you are|you're|you will be) (?:now )?(?:an?|the|our|my)|imagine (?:that )?you|pretend|act(?:ing)? as"
    r"|play(?:ing)? the (?:role|part)|role[- ]?play\w*|take on the role|in the role of|customer (?:service|support"
    r"|care)|call cent(?:er|re)|help ?desk"
    r"|receptionist|concierge|front desk|travel agent|support agent|chat ?bot)\b"
    r"|你(?:现在)?是(?:一[名个位家]|某|客服|前台)|扮演|假设你|假如你"
    r"|作为(?:一[名个位])?(?:客服|前台|接待|助理|医生|导购)|客服|前台|角色扮演"
)
_OWN_AFFAIR = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\b[^a-z]*(?:there\b[^a-z]*)?)?(?:my|our|i|i'm|i've|i'd|we|we're|we've|where is my"
    r"|when will my|can i"
    r"|could i|may i|how (?:do|can) i|please (?:book|cancel|change|order|track|refund|reset|schedule|reserve)|book"
    r"|cancel"
    r"|reserve|schedule|track|refund|order) |^(?:你好|您好)?[，,！!。]?(?:我|帮我|请帮我|请?[预預]?[订訂定]|取消|退)"
)
_GREETING = (
    r"(?:hi|hello|hey|hiya|yo|greetings|good (?:morning|afternoon|evening|night|day)|what'?s up"
    r"|how are you(?: doing)?"
    r"|how's it going|how is it going|how do you do|(?:nice|pleased|good) to meet you|thanks|thank you|bye|goodbye)"
)
_SMALL_TALK = re.compile(
    rf"\W*{_GREETING}(?:\W+(?:{_GREETING}|there|again|today|everyone|so much|very much|\w{{1,12}})){{0,2}}"
    r"\W*|\W*(?:(?:你|您|大家)们?好|早上好|早安|上午好|中午好|下午好|晚上好|晚安|在吗|谢谢你?|再见|哈[喽啰]|嗨"
    r"|吃了吗)[\w\W]{0,4}"
)


def in_another_voice(prompt_lower: str) -> bool:
    """Whether a prompt asks for words of somebody else, or for wording."""
    return bool(_VOICE.search(prompt_lower))


def answers_somebody(prompt_lower: str) -> bool:
    """Whether a prompt asks for words in which one person answers another."""
    return bool(_ANSWERS_SOMEBODY.search(prompt_lower))


def speaks_of_refusals(prompt_lower: str) -> bool:
    """Whether a prompt is about refusals, or has a text translated."""
    return bool(_REFUSALS.search(prompt_lower))


def speaks_of_inability(prompt_lower: str) -> bool:
    """Whether somebody in the prompt cannot do something."""
    return bool(_CANNOT.search(prompt_lower))


def plays_a_part(prompt_lower: str) -> bool:
    """Whether a prompt gives the assistant a part to play, as at a counter or on the telephone."""
    return bool(_ROLE.search(prompt_lower))


def is_own_affair(prompt_lower: str) -> bool:
    """Whether somebody speaks of an affair of his own, for which one has to know more."""
    return bool(_OWN_AFFAIR.search(prompt_lower))


def asks_about_assistant(prompt_lower: str) -> bool:
    """Whether a prompt asks who or what the assistant is, or only greets it."""
    return bool(_IDENTITY.search(prompt_lower)) or is_small_talk(prompt_lower)


def is_small_talk(prompt_lower: str) -> bool:
    """Whether a prompt only greets, thanks or takes leave."""
    return len(prompt_lower) < GREETING and bool(_SMALL_TALK.fullmatch(prompt_lower))
