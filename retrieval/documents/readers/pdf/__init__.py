"""The reader of PDF: words become lines, lines become paragraphs; scans are recognised."""
