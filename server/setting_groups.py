"""Settings that have something in common, by their names."""

NEVER_SHOWN = frozenset(
    {
        "api_keys",
        "engine_key",
        "engine_url",
        "database_url",
        "blobs_url",
        "limits_url",
        "public_url",
        "webhook_secret",
        "traces_url",
        "webhook_url",
    }
)
"""Settings whose values are keys, or may hold a password where one does not belong."""

LISTENING_SETTINGS = frozenset(
    {
        "host",
        "port",
        "api_keys",
        "require_keys",
        "allowed_hosts",
        "allowed_origins",
        "body_bytes_max",
        "body_timeout_s",
        "connections_max",
        "connections_per_address_max",
        "send_timeout_s",
        "stop_timeout_s",
        "batches_max",
        "disk_free_bytes_min",
        "file_bytes_max",
        "upload_part_bytes_max",
        "executor",
        "ray_address",
        "ray_actors",
        "default_plan",
        "limits_url",
        "public_url",
    }
)
"""Settings that mean something only where callers come in, or where it is chosen who works."""
