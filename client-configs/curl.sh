#!/usr/bin/env bash
# Calls a Touchstone server with nothing but curl: REST, then MCP.
# BASE_URL is where the server is, API_KEY its key; on 127.0.0.1 no key is needed.
set -euo pipefail

BASE_URL="${BASE_URL:-http://127.0.0.1:3001}"
BASE_URL="${BASE_URL%/}"

call() { # path, body
  curl --fail-with-body --silent --show-error --max-time 130 "$BASE_URL$1" \
    --header "Content-Type: application/json" \
    --header "Accept: application/json" \
    ${API_KEY:+--header "Authorization: Bearer $API_KEY"} \
    --data "$2"
  echo
}

# An answer on its own: against the local corpus and, unless switched off, the web.
call /v1/verify/reliability '{
  "prompt": "Where is the Eiffel Tower?",
  "output": "The Eiffel Tower is located in Rome."
}'

# An answer about a document: only the document counts.
call /v1/verify/reliability '{
  "prompt": "What is the invoice date?",
  "output": "The invoice date is May 22, 2025.",
  "context": "InvID:INV7701B Co:OptiTech Client:Acme Amt:7116GBP Date:22May25 Due:21Jun25 Terms:N30 Ref:PO451C"
}'

# The tools that an assistant sees.
call /v1/mcp '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'

# A tool call as an assistant makes it. No handshake is needed.
call /v1/mcp '{
  "jsonrpc": "2.0",
  "id": 2,
  "method": "tools/call",
  "params": {
    "name": "verify_document",
    "arguments": {
      "prompt": "Does this employment contract allow unlimited remote work?",
      "response": "Yes, this employment contract allows unlimited remote work.",
      "documentContent": "Section 4.2 Employees must work on site at least three days per week."
    }
  }
}'
