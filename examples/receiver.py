"""Receives the events of calls, and believes only what is signed for its own address.

TWILIO_AUTH_TOKEN=… python examples/receiver.py --public-url https://example.com --port 9000

Queue a call with `"status_callback_url": "https://example.com/events"`. The public URL is the one that the client
gave, whatever a proxy in front makes of it: the signature is for that.
"""

import argparse
import os

from aiohttp import web
from twilio.request_validator import RequestValidator


class Receiver:
    """A handler that knows what it is called outside."""

    def __init__(self, public_url: str, auth_token: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._validator = RequestValidator(auth_token)
        self._seen: set[tuple[str, str]] = set()

    async def receive(self, request: web.Request) -> web.Response:
        """204 only once an event is dealt with: any other answer has it sent again, for a day."""
        form = await request.post()
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self._validator.validate(self._public_url + request.raw_path, form, signature):
            return web.Response(status=403)
        task, number = str(form["TaskId"]), str(form["SequenceNumber"])
        status = str(form.get("CallStatus") or form.get("TaskStatus"))  # a campaign's event has the latter
        if (task, number) not in self._seen:  # an event may come twice
            self._seen.add((task, number))
            print(f"{task} {status}", flush=True)
        return web.Response(status=204)


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Receives the events of calls.")
    parser.add_argument("--public-url", required=True)
    parser.add_argument("--port", type=int, default=9000)
    options = parser.parse_args()
    app = web.Application()
    app.router.add_post("/events", Receiver(options.public_url, os.environ["TWILIO_AUTH_TOKEN"]).receive)
    web.run_app(app, host="127.0.0.1", port=options.port)


if __name__ == "__main__":
    main()
