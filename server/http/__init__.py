"""HTTP itself: connections, heads, bodies, streams. It knows no route and no caller."""
