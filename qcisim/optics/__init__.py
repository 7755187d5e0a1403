"""Source, fibre, detector → LinkState, ClickTable, clicks and tallies."""

from qcisim.optics import entries, presets  # noqa: F401 - imported so that they register
from qcisim.optics.clicks import Clicks, ReceiverMemory, sample_clicks
from qcisim.optics.detector import Detector
from qcisim.optics.fibre import Fibre
from qcisim.optics.link import FibreLink, LinkState
from qcisim.optics.pair_source import PairSource
from qcisim.optics.raman import ClassicalChannel
from qcisim.optics.raman_table import RamanTable
from qcisim.optics.receiver import Receiver
from qcisim.optics.records import AliceRecord, BobRecord, split
from qcisim.optics.source import Pulse, SinglePhotonSource, Source, WeakCoherentSource
from qcisim.optics.table import ClickTable, click_table
from qcisim.optics.tally import Tally, expected_tally, sample_tally

__all__ = [
    "AliceRecord",
    "BobRecord",
    "ClassicalChannel",
    "ClickTable",
    "Clicks",
    "Detector",
    "Fibre",
    "FibreLink",
    "LinkState",
    "PairSource",
    "Pulse",
    "RamanTable",
    "Receiver",
    "ReceiverMemory",
    "SinglePhotonSource",
    "Source",
    "Tally",
    "WeakCoherentSource",
    "click_table",
    "expected_tally",
    "sample_clicks",
    "sample_tally",
    "split",
]
