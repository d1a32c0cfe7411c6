"""What is found on one page of a PDF: reading order, tables, notes, and text that is none."""
