"""How each kind of request is answered, for endpoints and for lines of batches alike."""
