"""What the server tells of itself: log, figures for Prometheus, traces."""
