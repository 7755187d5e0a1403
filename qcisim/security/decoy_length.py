"""From what decoys say of single photons to a secret length: the terms that all decoy bounds share."""

from __future__ import annotations

from dataclasses import dataclass

from qcisim.security.entropy import binary_entropy
from qcisim.security.secret_length import Named, SecretLength, secret_length, verification_term

NO_SINGLES = "the decoy bound proves no single-photon detection in the key basis"


@dataclass(frozen=True, slots=True)
class SinglePhotons:
    """Bounds on one block: ``key`` and ``test`` single-photon detections from below, ``test_errors`` among the latter
    and the ``phase_error`` rate from above; ``vacuum`` detections of the key basis from below, None where the proof
    drops them.
    """

    key: float
    test: float
    test_errors: float
    phase_error: float
    vacuum: float | None = None


def decoy_length(
    found: SinglePhotons,
    leak_bits: float,
    secrecy: Named,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    verification_bits: float,
    theorem: str,
) -> SecretLength:
    """l = s0 + s1 [1 - h(phi)] - leak - secrecy - verification, rounded down; 0 where s1 = 0.

    ``secrecy`` is the theorem's cost of smoothing and hashing as a named, negative term (empty in the limit).
    """
    zero_photons = () if found.vacuum is None else (found.vacuum,)
    terms = (
        *(("vacuum", s0) for s0 in zero_photons),
        ("single_photon", found.key),
        ("phase_error", -found.key * binary_entropy(found.phase_error)),
        ("leakage", -leak_bits),
        *secrecy,
        ("verification", verification_term(epsilon_correct, verification_bits)),
    )
    return secret_length(
        terms,
        epsilon_secret=epsilon_secret,
        epsilon_correct=epsilon_correct,
        theorem=theorem,
        bounds=(
            *(("vacuum_key", s0) for s0 in zero_photons),
            ("single_photon_key", found.key),
            ("single_photon_test", found.test),
            ("single_photon_test_errors", found.test_errors),
            ("phase_error_rate", found.phase_error),
        ),
        reason="" if found.key > 0.0 else NO_SINGLES,
    )
