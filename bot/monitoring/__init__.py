"""What the person who runs Quoth can watch: the log, the metrics, and statistics of what is asked."""
