"""A page as a test reads it: tags that close, nothing that reaches out, the words that are seen."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from qcisim.report import write_report

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Checks that tags close, and collects what can reach out, ids and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.reaches: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
                self.reaches.append((tag, value or ""))
        assert tag not in ("script", "iframe", "link", "img", "object", "embed", "form")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[\s\u202f\u00a0]+", " ", " ".join(self.words))


def written(result: Any, folder: Path) -> tuple[str, Page]:
    html = write_report(result, folder / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    assert all(value.startswith("#") and value[1:] in page.ids for _, value in page.reaches)
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/)", html)
    for svg in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        ElementTree.fromstring(svg)
        assert "#0b" not in svg  # every stand-in colour became one of the page
    assert not re.search(r"\bnan\b|\binf\b|None|Undefined", page.text)
    return html, page


def figures(html: str) -> list[str]:
    return re.findall(r'<svg[^>]*aria-label="([^"]*)"', html)
