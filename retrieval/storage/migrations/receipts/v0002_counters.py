"""Numbers of pins that were used, counted alike in every database."""

from retrieval.columns import create_counters

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_counters()
