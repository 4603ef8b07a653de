"""Training on rows: loss masks, the LoRA trainer, ablations."""

import os

# Threads that spin while they wait take the processor from those that they wait for, if anything else runs.
# It is read when torch is first imported, so it has to be set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
