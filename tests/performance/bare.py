"""What uvicorn alone can do: a constant of 12 bytes, or a page of 6 kB, and nothing else."""

from starlette.types import Receive, Scope, Send

SHORT = b'{"ok": true}'
PAGE = b'{"items":[' + b'"0123456789",' * 470 + b'""]}'


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, whatever is asked."""
    if scope["type"] != "http":
        await _live(receive, send)
        return
    body = PAGE if scope["path"] == "/page" else SHORT
    length = b"%d" % len(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})
