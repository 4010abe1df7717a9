"""The ASGI application: every route, and the layers that a request passes on its way in.

Observed (request id, log, metrics) -> Gate (host, origin, key) -> BoundedBody (size, time) -> Direct (the endpoints
that are called most) -> routes.
`create_app` builds and does no I/O; the lifespan opens and closes.
"""

import contextlib
from collections.abc import AsyncIterator
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from inference.errors import TouchstoneError
from server.access import Gate
from server.accounts.doors import MCP_PATHS
from server.accounts.last_use import writing_last_use
from server.accounts.usage_meter import writing_usage
from server.background.executing import build_executor
from server.background.sweeping import sweeping
from server.background.webhooks import sending_webhooks
from server.errors import Row, error_response, response_of
from server.house import House, build_house, keeping, loading_judge, open_house, running_models
from server.http.body import BoundedBody
from server.http.direct import Direct, Endpoint, Handler
from server.http.exact_route import ExactRoute, without_slash
from server.mcp.endpoint import McpEndpoint
from server.observe.observed import Observed
from server.openapi.description import openapi
from server.routes.api_keys import ApiKeyEndpoint, ApiKeysEndpoint, rotate_api_key
from server.routes.batches import BatchesEndpoint, cancel_batch, get_batch
from server.routes.chat import chat_completions, completions
from server.routes.embeddings import embeddings
from server.routes.files import FileEndpoint, FilesEndpoint, file_content
from server.routes.health import health, metrics, ready, root
from server.routes.mcp_tokens import disable_mcp, enable_mcp, mcp_status
from server.routes.models import get_model, list_models
from server.routes.uploads import add_upload_part, cancel_upload, complete_upload, create_upload
from server.routes.usage import get_usage
from server.routes.verify import verify_reliability
from server.settings import Settings


def create_app(settings: Settings, house: House | None = None) -> Starlette:
    """The application over `house`, or over the house that `settings` describe. Raises SettingsError."""
    house = house or build_house(settings)
    house.accounts.plans.check_default(settings.default_plan)
    mcp = McpEndpoint(house)
    executor = build_executor(house)
    house.batches.bell.listen(executor.wake)
    endpoints: dict[str, Endpoint] = {
        "/v1/chat/completions": chat_completions,
        "/v1/completions": completions,
        "/v1/embeddings": embeddings,
        "/v1/verify/reliability": verify_reliability,
    }
    handlers: dict[type[Exception], Handler] = {
        TouchstoneError: _ours,
        HTTPException: _of_starlette,
        ClientDisconnect: _client_gone,
    }
    routes = [
        ExactRoute("/", root),
        ExactRoute("/health", health),
        ExactRoute("/ready", ready),
        ExactRoute("/metrics", metrics),
        ExactRoute("/openapi.json", openapi),
        ExactRoute("/v1/models", list_models),
        ExactRoute("/v1/models/{model:path}", get_model),
        ExactRoute("/v1/batches", BatchesEndpoint),
        ExactRoute("/v1/batches/{batch_id}", get_batch),
        ExactRoute("/v1/batches/{batch_id}/cancel", cancel_batch, methods=["POST"]),
        ExactRoute("/v1/files", FilesEndpoint),
        ExactRoute("/v1/files/{file_id}", FileEndpoint),
        ExactRoute("/v1/files/{file_id}/content", file_content),
        ExactRoute("/v1/usage", get_usage),
        ExactRoute("/v1/api-keys", ApiKeysEndpoint),
        ExactRoute("/v1/api-keys/{key_id}", ApiKeyEndpoint),
        ExactRoute("/v1/api-keys/{key_id}/rotate", rotate_api_key, methods=["POST"]),
        ExactRoute("/v1/uploads", create_upload, methods=["POST"]),
        ExactRoute("/v1/uploads/{upload_id}/parts", add_upload_part, methods=["POST"]),
        ExactRoute("/v1/uploads/{upload_id}/complete", complete_upload, methods=["POST"]),
        ExactRoute("/v1/uploads/{upload_id}/cancel", cancel_upload, methods=["POST"]),
        ExactRoute("/v1/mcp/status", mcp_status),
        ExactRoute("/v1/mcp/enable", enable_mcp, methods=["POST"]),
        ExactRoute("/v1/mcp/disable", disable_mcp, methods=["POST"]),
        *(ExactRoute(path, mcp, methods=["POST"]) for path in sorted(MCP_PATHS)),
        *(
            ExactRoute(path, endpoint, methods=["POST"]) for path, endpoint in endpoints.items()
        ),  # for other methods: a 405
    ]

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_house(house),
            house.watching.tracing.running(),  # to the end of whatever may still be traced
            keeping(house, patiently=True),
            writing_last_use(house.accounts.last_use),
            writing_usage(house.accounts.meter),  # to the end of whatever may still use something
            running_models(house),
            loading_judge(house),
            mcp.run(),
        ):
            app.state.stored_keys = await house.accounts.count_keys()
            await executor.start()
            try:
                async with (
                    contextlib.aclosing(house.accounts.limiter),
                    sweeping(house.storage),
                    sending_webhooks(settings, house.storage.database),
                ):
                    yield
            finally:
                await executor.aclose()

    app = _Application(
        routes=routes,
        middleware=[
            Middleware(
                Observed,
                metrics=house.metrics,
                live=house.live,
                watching=house.watching,
                routes=frozenset(route.path for route in routes),
            ),
            Middleware(Gate, settings=settings, accounts=house.accounts),
            Middleware(BoundedBody, settings=settings),
            Middleware(Direct, endpoints=endpoints, handlers=handlers),
        ],
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.house = house
    app.state.executor = executor
    return app


class _Application(Starlette):
    """Without Starlette's outermost layer, which answers when all else failed: `Observed` does, and each event of a
    stream would pass that layer too."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        for layer, args, kwargs in reversed(self.user_middleware):
            app = layer(app, *args, **kwargs)
        return app


async def _ours(request: Request, error: Exception) -> Response:
    return response_of(cast(TouchstoneError, error))  # Starlette hands a handler only what it was registered for


async def _of_starlette(request: Request, raised: Exception) -> Response:
    """Starlette's own refusals: an unknown path, a method that a path does not take."""
    error = cast(HTTPException, raised)
    if error.status_code == 404:
        if there := without_slash(request.app.routes, request.scope):
            return Response(status_code=307, headers={"location": there})
        message, code = f"there is nothing at {request.url.path}; /openapi.json lists what there is", "not_found"
    elif error.status_code == 405:
        message, code = f"{request.url.path} does not take {request.method}", "method_not_allowed"
    else:
        message, code = error.detail, "invalid_request"
    row = Row(error.status_code, "invalid_request_error", code)
    return error_response(message, row, headers=dict(error.headers or {}))


async def _client_gone(request: Request, error: Exception) -> Response:
    """Nobody reads this; it ends the request in order, and the log shows that the client left."""
    return Response(status_code=499)
