"""What several test files need to build their data; no test file imports from another."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
