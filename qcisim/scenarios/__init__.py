"""Shipped scenarios. In a checkout the package extends to the top-level ``scenarios`` folder; a wheel holds a copy."""

from __future__ import annotations

from pathlib import Path

_checkout = Path(__file__).resolve().parents[2] / "scenarios"
if (_checkout.parent / "hatch_build.py").is_file():
    __path__.append(str(_checkout))
