"""How the qubit rides on the light: polarisation, time bins or phases, and what the link does to it."""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import did_you_mean, require
from qcisim.optics.freespace.arrays import Floats
from qcisim.quantum import Channel, Matrix, dephasing, identity, pauli, rotation_y, sequence

ENCODINGS = ("polarisation", "time_bin", "phase")


def check_encoding(encoding: str) -> None:
    """Refuse an encoding that nobody knows."""
    hint = did_you_mean(encoding, ENCODINGS) or f"known: {', '.join(ENCODINGS)}"
    require(encoding in ENCODINGS, f"encoding '{encoding}' ({hint})")


def qubit_kraus(
    encoding: str, turn_rad: Floats | None, residual_rad: float, misalignment_error: float, attack: Channel | None
) -> Matrix:
    """Attack, then the turn of the frame, its residual, and the receiver's error: (n, k, 2, 2), or (1, k, 2, 2).

    polarisation: ``turn_rad`` is the angle of the linear polarisation, a rotation by twice that about Y; the residual
    a Gaussian angle, (1-p) rho + p Y rho Y with p = (1 - exp(-2 sigma^2))/2; the receiver's axes are off by the angle
    whose sin^2 is the error. Both BB84 bases err alike.
    time_bin: Z is the time of arrival, X the phase between the two bins. ``turn_rad`` is that phase, a rotation about
    Z; the residual dephases with p = (1 - exp(-sigma^2/2))/2; an interferometer of visibility V = 1 - 2 error dephases
    with p = error. Only X errs.
    phase: both bases are phases (0, pi and +-pi/2), so that phase and visibility make both of them err as the Stokes
    angle of a polarisation does.

    Args:
        turn_rad: (n,) uncompensated, None for none.
        residual_rad: sigma, rms of what a compensation leaves.
        misalignment_error: of the receiver.
        attack: Eve, at the sender's output.
    """
    require(residual_rad >= 0.0 and math.isfinite(residual_rad), f"frame_residual_rad {residual_rad:g}: not negative")
    eve = attack or identity()
    if encoding == "polarisation":
        turns, flip = _about_y(turn_rad, 2.0), -0.5 * math.expm1(-2.0 * residual_rad**2)
        after = sequence(pauli(0.0, flip, 0.0), rotation_y(2.0 * math.asin(math.sqrt(misalignment_error))))
    else:
        flip = -0.5 * math.expm1(-0.5 * residual_rad**2)
        both = flip + misalignment_error - 2.0 * flip * misalignment_error
        if encoding == "time_bin":
            turns, after = _about_z(turn_rad), dephasing(both)
        else:
            turns, after = _about_y(turn_rad, 1.0), pauli(0.0, both, 0.0)
    if turns is None:
        return _trimmed(sequence(eve, after).kraus)[None]
    before, behind = _trimmed(eve.kraus), _trimmed(after.kraus)
    products = behind[None, :, None] @ turns[:, None, None] @ before[None, None]
    kraus: Matrix = products.reshape(len(turns), len(behind) * len(before), 2, 2)
    return kraus


def _trimmed(kraus: Matrix) -> Matrix:
    """Without the operators that are zero."""
    kept: Matrix = kraus[np.abs(kraus).max(axis=(1, 2)) > 0.0]
    return kept


def _about_y(turn_rad: Floats | None, factor: float) -> Matrix | None:
    """exp(-i factor turn Y/2), (n, 2, 2)."""
    if turn_rad is None:
        return None
    cos, sin = np.cos(0.5 * factor * turn_rad), np.sin(0.5 * factor * turn_rad)
    return np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=-2).astype(np.complex128)


def _about_z(turn_rad: Floats | None) -> Matrix | None:
    """exp(-i turn Z/2), (n, 2, 2)."""
    if turn_rad is None:
        return None
    matrix = np.zeros((len(turn_rad), 2, 2), dtype=np.complex128)
    matrix[:, 0, 0] = np.exp(-0.5j * turn_rad)
    matrix[:, 1, 1] = np.exp(0.5j * turn_rad)
    return matrix
