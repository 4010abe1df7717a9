"""The headings under which `--help` lists settings: what matters first, then the rest by what it is about.

A test holds them against the settings: each stands under one heading.
"""

TO_BEGIN_WITH = "To begin with"

HEADINGS: dict[str, tuple[str, ...]] = {
    TO_BEGIN_WITH: (
        "host",
        "port",
        "data_dir",
        "api_keys",
        "engine_url",
        "engine_key",
        "model",
        "judge_model",
        "web_search",
        "log_level",
    ),
    "Who may call, and how much": (
        "require_keys",
        "public_url",
        "allowed_hosts",
        "allowed_origins",
        "plans_file",
        "default_plan",
        "limits_url",
    ),
    "Verifying": (
        "cpu_judge",
        "judge_profile",
        "starter_corpus",
        "web_timeout_s",
        "passages_per_claim",
        "claims_max",
        "prompt_chars_max",
        "response_chars_max",
        "document_chars_max",
        "verify_timeout_s",
        "running_max",
        "waiting_max",
    ),
    "Language models": (
        "engine_context_tokens",
        "engine_running_max",
        "engine_timeout_s",
        "engine_answer_timeout_s",
        "engine_start_timeout_s",
        "vllm",
        "vllm_args",
        "lora",
    ),
    "Files and batches": (
        "file_bytes_max",
        "upload_part_bytes_max",
        "disk_free_bytes_min",
        "batches_max",
        "batch_lines_max",
        "batch_lines_running_max",
        "batch_mixed_models",
        "webhook_url",
        "webhook_secret",
    ),
    "Several machines": ("database_url", "blobs_url", "executor", "ray_address", "ray_actors"),
    "Connections": (
        "body_bytes_max",
        "body_timeout_s",
        "send_timeout_s",
        "connections_max",
        "connections_per_address_max",
        "stop_timeout_s",
    ),
    "Log and traces": ("log_format", "traces_url", "traces_ratio"),
}

HEADING_OF = {name: heading for heading, names in HEADINGS.items() for name in names}

PLACES = {name: place for place, name in enumerate(HEADING_OF)}
"""In which order settings are listed."""

UNDER_ONE_HEADING_MAX = 12
"""Settings that a command may take before they are listed under several headings."""
