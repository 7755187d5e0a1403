"""What users, authors of plug-ins and the tests may check: reference cases, and laws that every interface keeps."""

from qcisim.testing.cases import Case, CaseResult, Unsupported, load_cases, parse_cases, shipped_cases
from qcisim.testing.check_bound import check_bound
from qcisim.testing.check_link import check_link
from qcisim.testing.check_protocol import check_protocol
from qcisim.testing.rendering import print_cases, render_cases
from qcisim.testing.runner import FAILURES, exit_code, run_case, run_cases, write_json
from qcisim.testing.verdict import link_status, qkd_verdict, status_of

__all__ = [
    "FAILURES",
    "Case",
    "CaseResult",
    "Unsupported",
    "check_bound",
    "check_link",
    "check_protocol",
    "exit_code",
    "link_status",
    "load_cases",
    "parse_cases",
    "print_cases",
    "qkd_verdict",
    "render_cases",
    "run_case",
    "run_cases",
    "shipped_cases",
    "status_of",
    "write_json",
]
