"""Training on a GPU: the losses are those of a processor, in bf16, in 4 bits, packed, and in several processes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from curate.models import language_model  # noqa: E402
from curate.models.language_model import LanguageModel  # noqa: E402
from curate.models.masking import TrainingExample  # noqa: E402
from tests.builders import ROOT  # noqa: E402
from train.lora import trainer  # noqa: E402
from train.lora.forward import Forward  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here"),
]
needs_bitsandbytes = pytest.mark.skipif(
    importlib.util.find_spec("bitsandbytes") is None, reason="bitsandbytes is not installed"
)
SETTINGS = trainer.LoraSettings(epochs=3, batch_size=8, learning_rate=1e-3, schedule="constant", warmup=0.0)
SIZES = {
    "vocab_size": 512,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "initializer_range": 0.1,
}


def rows(count: int = 24, longest: int = 300) -> list[TrainingExample]:
    random = np.random.default_rng(0)
    lengths = random.integers(5, longest, count)
    return [
        TrainingExample(random.integers(1, 512, n).astype(np.int32), (np.arange(n) > n // 3).astype(np.float32))
        for n in lengths
    ]


def model(device: str, precision: str, family: str = "Qwen2", **more: object) -> LanguageModel:
    import transformers

    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(**SIZES, **more)
    made = getattr(transformers, f"{family}ForCausalLM")(config)
    made = made.to(torch.bfloat16 if precision == "bf16" else torch.float32).eval().to(device)
    return LanguageModel(made, None, "tiny", device, precision)


def losses(device: str, precision: str, settings: trainer.LoraSettings = SETTINGS, **more: object) -> np.ndarray:
    lm = trainer.attach(model(device, precision, **more), settings)
    result = trainer.train(lm, rows(), settings)
    assert result.losses[-1] < result.losses[0]
    return np.array(result.losses)


@pytest.mark.parametrize(("precision", "near"), [("fp32", 2e-3), ("bf16", 3e-2)])
@pytest.mark.parametrize("family", ["Qwen2", "Qwen3", "Llama"])
def test_losses_are_those_of_a_processor(precision, near, family):
    on_cpu, on_gpu = losses("cpu", "fp32", family=family), losses("cuda", precision, family=family)
    assert np.abs(on_cpu - on_gpu).max() < near, (on_cpu, on_gpu)


@pytest.mark.parametrize("family", ["Qwen2", "Mistral"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_packed_rows_have_the_losses_of_padded_ones(precision, family):
    window = {"sliding_window": 40} if family == "Mistral" else {}
    lm = trainer.attach(model("cuda", precision, family, **window), SETTINGS)
    padded = Forward(lm, try_packing=False)
    packed = Forward(lm)
    assert packed.uses_packing
    with torch.no_grad():
        expected = torch.stack([padded([row])[0] / row.trained for row in rows()])
        with packed.attending():
            got = packed(rows()) / torch.tensor([row.trained for row in rows()], device="cuda")
    assert float((expected - got).abs().max()) < (1e-3 if precision == "fp32" else 3e-2)


def test_no_mask_over_the_whole_sequence_is_made():
    """4,000 tokens in one pack: one mask or one head's scores over them would take 32 MB in bf16, four heads 128."""
    lm = trainer.attach(model("cuda", "bf16"), SETTINGS)
    forward, many = Forward(lm), rows(60, 130)
    with torch.no_grad(), forward.attending():
        forward(many)
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        forward(many)
    assert torch.cuda.max_memory_allocated() - before < 24e6


@needs_bitsandbytes
def test_adamw_in_8_bits_trains_as_adamw():
    eight = replace(SETTINGS, optimizer="adamw_8bit")
    assert np.abs(losses("cuda", "bf16", eight) - losses("cuda", "bf16")).max() < 5e-2


@needs_bitsandbytes
def test_weights_in_4_bits_are_trained_on(tmp_path):
    from tests import tiny_model

    made = model("cpu", "fp32")
    made.model.save_pretrained(tmp_path)
    tiny_model.tokenizer().save_pretrained(tmp_path)
    lm = trainer.attach(language_model.load(str(tmp_path), four_bit=True), SETTINGS)
    assert sum(type(m).__name__ == "Linear4bit" for m in lm.model.get_base_model().modules()) >= 14
    result = trainer.train(lm, rows(), SETTINGS)
    assert result.losses[-1] < result.losses[0]
    # NF4 changes the frozen weights themselves, so that only the size of the loss can be that of a processor.
    assert np.abs(np.array(result.losses) - losses("cpu", "fp32")).max() < 0.3
    assert Forward(lm).uses_packing


def test_a_whole_run_trains_in_bf16(tmp_path):
    from tests import tiny_model
    from train.lora import session
    from train.lora.options import LoraOptions, TrainOptions

    folder = tiny_model.save(tmp_path / "model")
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps({"instruction": f"say {i}", "output": f"it is {i}"}) + "\n" for i in range(16)))
    options = TrainOptions(lora=LoraOptions(model=str(folder), max_length=128), heldout=str(data))
    session.run([str(data)], str(tmp_path / "out"), options)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["precision"] == "bf16"


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="one GPU here: two processes need two")
def test_two_processes_have_the_losses_of_one(tmp_path):
    from tests import tiny_model

    folder = tiny_model.save(tmp_path / "model")
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps({"instruction": f"say {i}", "output": f"it is {i}"}) + "\n" for i in range(16)))
    lines = []
    for count in (1, 2):
        out = tmp_path / str(count)
        launch = ["-m", "torch.distributed.run", "--nproc-per-node", str(count), "-m", "curate.cli", "train", str(data)]
        options = ["--model", str(folder), "--out", str(out), "--max-length", "128", "--precision", "fp32"]
        subprocess.run([sys.executable, *launch, *options], cwd=ROOT, check=True, capture_output=True)
        lines.append([json.loads(line)["loss"] for line in (out / "metrics.jsonl").read_text().splitlines()])
    assert np.abs(np.array(lines[0]) - np.array(lines[1])).max() < 1e-3
