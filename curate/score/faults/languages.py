"""Refusals and requests for a missing input in Spanish, French, German, Portuguese, Japanese, Korean and Russian.

They stand at the beginning of a response or are none; texts are in lower case. Other faults know no such phrases.
"""

from __future__ import annotations

import re

_REST = r"[^.!?。！？\n]"
# How such a response begins: looked for first.
_OPENS = re.compile(
    r"\W{0,3}(?:lo (?:siento|lamento)|disculp|perd[oó]n|lamentablemente|desafortunadamente|como |soy |por favor"
    r"|parece|no ha"
    r"|je (?:suis|ne|regrette|m'excuse)|désol|malheureusement|en tant|veuillez|merci de|pou[rv]|vous n'|il semble"
    r"|(?:es )?tut mir|leider|entschuldig|als |ich bin|bitte|sie haben|du hast|es scheint"
    r"|sinto|lamento|infelizmente|desculpe|peço|sou |você não"
    r"|ai|大規模|(?=[^\x00-\x7f].{0,16}[ぁ-ヴ가-힣])"
    r"|к сожалению|извин|прост|прошу|сожалею|мне |как |будучи|я |пожалуйста|вы не|похоже)"
)
# An apology, what one cannot, and what it is that one cannot do.
_CANNOT = (
    rf"(?:lo siento|lo lamento|disculp\w*|perd[oó]n|lamentablemente"
    rf"|desafortunadamente)\b{_REST}{{0,40}}?\bno (?:puedo|podr[ée]"
    rf"|soy capaz de|me es posible|estoy en condiciones de){_REST}{{0,12}}?\b(?:ayud|asist|respond|contest"
    rf"|proporcion|ofrec|cumpl"
    r"|complet|gener|cre[ae]|escrib|acced|brind|compart|proces|atend|satisf|realiz|d[ae]r(?:te|le)?\b)",
    rf"(?:je (?:suis|regrette|m'excuse)|désolée?|malheureusement)\b{_REST}{{0,40}}?\bje ne (?:peux|puis|pourrai|suis)"
    rf"{_REST}{{0,15}}?pas{_REST}{{0,25}}?\b(?:aider|assister|répondre|fournir|satisfaire|accéder|générer|créer"
    rf"|écrire"
    r"|partager|traiter|donner|effectuer|accomplir|discuter)",
    rf"(?:(?:es )?tut mir (?:\w+ )?leid|leider|entschuldigung)\b{_REST}{{0,30}}?\b(?:ich kann|kann ich|bin ich nicht"
    rf"|ich bin nicht)"
    rf"\b{_REST}{{0,80}}?\b(?:helfen|weiterhelfen|beantworten|antworten|bereitstellen|erfüllen|bearbeiten|erstellen"
    rf"|schreiben"
    r"|liefern|geben|zugreifen|durchführen|unterstützen)\b",
    rf"(?:sinto muito|lamento|infelizmente|desculpe\w*|peço desculpas?)\b{_REST}{{0,40}}?\bnão (?:posso|consigo"
    rf"|poderei"
    rf"|sou capaz de|tenho como){_REST}{{0,12}}?\b(?:ajud|respond|fornec|oferec|atend|complet|ger[ae]|cri[ae]|escrev"
    rf"|acess"
    r"|compartilh|process|realiz|cumpr|auxili)",
    rf"(?:大変|誠に)?(?:申し訳|すみません|すいません|ごめん|残念ながら){_REST}{{0,60}}?(?:手伝|答え|応え|回答|提供"
    rf"|対応|生成|作成|支援"
    rf"|アクセス|案内|実行|処理|お力に){_REST}{{0,14}}?(?:ません|できない|かねます)",
    rf"(?:죄송|미안|유감|안타깝){_REST}{{0,60}}?(?:도와|도움|답변|대답|제공|응답|생성|작성|처리|수행|접근|지원"
    rf"|요청){_REST}{{0,30}}?"
    r"(?:수 없|수가 없|못)",
    rf"(?:к сожалению|извините|простите|прошу прощения|сожалею|мне (?:очень )?жаль)\b{_REST}{{0,40}}?\bя не "
    rf"(?:могу|смогу|в состоянии|способен){_REST}{{0,30}}?\b(?:помочь|ответить|предоставить|выполнить|создать"
    rf"|написать"
    r"|обсуждать|дать|сгенерировать|поддержать|обработать|сделать это)",
)
_AI = (
    r"(?:como|soy)(?: solo| sólo)?(?: una?)? (?:modelo de lenguaje|ia\b|inteligencia artificial|asistente (?:de ia"
    r"|virtual))"
    rf"{_REST}{{0,120}}?\bno\b",
    r"en tant qu(?:e |')(?:une? )?(?:modèle de langage|ia\b|intelligence artificielle|assistant (?:ia|virtuel))"
    rf"{_REST}{{0,120}}?\b(?:ne |n')",
    r"(?:als|ich bin)(?: nur)?(?: eine?)? (?:ki\b|sprachmodell|ki-\w+|künstliche intelligenz|großes sprachmodell)"
    rf"{_REST}{{0,120}}?\b(?:nicht|keine?[nrms]?)\b",
    r"(?:como|sou)(?: apenas)?(?: uma?)? (?:modelo de linguagem|ia\b|inteligência artificial|assistente (?:de ia"
    r"|virtual))"
    rf"{_REST}{{0,120}}?\bnão\b",
    r"(?:私は)?(?:ai|人工知能|(?:大規模)?言語モデル)(?:言語モデル|アシスタント|モデル)?(?:として|なので|ですので"
    r"|であるため|のため|です)"
    rf"{_REST}{{0,80}}?(?:ません|できない|かねます)",
    r"(?:저는 )?(?:ai|인공 ?지능|언어 모델)(?: 언어 모델| 어시스턴트| 모델)?(?:로서|으로서|이므로|이기 때문에|라서"
    r"|이라서)"
    rf"{_REST}{{0,80}}?(?:없|않|못)",
    r"(?:как|будучи|я(?: всего лишь| —| -)?) (?:языков\w+ модел\w+|ии\b|искусственн\w+ интеллект\w*)"
    rf"{_REST}{{0,120}}?\bне\b",
)
REFUSALS = (
    ("the response says that it cannot", re.compile(rf"\W{{0,3}}(?:{'|'.join(_CANNOT)})\w*")),
    ("the response excuses itself as an AI", re.compile(rf"\W{{0,3}}(?:{'|'.join(_AI)})")),
)
# Prompts about refusals, translations, or the assistant itself.
_ABOUT = re.compile(
    r"traduc|tradui|traduz|übersetz|翻訳|訳し|번역|перевед|перевод|rechaz|refus|recus|ablehn|absag|declin|断[りる]"
    r"|거절|отказ"
    r"|disculp|excus|desculp|entschuldig|謝[るりっ罪]|사과|извин|qui[eé]n eres|te llamas|eres (?:una?|human)"
    r"|tu nombre"
    r"|qui (?:es-tu|êtes-vous)|t'appelles|vous appelez|es-tu|êtes-vous|wer bist|wer sind sie|heißt du|heißen sie"
    r"|bist du"
    r"|quem é você|seu nome|você (?:é|tem|sente|pode)|あなた|お名前|君は|당신|누구|이름이|너는|кто (?:ты|вы)|(?:тебя"
    r"|вас) зовут"
    r"|\bты\b|(?:tienes|sientes|puedes (?:sentir|ver|oír))|as-tu|avez-vous|hast du|haben sie|fühlst"
    r"|kannst du (?:fühlen|sehen)"
)
# Prompts for the words of somebody else.
_VOICE = re.compile(
    r"\b(?:cartas?|correos?|mensajes?|respuesta a|di[áa]logos?|conversaci[oó]n|personaje|cuento|poema|canci[oó]n"
    r"|frase|oraci[oó]n"
    r"|discurso|clientes?|invitaci[oó]n|nota|lettre|courriel|réponse à|dialogue|personnage|poème|chanson|phrase"
    r"|discours"
    r"|invitation|brief|e-?mail|nachricht|antwort(?:e|en)? auf|dialog|gespräch|rolle|gedicht|lied|s[aä]tze?|rede"
    r"|kunden?|einladung"
    r"|notiz|mensagem|resposta a|diálogo|conversa|personagem|canção|convite|bilhete|formul\w+|письм\w+|сообщени\w+"
    r"|диалог\w*"
    r"|разговор\w*|роль|рассказ\w*|стих\w*|песн\w+|предложени\w+|фраз\w+|речь|клиент\w*|приглашени\w+|записк\w+)\b"
    r"|手紙|メール|メッセージ|返信|返事|会話|対話|役|物語|詩|歌|文を|セリフ|台詞|言い換|書き換|편지|메일|메시지|답장"
    r"|대화|역할"
    r"|이야기|시를|노래|문장|대사|바꿔"
)
_MADE_BY = re.compile(
    r"desarrollad[oa] por|cread[oa] por|développée? par|créée? par|entwickelt|desenvolvid[oa] por|criad[oa] por|開発"
    r"|作られ"
    r"|개발|разработан|создан"
)
# That an input is missing, requests for one, and what it is for.
_THING = {
    "es": r"\b(?:textos?|artículos?|frases?|oraci[oó]n(?:es)?|párrafos?|código|documentos?|datos|lista|números"
    "|imagen|contenido"
    r"|poema|enunciado|pregunta)",
    "fr": r"\b(?:texte|article|phrases?|paragraphe|code|document|données|liste|nombres|image|contenu|poème|question)",
    "de": r"\b(?:text|artikel|satz|sätze|absatz|code|daten|liste|zahlen|bild|inhalt|dokument|gedicht|frage)",
    "pt": r"\b(?:texto|artigo|frases?|parágrafo|código|documento|dados|lista|números|imagem|conteúdo|poema|pergunta)",
    "ja": r"(?:テキスト|文章?|記事|段落|コード|データ|リスト|数字|画像|内容|原文|詩|質問)",
    "ko": r"(?:텍스트|문장|글|기사|단락|코드|데이터|목록|숫자|이미지|내용|본문|질문)",
    "ru": r"\b(?:текст|стать|предложени|абзац|код|документ|данны|список|числ|изображени|содержани|вопрос)\w*",
}
ABSENT = re.compile(
    r"no (?:has|ha|se ha) (?:proporcionado|incluido|compartido|adjuntado|dado|especificado)"
    rf"|vous n'avez (?:pas|rien|fourni aucun){_REST}{{0,20}}(?:fourni|partagé|joint|inclus|indiqué|texte)"
    rf"|(?:sie haben|du hast){_REST}{{0,20}}\b(?:keine?n?|nicht)\b{_REST}{{0,40}}"
    r"(?:angegeben|bereitgestellt|beigefügt|angehängt|eingefügt|mitgeschickt)"
    r"|você não (?:forneceu|incluiu|compartilhou|anexou|informou|especificou)"
    rf"|{_THING['ja']}{_REST}{{0,10}}が{_REST}{{0,8}}(?:提供|入力|添付|示)されて(?:い)?(?:ません|ない)"
    rf"|{_THING['ko']}(?:이|가) {_REST}{{0,10}}(?:제공|입력|첨부)되지 않"
    r"|вы не (?:предоставили|указали|прислали|приложили|добавили)"
)
ASK = re.compile(
    rf"por favor,? (?:\w+ )?(?:proporci|compart|env[ií]|peg|indi[cq]|introdu|escrib"
    rf"|facilit){_REST}{{0,30}}?{_THING['es']}"
    r"|(?:veuillez|merci de|pouvez-vous|pourriez-vous|peux-tu)(?: me| m')?(?: bien)? ?(?:fournir|partager|envoyer"
    r"|coller"
    rf"|indiquer|donner){_REST}{{0,30}}?{_THING['fr']}"
    rf"|bitte (?:geben|gib|senden|sende|schick|stell|teil|füg){_REST}{{0,40}}?{_THING['de']}"
    rf"|por favor,? (?:me )?(?:forneça|compartilhe|envie|cole|insira|informe){_REST}{{0,30}}?{_THING['pt']}"
    rf"|{_THING['ja']}{_REST}{{0,10}}?を{_REST}{{0,8}}?(?:提供|入力|共有|送|貼り付け|教えて"
    rf"|示して){_REST}{{0,6}}?(?:ください|下さい)"
    rf"|{_THING['ko']}{_REST}{{0,6}}?[을를] {_REST}{{0,10}}?(?:제공|입력|공유|보내|붙여|알려"
    rf"|첨부){_REST}{{0,6}}?(?:주세요|주십시오|주시)"
    rf"|пожалуйста,? (?:предоставьте|пришлите|отправьте|введите|вставьте|укажите"
    rf"|приведите){_REST}{{0,30}}?{_THING['ru']}"
)
WHY = re.compile(
    r"para que (?:yo |eu )?(?:pueda|possa)|para poder|pueda ayud|afin que|pour que je|afin de|damit ich"
    r"|que (?:deseas|desea|quieres"
    r"|quiere|você)|que vous (?:souhaitez|voulez)|den sie|den ich|den du|ために|したい|してほしい|希望|чтобы я|котор"
    r"|제가|원하"
)


def refusal(head: str) -> tuple[re.Match[str] | None, str]:
    """(where a response in another language refuses, what it says)."""
    if _OPENS.match(head):
        for what, pattern in REFUSALS:
            match = pattern.match(head)
            if match:
                return match, what
    return None, ""


def request(head: str) -> tuple[re.Match[str] | None, re.Match[str] | None, re.Match[str] | None]:
    """(that an input is missing, the request for it, what it is for), each where the response says so."""
    if not _OPENS.match(head):
        return None, None, None
    absent, ask = ABSENT.search(head), ASK.search(head)
    return absent, ask, WHY.search(head) if ask else None


def excuse(prompt_lower: str, head: str) -> bool | None:
    """Whether nothing in a prompt excuses such a response; False where it may, None where it is asked for."""
    if _ABOUT.search(prompt_lower):
        return None
    return not (_VOICE.search(prompt_lower) or _MADE_BY.search(head))
