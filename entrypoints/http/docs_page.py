"""/docs: the OpenAPI document as a page to read and try, with nothing from another host."""

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from entrypoints.http.errors import Problem

Endpoint = Callable[[Request], Awaitable[Response]]

PACKAGE = "fastapi_standalone_docs"
"""Ships Swagger UI as its makers build it; nothing of its code is run."""

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}

HEADERS = {
    # data: is for the arrows and ticks that Swagger UI's style sheet draws.
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>loapi</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript; <a href="/openapi.json">the document</a> does not.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

# Swagger UI would send the document's address to a validator of its makers.
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
});
"""


def docs_routes(production: bool) -> list[Route]:
    """Give the routes of /docs; production has none, as it has no OpenAPI document."""
    if production:
        return []
    folder = assets()
    if folder is None:
        return [Route(f"/docs{slash}", _absent) for slash in ("", "/")]
    return [
        *(Route(f"/docs{slash}", _text(PAGE, "text/html")) for slash in ("", "/")),
        Route("/docs/start.js", _text(START, "text/javascript")),
        *(Route(f"/docs/{name}", _file(folder / name, kind)) for name, kind in ASSETS.items()),
    ]


def assets() -> Path | None:
    """Give the folder with Swagger UI's files; none where the package is not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "static" / "swagger"
    return folder if all((folder / name).is_file() for name in ASSETS) else None


def _text(text: str, kind: str) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return Response(text, headers=HEADERS, media_type=kind)

    return answer


def _file(path: Path, kind: str) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return FileResponse(path, headers=HEADERS, media_type=kind)

    return answer


async def _absent(_request: Request) -> Response:
    raise Problem("not-found", f"This page needs the package {PACKAGE.replace('_', '-')}.")
