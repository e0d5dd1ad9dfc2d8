"""Reports as files: spreadsheets and PDFs."""
