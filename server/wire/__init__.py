"""The shapes of requests and answers, and how they are checked."""
