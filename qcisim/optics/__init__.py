"""Source, fibre, detector → LinkState, ClickTable, clicks and tallies."""

from qcisim.optics import entries, presets  # noqa: F401 - imported so that they register
from qcisim.optics.clicks import Clicks, ReceiverMemory, sample_clicks
from qcisim.optics.detector import Detector
from qcisim.optics.fibre import Fibre
from qcisim.optics.link import FibreLink
from qcisim.optics.pair_source import ContinuousPairSource, PairSource
from qcisim.optics.pairs import PairStates, pair_states
from qcisim.optics.raman import ClassicalChannel
from qcisim.optics.raman_table import RamanTable
from qcisim.optics.receiver import Receiver
from qcisim.optics.records import AliceRecord, BobRecord, split
from qcisim.optics.source import Pulse, SinglePhotonSource, Source, WeakCoherentSource
from qcisim.optics.states import LinkState, LinkStates
from qcisim.optics.table import ClickTable, ClickTables, click_table, click_tables
from qcisim.optics.tally import Tallies, Tally, expected_tallies, expected_tally, sample_tallies, sample_tally

__all__ = [
    "AliceRecord",
    "BobRecord",
    "ClassicalChannel",
    "ClickTable",
    "ClickTables",
    "Clicks",
    "ContinuousPairSource",
    "Detector",
    "Fibre",
    "FibreLink",
    "LinkState",
    "LinkStates",
    "PairSource",
    "PairStates",
    "Pulse",
    "RamanTable",
    "Receiver",
    "ReceiverMemory",
    "SinglePhotonSource",
    "Source",
    "Tallies",
    "Tally",
    "WeakCoherentSource",
    "click_table",
    "click_tables",
    "expected_tallies",
    "expected_tally",
    "pair_states",
    "sample_clicks",
    "sample_tallies",
    "sample_tally",
    "split",
]
