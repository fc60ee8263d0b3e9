"""Twilio's voice REST API for outgoing calls, simulated by a real HTTP server on this machine.

It accepts, lists, fetches, updates and deletes calls as `/2010-04-01/Accounts/{sid}/Calls` does,
lets each call live (queue, ring, answer, talk, end), sends signed status callbacks, reads TwiML
when a call is answered, and makes faults on demand under `/simulator/`. It is an independent
witness of which calls were created, and shares no code with what it checks. With `--data` its calls
survive a restart. It does NOT imitate:
sound (speech, recordings, real answering-machine detection), incoming calls, `<Dial>` and its child
calls, conferences, SIP, clients, applications, API keys and subaccounts, geographic permissions,
the cap on concurrent live calls (10004), billing beyond a flat price a minute, the eventual
consistency of reads, the XML form of the API, the Notifications, Events and Recordings
subresources, or the egress edges of connection overrides. Of what a request says, ApplicationSid, CallerId,
CallToken, ClientNotificationUrl, Byoc, SipAuthUsername, SipAuthPassword and Trim have no effect; docs/simulator.md
tells what the others do.
"""

import os
import sys

# One that was closed (`>&-`) is one that nobody reads; and no connection gets its number.
sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
