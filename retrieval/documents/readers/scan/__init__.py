"""Scans and photographs: recognises the text of pictures, for those who have installed the extra `ocr`."""
