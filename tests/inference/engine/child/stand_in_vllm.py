"""Stands in for vLLM where only its life matters: takes its flags, serves `/health`, a list of models and adapters.

`--behave` makes it misbehave: "fail" (ends at the start, with a traceback like vLLM's), "fail-once:FILE" (the first
time only), "hang" (never listens), "stubborn" (ignores SIGTERM), "mute:FILE" (answers no /health once FILE is there).
In the list of models it tells its process ids, arguments and what it got by environment. Standard library only.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FAILURE = """\
(EngineCore pid=7) ERROR 11-25 21:55:10 [core.py:1512] Traceback (most recent call last):
(EngineCore pid=7) ERROR 11-25 21:55:10 [core.py:1512]   File "core.py", line 1, in run
(EngineCore pid=7) ERROR 11-25 21:55:10 [core.py:1512] ValueError: the weights are of another planet
(APIServer pid=6) Traceback (most recent call last):
(APIServer pid=6) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}"""


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("model_tag", nargs="?")
    for name in ("model", "host", "served-model-name", "scheduling-policy", "structured-outputs-config.backend"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--structured-outputs-config.disable_any_whitespace")
    for name in ("runner", "max-model-len", "gpu-memory-utilization", "max-loras", "max-lora-rank"):
        parser.add_argument(f"--{name}")
    for name in ("enable-prefix-caching", "enable-lora", "no-enable-lora", "disable-uvicorn-access-log"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--port", type=int)
    parser.add_argument("--behave", default="")
    return parser.parse_args()


def misbehave(behave: str) -> None:
    kind, _, file = behave.partition(":")
    if kind == "fail" or (kind == "fail-once" and not Path(file).exists()):
        if file:
            Path(file).touch()
        print(FAILURE, file=sys.stderr)
        sys.exit(1)
    if kind == "hang":
        threading.Event().wait()
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def main() -> None:
    args = flags()
    # Like vLLM's engine core: a process of the same group.
    core = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    print(f"INFO 11-25 21:55:10 [stand_in.py:1] core {core.pid} main {os.getpid()}", flush=True)
    misbehave(args.behave)
    mute = Path(args.behave.partition(":")[2]) if args.behave.startswith("mute:") else None
    adapters: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                self.answer(503 if mute and mute.exists() else 200, {})
            elif self.headers.get("authorization") != f"Bearer {os.environ.get('VLLM_API_KEY')}":
                self.answer(401, {"error": "Unauthorized"})
            else:
                self.answer(200, {"object": "list", "data": [*models()]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = body["lora_name"]
            if self.path == "/v1/unload_lora_adapter":
                adapters.pop(name)
                self.answer(200, {})
            elif not Path(body["lora_path"]).is_dir():
                message = f"Loading lora {name} failed: No adapter found for <path>"
                self.answer(404, {"error": {"message": message, "type": "NotFoundError", "param": None, "code": 404}})
            else:
                adapters[name] = body["lora_path"]
                self.answer(200, {})

        def answer(self, status: int, body: object) -> None:
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            pass

    def models() -> list[dict[str, object]]:
        told = {
            "main": os.getpid(),
            "core": core.pid,
            "arguments": sys.argv[1:],
            "environment": {name: value for name, value in os.environ.items() if name != "VLLM_API_KEY"},
        }
        mine = {"id": args.served_model_name, "object": "model", "owned_by": "vllm", "told": told}
        return [
            mine,
            *({"id": name, "object": "model", "owned_by": "vllm", "root": adapters[name]} for name in adapters),
        ]

    ThreadingHTTPServer((args.host, args.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
