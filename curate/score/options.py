"""What the scores that need more than the text are to use."""

from __future__ import annotations

from dataclasses import dataclass, field

from curate.progress import Progress, silent


@dataclass(frozen=True)
class Judge:
    """Attributes:
    url: of an OpenAI-compatible API, up to and with `/v1`.
    model: its name there.
    key: sent as a bearer token.
    concurrency: requests under way at a time.
    per_minute: most requests begun in a minute, 0 for no limit.
    retries: further tries of a request that failed in a way that may pass.
    timeout: of one try, in seconds.
    price_in: of a million tokens, for the estimate.
    price_out: of a million tokens, for the estimate.
    """

    url: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    concurrency: int = 8
    per_minute: int = 0
    retries: int = 5
    timeout: float = 120.0
    price_in: float = 0.0
    price_out: float = 0.0


@dataclass(frozen=True)
class Options:
    """Attributes:
    model: a causal language model for perplexities, as `curate.models.language_model.load` takes it.
    tokenizer: for counting tokens; that of the model if empty.
    max_length: of prompt and response, in tokens.
    batch_tokens: how many tokens, padding included, go through the model at a time; a GPU wants more of them.
    embedder: for `relevance`, as `curate.models.embed.embed` takes it.
    reward: a sequence-classification model, hub id or folder.
    words: a file of words for `profanity`.
    judge: the endpoint that judge scores ask.
    cache: whether what models said is kept on disk and taken from there.
    progress: called with (what, done, of) while scores that take long are made.
    """

    model: str = "smollm2-135m"
    tokenizer: str = ""
    max_length: int = 1024
    batch_tokens: int = 1024
    embedder: str = "auto"
    reward: str = ""
    words: str = ""
    judge: Judge = Judge()
    cache: bool = True
    progress: Progress = silent
