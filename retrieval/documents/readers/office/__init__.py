"""Readers of office files: DOCX, PPTX, XLSX."""
