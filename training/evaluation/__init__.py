"""How good the judge is: labelled records asked of a real server, measured, and set beside baselines."""
