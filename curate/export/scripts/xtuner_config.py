"""XTuner 1: all weights, on the replies alone.

torchrun --nproc-per-node 1 -m xtuner.v1.train.cli.sft --config config.py
"""

from pathlib import Path

from huggingface_hub import snapshot_download
from xtuner.v1.config import AdamWConfig, LRConfig
from xtuner.v1.datasets.config import DataloaderConfig, DatasetConfig
from xtuner.v1.datasets.sft_tokenize_fn import OpenaiTokenizeFunctionConfig
from xtuner.v1.loss import CELossConfig
from xtuner.v1.model import get_model_config_from_hf
from xtuner.v1.train import TrainerConfig

MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
CHAT_TEMPLATE = "qwen3"
MAX_LENGTH = 2048
HERE = Path(__file__).resolve().parent

path = MODEL if Path(MODEL).is_dir() else snapshot_download(MODEL)
rows = {
    "dataset": DatasetConfig(anno_path=str(HERE / "train.jsonl")),
    "tokenize_fn": OpenaiTokenizeFunctionConfig(chat_template=CHAT_TEMPLATE, max_length=MAX_LENGTH),
}
trainer = TrainerConfig(
    model_cfg=get_model_config_from_hf(Path(path)),
    load_from=path,
    tokenizer_path=path,
    dataloader_cfg=DataloaderConfig(dataset_config_list=[rows], pack_max_length=MAX_LENGTH),
    optim_cfg=AdamWConfig(lr=1e-5, foreach=False),
    lr_cfg=LRConfig(lr_type="cosine", lr_min=1e-6, warmup_ratio=0.1),
    loss_cfg=CELossConfig(mode="chunk", chunk_size=1024),
    global_batch_size=16,
    total_epoch=3,
    work_dir=str(HERE / "output"),
)
