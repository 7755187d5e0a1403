"""Set-ups that the optics tests share."""

from __future__ import annotations

import pytest

from qcisim.optics import Detector, Fibre, FibreLink, Receiver, WeakCoherentSource


@pytest.fixture
def source() -> WeakCoherentSource:
    return WeakCoherentSource((0.5, 0.1, 0.0), (0.7, 0.2, 0.1), 1e9, 0.9)


@pytest.fixture
def detector() -> Detector:
    return Detector(0.8, 1000.0, jitter_fwhm_s=50e-12, gate_s=5e-10)


@pytest.fixture
def receiver(detector: Detector) -> Receiver:
    return Receiver(detector, 0.8, insertion_loss_db=2.0, misalignment_error=0.02)


@pytest.fixture
def link(receiver: Receiver) -> FibreLink:
    return FibreLink(Fibre(20.0, connector_db=1.0), receiver, 1e9)
