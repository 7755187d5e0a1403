"""The report of a run: one offline page, and tables for the terminal. No physics."""

from qcisim.report.page import write_report
from qcisim.report.pass_figure import pass_figure
from qcisim.report.table import demand_table, summary_table

__all__ = ["demand_table", "pass_figure", "summary_table", "write_report"]
