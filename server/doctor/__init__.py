"""What `touchstone doctor` looks at: one small function a check, in a module for each thing that is checked."""
