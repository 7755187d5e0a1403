"""Shipped protocols. In a checkout the package extends to the top-level ``protocols`` folder; a wheel holds a copy."""

from __future__ import annotations

from pathlib import Path

_checkout = Path(__file__).resolve().parents[2] / "protocols"
if (_checkout.parent / "hatch_build.py").is_file():
    __path__.append(str(_checkout))
