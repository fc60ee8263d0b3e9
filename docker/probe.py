"""The health check of the images that speak HTTP: python probe.py URL ends with 0 if a GET answers 200 in time."""

import http.client
import sys
import urllib.error
import urllib.request

#: Less than the images' health checks allow, so that the reason is seen and not a kill.
ANSWER_SECONDS = 4


def main(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):  # noqa: S310 - the image says which
            return 0
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        print(f"{url} does not answer as it should: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
