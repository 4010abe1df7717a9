"""What goes on beside requests: batches are worked off, files swept away, webhooks sent."""
