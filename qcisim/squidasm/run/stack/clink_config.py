"""Configurations of classical links; km, km/s, ns."""

from __future__ import annotations

from qcisim.errors import InputError
from qcisim.squidasm.run.stack.loadable import Number, YamlLoadable


class ICLinkConfig(YamlLoadable):
    """Base of the configurations of classical links."""

    def delay_ns(self) -> float:
        """How long a message takes."""
        raise NotImplementedError


class InstantCLinkConfig(ICLinkConfig):
    """Messages take no time."""

    def delay_ns(self) -> float:
        """0."""
        return 0.0


class DefaultCLinkConfig(ICLinkConfig):
    """Messages take ``delay``, or ``length / speed_of_light``."""

    delay: Number | None = None
    length: Number | None = None
    speed_of_light: Number = 200_000.0

    def delay_ns(self) -> float:
        """``delay`` or length / speed_of_light."""
        if (self.delay is None) == (self.length is None):
            got = "none of them" if self.delay is None else "both"
            raise InputError(f"classical link: wanted delay or length, got {got}")
        if self.length is None:
            assert self.delay is not None
            return float(self.delay)
        return float(self.length) / float(self.speed_of_light) * 1e9
