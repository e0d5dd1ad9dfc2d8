"""The `ReportWriter` port: a paper as a spreadsheet or a PDF."""

from __future__ import annotations

from dialer.domain.errors import InvalidError
from dialer.papers.book import book_of
from dialer.services.ports.report_files import Paper


class ReportFilesWriter:
    """Writes papers."""

    def write(self, paper: Paper, format_: str) -> bytes:
        """See ReportWriter."""
        if format_ == "xlsx":
            return book_of(paper)
        if format_ == "pdf":
            from dialer.papers.pdf import pdf_of  # with Pillow and fonttools: not at every start

            return pdf_of(paper)
        raise InvalidError("xlsx of pdf", "format")
