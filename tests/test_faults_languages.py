"""Refusals and missing inputs in languages other than English and Chinese."""

from __future__ import annotations

import pytest

from curate.score.faults.registry import findings


def weight(prompt: str, response: str, fault: str) -> bool | None:
    """Whether a fault is certain; None where it is not found."""
    found = [finding for finding in findings(prompt, response) if finding.fault == fault]
    return found[0].certain if found else None


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("¿Cómo se hace una paella?", "Lo siento, pero no puedo ayudarte con eso."),
        ("¿Cuál es la capital del Perú?", "Lamentablemente, no puedo responder a esa pregunta."),
        ("Dime el tiempo de mañana.", "Como modelo de lenguaje, no tengo acceso a datos en tiempo real."),
        ("Comment faire une tarte ?", "Je suis désolé, mais je ne peux pas vous aider."),
        ("Quel temps fera-t-il ?", "En tant que modèle de langage, je n'ai pas accès à la météo."),
        ("Comment monter une tente ?", "Désolée, je ne suis pas en mesure de répondre à cette demande."),
        ("Wie backt man Brot?", "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen."),
        ("Wie wird das Wetter?", "Als KI-Modell habe ich keinen Zugriff auf aktuelle Daten."),
        ("Wie funktioniert ein Dynamo?", "Leider kann ich diese Anfrage nicht bearbeiten."),
        ("Como se faz pão?", "Sinto muito, mas não posso ajudar com isso."),
        ("Qual é a previsão do tempo?", "Como um modelo de linguagem, não tenho acesso a dados atuais."),
        ("パンの焼き方を説明して。", "申し訳ありませんが、その質問にはお答えできません。"),
        ("明日の天気は？", "AI言語モデルとして、リアルタイムの情報にアクセスできません。"),
        ("빵은 어떻게 굽나요?", "죄송하지만 그 요청은 도와드릴 수 없습니다."),
        ("내일 날씨는?", "저는 AI 언어 모델로서 실시간 정보에 접근할 수 없습니다."),
        ("Как испечь хлеб?", "К сожалению, я не могу помочь с этим запросом."),
        ("Какая завтра погода?", "Как языковая модель, я не имею доступа к данным о погоде."),
    ],
)
def test_refusals_are_certain(prompt, response):
    assert weight(prompt, response, "refusal") is True


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("¿Quién eres?", "Como modelo de lenguaje, no tengo nombre."),
        ("Traduce al español: I'm sorry, but I can't help you.", "Lo siento, pero no puedo ayudarte."),
        ("Wer bist du?", "Als KI habe ich keinen Namen."),
        ("Übersetze: I'm sorry, but I can't help you.", "Es tut mir leid, aber ich kann Ihnen nicht helfen."),
        ("Formule un refus poli.", "Je suis désolé, mais je ne peux pas vous aider."),
        ("次の文を日本語に翻訳して：I can't answer.", "申し訳ありませんが、お答えできません。"),
        ("Переведи: Sorry, I can't help.", "К сожалению, я не могу помочь."),
        ("¿Te gusta el mar?", "Como isla, no está lejos del mar."),
        ("Warum fliegen Gänse in V-Form?", "Leider kann eine Gans allein nicht so weit fliegen."),
        ("Wie viele waren da?", "Als König hatte er keine Feinde."),
        ("パンはどこ？", "すみません、もう売り切れです。"),
        ("Где хлеб?", "Извините, хлеба сегодня нет."),
    ],
)
def test_what_is_asked_for_or_is_no_refusal(prompt, response):
    assert weight(prompt, response, "refusal") is None


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Escribe una carta a un cliente.", "Lo siento, pero no puedo ayudarte con eso."),
        ("Schreibe einen Brief an einen Kunden.", "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen."),
        (
            "¿Cómo llegar a Cuzco?",
            "Lo siento, no puedo acceder a mapas. Sin embargo, lo habitual es volar a Lima, seguir en un segundo"
            " vuelo de una hora y tomar después un taxi hasta la plaza.",
        ),
    ],
)
def test_letters_and_answers_after_all_are_at_most_suspected(prompt, response):
    assert not weight(prompt, response, "refusal")


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("Resume el texto.", "Por favor, proporciona el texto que deseas resumir."),
        ("Corrige las frases.", "Lo siento, no has proporcionado ninguna frase."),
        ("Résumez le texte.", "Veuillez fournir le texte que vous souhaitez résumer."),
        ("Fasse den Text zusammen.", "Bitte geben Sie den Text an, damit ich ihn zusammenfassen kann."),
        ("Resuma o texto.", "Por favor, forneça o texto para que eu possa resumi-lo."),
        ("要約して。", "要約したいテキストを提供してください。"),
        ("요약해 줘.", "요약을 원하시는 텍스트를 제공해 주세요."),
        ("Сократи текст.", "Пожалуйста, предоставьте текст, который нужно сократить."),
    ],
)
def test_requests_for_an_input(prompt, response):
    assert weight(prompt, response, "missing_input") is True


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        ("¿Cómo entro?", "Por favor, introduce el código que recibiste."),
        ("Wie melde ich mich an?", "Bitte geben Sie den Code aus der Nachricht ein."),
        ("どうやって始めますか。", "まず、画像を選んで、次にボタンを押します。"),
        ("Bitte erkläre das Spiel.", "Bitte sehr: Zwei Spieler legen abwechselnd Karten."),
    ],
)
def test_steps_are_no_certain_requests(prompt, response):
    assert not weight(prompt, response, "missing_input")
