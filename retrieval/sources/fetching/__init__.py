"""Fetching: an address → what its site sends, from checked machines, within limits, as robots.txt allows."""
