"""The MCP face of the house: tools, resource, prompt, over streamable HTTP and stdio. It alone knows the SDK.

Stateless, so that a bare `tools/call` works with no `initialize`, a restart loses nobody, and any process may answer.
A client that accepts `text/event-stream` gets one, with progress per claim; one that accepts only JSON gets JSON.
Either way the work ends when the client leaves. There is no stream to GET and no session to DELETE: both answer 405.
What a caller or its model can mend comes back as an `isError` result in words.
"""
