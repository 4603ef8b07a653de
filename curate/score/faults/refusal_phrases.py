"""Phrases of refusals in English and Chinese: what each says, and the expression that finds it in lower case.

Those in English have words before it, one of which is in every text that the expression finds: it is slow.
"""

from __future__ import annotations

import re

_DO = (
    r"(?:help(?! but)|assist|answer|provide|fulfil|comply|do (?:that|this|so)(?! an(?:y|other))|complete|generate"
    r"|create|write|discuss|support|engage"
    r"|give|offer|share|produce|respond|process|access|retrieve|look up|view|browse|predict|determine"
    r"|open|display|perform|execute"
    r"|sing|tell you|say(?: for| which| what)|know|see|hear|play|send|make (?:calls|phone|bookings|reservations"
    r"|recommend))"
)
_NOT = (
    r"(?:(?:\s(?:\w+ly |simply |just |also |still )?(?:can ?not|can't|couldn't|could not|won't|will not|would not)"
    r"|(?: am|'m) (?:\w+ly )?(?:not able|unable) to"
    r"|(?: am|'m) not (?:allowed|permitted|programmed|designed|equipped) to))"
)
_AI = (
    r"an? (?:ai\b|artificial intelligence|(?:text-based |large |ai )*language model|text-based ai"
    r"|machine learning model)"
)
_START = r"(?:^|[.!?,;:\n]\s*|\b(?:but|however|unfortunately|so|and|therefore|regrettably)[, ]+)"
ENGLISH = (
    (
        "the response says that it cannot",
        (
            *("cannot", "can not", "can't", "could", "won't", "will not", "would not", "able to"),
            *("not allowed", "not permitted", "not programmed", "not designed", "not equipped"),
        ),
        re.compile(rf"{_START}i{_NOT} (?:be able to )?{_DO}"),
    ),
    (
        "the response excuses itself as an AI",
        ("a ai", "an ai", "artificial intelligence", "language model", "text-based ai", "machine learning model"),
        re.compile(
            rf"(?:\bas {_AI}|\bi(?:'m| am) (?:just |only |merely "
            rf"|simply )?{_AI})[^.!?\n]{{0,160}}?[,.]?[^.!?\n]{{0,160}}?"
            r"(?:\b(?:do not|don't|cannot|can't|can not|couldn't|unable|not able|not capable|am not|lack|without"
            r"|no)\b|not within)"
        ),
    ),
    (
        "the response apologises for not answering",
        ("sorry", "apolog", "i regret", "unfortunately", "afraid"),
        re.compile(
            r"^\W*(?:i(?:'m| am)(?: very| so| really| truly| terribly)? sorry|i apologi[sz]e|sorry"
            r"|(?:my )?apologies|i regret to (?:inform|say|tell)|unfortunately|i(?:'m| am) afraid)\b"
            rf"[^.!?\n]{{0,60}}?\bi(?:{_NOT} (?:be able to )?(?:{_DO}|do)| (?:\w+ )?(?:do not|don't) (?:currently "
            rf"|actually )?have (?:the |that |access|any |enough |information|permission|real))"
        ),
    ),
    (
        "the response declines",
        ("decline", "refuse"),
        re.compile(
            rf"{_START}i (?:must|have to|will have to|will|would like to|choose to|need to) (?:respectfully "
            rf"|politely |kindly )?(?:decline|refuse)\b|{_START}i (?:respectfully |politely )?(?:decline|refuse) to"
        ),
    ),
    (
        "the response declines",
        ("prefer not", "rather not", "not comfortable"),
        re.compile(
            r"i(?:'d| would) (?:prefer|rather) not (?:to )?(?:answer|write|create|discuss|provide|engage|say|share)"
            r"|i(?:'m| am) not comfortable (?:with )?(?:answering|writing|creating|discussing|providing|sharing"
            r"|engaging)"
        ),
    ),
    (
        "the response declines",
        ("to pass", "one out", "pass on "),
        re.compile(
            r"^\W*(?:(?:sorry|unfortunately|i(?:'m| am) afraid)[,;.]? )?(?:but )?(?:i think )?"
            r"(?:i(?:'m| am) going to (?:have to )?pass(?: on (?:this|that)(?: (?:one|request|question))?)?"
            r"|i(?:'ll| will)(?: have to)? pass on (?:this|that)(?: (?:one|request|question))?"
            r"|i(?:'d| would) rather sit (?:this|that) one out|i(?:'ll| will) sit this one out)\s*(?:[.,!;:]|$)"
        ),
    ),
    (
        "the response names rules that forbid an answer",
        (" my ", "for me to", "isn't something i can"),
        re.compile(
            r"(?:goes |is )?against my (?:guidelines|programming|policy|policies|principles|ethic\w*)|(?:violat\w+"
            r"|within) my (?:programming|guidelines|ethic\w*|capabilit\w+)|not (?:appropriate|ethical"
            r"|possible) for me to|(?:beyond|outside) (?:of )?(?:my|the scope of my) (?:capabilit\w+|abilit\w+"
            r"|scope|programming|knowledge)|isn't something i can\b"
        ),
    ),
    (
        "the response has no means to answer",
        ("not have ", "n't have ", "have no "),
        re.compile(
            rf"{_START}i (?:currently |simply |really )?(?:do not|don't) have (?:the (?:ability|capability|capacity"
            rf"|means|functionality)|(?:any )?access to|(?:that|any) (?:capability|ability)|(?:any )?(?:personal"
            rf"|physical|real-time|information (?:about|on)|a physical))|{_START}i have no (?:way of knowing"
            rf"|access to|means of|information about|information on)"
        ),
    ),
)
_SORRY = r"(?:抱歉|[对對]不起|[遗遺]憾|不好意思|恕我?)"
_CAN_NOT = (
    r"(?:[无無]法|不能|[没沒]有?[办辦]法|[没沒]法|不可以|不便|不方便|[没沒]有[^。！？\n]{0,12}?(?:能力|功能"
    r"|[权權]限)|不支持|[还還]不[会會])"
)
_MODEL = r"(?:人工智[能慧]|ai|聊天机器人|大?型?[语語]言模型|文本机器人)"
CHINESE = (
    ("the response says that it cannot", re.compile(rf"{_SORRY}[^。！？\n]{{0,24}}?{_CAN_NOT}")),
    (
        "the response says that it cannot",
        re.compile(
            rf"(?:^|[，。！？,\n])\s*(?:这个|這個|因此|所以)?我(?:[暂暫][时時]|目前|[还還]|[现現]在|并"
            rf"|真的)*{_CAN_NOT}(?:在?(?:[为為]|[给給]|向"
            rf"|[对對])[您你])?(?:回答|[帮幫]|提供|完成|[满滿]足|[协協]助|生成|[处處]理|[执執]行|[预預]知"
            rf"|[预預][测測]|[获獲]取|告[诉訴]|[给給]出|描述|[访訪][问問]"
            rf"|播放|[讨討][论論]|[评評]|查|[编編][写寫])"
        ),
    ),
    (
        "the response declines",
        re.compile(
            r"我(?:必须|只能|要|不得不)?拒[绝絕](?:回答|提供|[这這]|[您你]|[协協]助|[执執]行|[编編])"
            r"|[帮幫]不了[您你]|我不[会會](?:[编編][写寫]|提供|[协協]助"
            r"|[参參]与|[传傳]播|生成)|[这這]个[话話][题題]我?不"
        ),
    ),
    (
        "the response excuses itself as an AI",
        re.compile(
            rf"(?:(?:^|[，,。！\n ]|我是?|由于|因为)[作身][为為](?:一?[个個名款位种種])?{_MODEL}|我(?:只"
            rf"|[仅僅])?是一?[个個名款]?{_MODEL})[^。！？\n]{{0,30}}?(?:[没沒]有|不|[无無]法|[没沒]法)"
        ),
    ),
    (
        "the response says that it cannot",
        re.compile(
            r"^\W*(?:[这這][个個道](?:[问問][题題]|[题題]目)?[，,]?\s?)我(?:[还還]|[暂暫][时時]|目前|真的)*"
            r"(?:[没沒]有?[学學][会會过過到]|不(?:太)?[会會]|答不上[来來]|回答不了|做不[到了]|[写寫]不[了出])[^。！？\n]{0,4}(?:[，。！？,.!]|$)"
        ),
    ),
    (
        "the response has no means to answer",
        re.compile(r"^我[没沒]有(?:能力|[办辦]法|[权權]限|途[径徑])|我看不到(?:[图圖]片|照片|[视視][频頻])"),
    ),
)
