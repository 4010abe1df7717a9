"""How long the driver of a Ray cluster may take, for itself and for whoever starts it."""

CONNECT_TIMEOUT_S = 30.0
"""For the cluster to take us in."""

STOP_S = 6.0
"""For the actors to keep what was answered: a worker takes 5 s at the most."""
