"""What a page shows before anybody opens a fold."""

from __future__ import annotations

from html.parser import HTMLParser


class _Unfolded(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.closed: list[bool] = []  # for each <details> around: is it closed?
        self.in_summary = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            self.closed.append("open" not in dict(attrs))
        elif tag == "summary":
            self.in_summary = len(self.closed)

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self.closed.pop()
        elif tag == "summary":
            self.in_summary = 0

    def handle_data(self, data: str) -> None:
        hidden = self.closed[: self.in_summary - 1] if self.in_summary else self.closed
        if not any(hidden):
            self.text.append(data)


def unfolded(page: str) -> str:
    """Collect the text of HTML that stands outside closed ``<details>``, summaries among it.

    Examples
    --------
    >>> unfolded("<p>a<details><summary>b</summary>c<b>d</b></details>e</p>")
    'abe'
    """
    parser = _Unfolded()
    parser.feed(page)
    parser.close()
    return "".join(parser.text)
