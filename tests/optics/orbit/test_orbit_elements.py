"""Two-line elements: published vectors, age, refusals."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from orbit_samples import DECAYING, MICIUS, VANGUARD

from qcisim.errors import InputError, PhysicsError
from qcisim.optics.orbit import Epoch, TwoLineElements, along_track_error_km


def test_published_vectors() -> None:
    """Vallado et al., AIAA 2006-6753, verification output for satellite 00005 at 0 and 360 minutes."""
    elements = TwoLineElements(*VANGUARD)
    position, velocity = elements.teme(elements.epoch, np.array([0.0, 21600.0]))
    expected = [[7022.46529266, -1400.08296755, 0.03995155], [-7154.03120202, -3783.17682504, -3536.19412294]]
    assert position == pytest.approx(np.array(expected), abs=2e-5)  # the epoch is kept to the microsecond: 8 mm
    expected = [[1.893841015, 6.405893759, 4.534807250], [4.741887409, -4.151817765, -2.093935425]]
    assert velocity == pytest.approx(np.array(expected), abs=2e-8)


def test_shapes_follow_the_times() -> None:
    elements = TwoLineElements(*VANGUARD)
    grid = np.arange(6.0).reshape(2, 3)
    position, velocity = elements.teme(elements.epoch, grid)
    assert position.shape == velocity.shape == (2, 3, 3)
    alone, _ = elements.teme(elements.epoch, 4.0)
    assert alone.shape == (3,)
    assert (alone == position[1, 1]).all()


def test_epoch_number_and_age(micius: dict[int, TwoLineElements]) -> None:
    elements = micius[2016]
    assert elements.number == "41731"
    assert elements.epoch.text == "2016-12-19T13:39:33.153408Z"
    assert elements.age_days(elements.epoch.plus(86400.0)) == pytest.approx(1.0, abs=1e-12)
    assert elements.age_days(Epoch.parse("2016-12-18T13:39:33.153408Z")) == pytest.approx(-1.0, abs=1e-12)


def test_error_along_the_track_has_the_size_that_real_elements_show(micius: dict[int, TwoLineElements]) -> None:
    """Two sets of Micius elements 56 days apart: what one says of the other's epoch, against the estimate."""
    for old, new in ((2016, 2017), (2017, 2016)):
        epoch = micius[new].epoch
        there, velocity = micius[new].teme(epoch, 0.0)
        missed = micius[old].teme(epoch, 0.0)[0] - there
        along = abs(float(missed @ velocity / np.linalg.norm(velocity)))
        assert np.linalg.norm(missed) == pytest.approx(along, rel=1e-3)  # nearly all of it is along the track
        assert 0.3 < along / along_track_error_km(micius[old].age_days(epoch)) < 3.0
    assert along_track_error_km(0.0) == 1.0
    assert along_track_error_km(-14.0) == along_track_error_km(14.0) == 43.0


LINE1, LINE2 = MICIUS[2016]


@pytest.mark.parametrize(
    ("line1", "line2", "says"),
    [
        (LINE1[:-1], LINE2, "line1: wanted 69 columns, got 68"),
        (LINE1, LINE2 + " 7", "line2: wanted 69 columns, got 71"),
        ("", LINE2, "line1: wanted 69 columns, got 0"),
        (LINE2, LINE1, "line1: wanted it to begin with '1 ', got '2 '"),
        (LINE1, LINE1, "line2: wanted it to begin with '2 ', got '1 '"),
        (LINE1[:-1] + "3", LINE2, "line1: its checksum is 1, the last column says '3'"),
        (LINE1, LINE2.replace("268.1064", "268.1164"), "line2: its checksum is 5, the last column says '4'"),
        (LINE1, VANGUARD[1], "satellite 41731 in line1 and 00005 in line2: .* different satellites"),
        (LINE1.replace("A", "\N{GREEK CAPITAL LETTER ALPHA}"), LINE2, "line1: wanted 69 columns"),
        (
            LINE1,
            "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 00.00000000 19167",
            "line2: mean motion .* '00.00000000': wanted a number",
        ),
        (
            LINE1,
            "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 xx.xxxxxxxx 19167",
            "line2: mean motion .* 'xx.xxxxxxxx': wanted a number",
        ),
        (
            LINE1,
            "2 41731 197.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19165",
            "line2: inclination .* to 180",
        ),
        ("1 41731U 16051A   16399.56913372  .00000384  00000-0  18801-4 0  9990", LINE2, "line1: day of the epoch"),
    ],
)
def test_damaged_elements_are_refused(line1: str, line2: str, says: str) -> None:
    with pytest.raises(PhysicsError, match=says):
        TwoLineElements(line1, line2)


def test_blanks_and_line_ends_at_the_end_do_not_matter() -> None:
    assert TwoLineElements(LINE1 + " \n", LINE2 + "\r\n") == TwoLineElements(LINE1, LINE2)


def test_elements_travel_between_processes(micius: dict[int, TwoLineElements]) -> None:
    for there in (pickle.loads(pickle.dumps(micius[2016])), copy.deepcopy(micius[2016])):
        assert there == micius[2016]
        assert (there.teme(there.epoch, 60.0)[0] == micius[2016].teme(there.epoch, 60.0)[0]).all()
        assert pickle.loads(pickle.dumps(there.epoch)) == there.epoch


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(PhysicsError, match="line2: wanted text of 69 columns, got NoneType"):
        TwoLineElements(LINE1, None)  # type: ignore[arg-type]


def test_a_decayed_satellite_is_said_to_be_one_and_when() -> None:
    """Vallado et al., AIAA 2006-6753: satellite 22312, elements of its last day; SGP4 ends after 7.9 hours."""
    elements = TwoLineElements(*DECAYING)
    elements.teme(elements.epoch, 60.0 * 470.0)
    with pytest.raises(
        InputError, match=r"satellite 22312 on 2006-04-04T19:.*Z: .*\(SGP4 error .\).* decayed"
    ) as raised:
        elements.teme(elements.epoch, 60.0 * np.arange(0.0, 1440.0, 10.0))
    assert isinstance(raised.value, PhysicsError)


def test_a_time_that_is_not_finite_is_refused() -> None:
    with pytest.raises(PhysicsError, match="not finite"):
        TwoLineElements(*VANGUARD).teme(Epoch(2000, 6, 28), np.array([0.0, np.nan]))
