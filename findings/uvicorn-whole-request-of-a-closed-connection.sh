#!/usr/bin/env bash
# uvicorn 0.54.0 (httptools and h11): a request that came whole is not given to an application that looks something up before it reads the
# body, if the sender has closed the connection meanwhile: receive() says http.disconnect, and the body is dropped. Tracking libraries that write
# to a socket and wait for no answer do so. One would expect the body first: all of it is in the server's memory. A client that stays a moment is heard.
# Seen: "closed at once: http.disconnect", "closed 0.5 s later: http.request, 5 bytes".
# Runs without Plural. Fails when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0
cat >send.py <<'PY'
import asyncio
import socket

import uvicorn

REQUEST = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello"
heard = []


async def app(scope, receive, send):
    await asyncio.sleep(0.1)  # it looks up a key first
    message = await receive()
    body = message.get("body")
    heard.append(message["type"] if body is None else f"{message['type']}, {len(body)} bytes")
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def main(http):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, http=http, loop="asyncio", lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        for pause in (0, 0.5):
            before = len(heard)
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(REQUEST)
            await writer.drain()
            await asyncio.sleep(pause)
            writer.close()
            while len(heard) == before:
                await asyncio.sleep(0.01)
        server.should_exit = True
        await serving


for http in ("httptools", "h11"):
    heard.clear()
    asyncio.run(main(http))
    print(f"{http}: closed at once: {heard[0]}; closed 0.5 s later: {heard[1]}")
    assert heard == ["http.disconnect", "http.request, 5 bytes"], heard
PY
timeout 60 env/bin/python send.py
