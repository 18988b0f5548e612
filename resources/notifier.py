"""Telling people: a JSON message to a webhook, if one is set.

Belongs here: sending. Does not belong here: deciding what is worth telling (sensors/failures.py).
"""

from __future__ import annotations

import logging

from resources.settings import Settings

LOG = logging.getLogger("observatory.notifier")


class Notifier:
    """Posts ``{"text": …}`` to ``settings.webhook``; without one, only logs."""

    def __init__(self, settings: Settings) -> None:
        self.webhook = settings.webhook

    def tell(self, text: str) -> bool:
        """Send one message; True if a webhook took it. A webhook that fails is logged: telling must not fail a run."""
        LOG.warning(text)
        if not self.webhook:
            return False
        import requests

        try:
            requests.post(self.webhook, json={"text": text}, timeout=10).raise_for_status()
        except requests.RequestException as error:
            LOG.error("the webhook did not take the message: %s", error)
            return False
        return True
