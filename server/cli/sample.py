"""The first try: a few questions sent through the server's own REST and MCP endpoints, and a config to paste.

Plain HTTP with httpx, as any client would: what is printed has been over the wire.
"""

import json
from typing import Any

import httpx

from server.cli.console import err, out
from server.cli.show import show
from server.http.public_address import mcp_url
from server.settings import Settings

TIMEOUT_S = 120.0

CONTRACT = (
    "Section 4.1 Working hours are 9 to 5, Monday to Friday. Section 4.2 Employees must work on site at least three "
    "days per week and live within 50 miles of headquarters."
)
REST_SAMPLES = (
    {"prompt": "Where is the Eiffel Tower?", "output": "The Eiffel Tower is located in Rome."},
    {
        "prompt": "What's the invoice date?",
        "output": "The invoice date is May 22, 2025.",
        "context": "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30 Ref:PO451C",
    },
)
MCP_SAMPLE = {
    "prompt": "Does this employment contract allow unlimited remote work?",
    "response": "Yes, this employment contract allows unlimited remote work.",
    "documentContent": CONTRACT,
}


def run_sample(url: str, settings: Settings) -> None:
    """Sends the samples and prints what comes back. A failure is printed, and the server goes on.

    Where callers need a key and the settings have none, none is sent: of stored keys only digests are known.
    """
    if settings.needs_keys and not settings.api_keys:
        err.print(
            "No sample is sent: the server asks for a key, and of those in its store it knows no more than digests. "
            "Send one of yours:",
            soft_wrap=True,
        )
        out.print(_curl(url), markup=False, soft_wrap=True)
        _print_config(url, settings)
        return
    headers = {"x-api-key": settings.api_keys[0].get_secret_value()} if settings.api_keys else {}
    # The address is our own; a proxy from the environment has no business with it.
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as client:
        try:
            for sample in REST_SAMPLES:
                out.print(f"\nPOST {url}/v1/verify/reliability", style="dim")
                show(out, sample["prompt"], sample["output"], _over_rest(client, sample))
            out.print(f"\nMCP tools/call verify_document at {url}/v1/mcp", style="dim")
            show(out, MCP_SAMPLE["prompt"], MCP_SAMPLE["response"], _over_mcp(client, MCP_SAMPLE))
        except (httpx.HTTPError, KeyError, ValueError) as error:
            err.print(f"the sample failed: {error!r}", markup=False, style="red")
            return
    _print_config(url, settings)


def _print_config(url: str, settings: Settings) -> None:
    out.print("\nPaste this into your MCP client (Cursor's mcp.json; others are in client-configs/):", style="bold")
    out.print_json(json.dumps(_client_config(settings.public_url or url, settings.needs_keys)))
    out.print(f"\nServing on {url}. Ctrl-C stops.", style="bold")


def _curl(url: str) -> str:
    return (
        f"curl {url}/v1/verify/reliability -H 'Authorization: Bearer YOUR_API_KEY' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(REST_SAMPLES[0])}'"
    )


def _over_rest(client: httpx.Client, sample: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = client.post("/v1/verify/reliability", json=sample).raise_for_status().json()
    return body


def _over_mcp(client: httpx.Client, arguments: dict[str, str]) -> dict[str, Any]:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "verify_document", "arguments": arguments},
    }
    answer = client.post("/v1/mcp", json=call, headers={"accept": "application/json"}).raise_for_status()
    body: dict[str, Any] = answer.json()["result"]["structuredContent"]
    return body


def _client_config(url: str, with_key: bool) -> dict[str, Any]:
    server: dict[str, Any] = {"url": mcp_url(url)}
    if with_key:
        server["headers"] = {"Authorization": "Bearer YOUR_API_KEY"}
    return {"mcpServers": {"touchstone": server}}
