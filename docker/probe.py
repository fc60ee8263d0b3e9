"""The health check of the images that speak HTTP: python probe.py URL ends with 0 if a GET answers 200 in time."""

import http.client
import sys
import urllib.error
import urllib.request

#: Less than the images' health checks allow, so that the reason is seen and not a kill.
ANSWER_SECONDS = 4
#: Docker names those of its own configuration to every container, and none of them leads back into this one.
_PAST_PROXIES = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main(url: str) -> int:
    try:
        with _PAST_PROXIES.open(url, timeout=ANSWER_SECONDS):
            return 0
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        print(f"{url} does not answer as it should: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
