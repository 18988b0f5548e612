"""Signs of change in response headers: which of them is taken, and the week where there is none."""

from __future__ import annotations

import datetime as dt

import pytest

from observatory_assets.publishers.headers import current_week, http_date, sign_of_change
from resources.errors import PermanentFetchError, TransientFetchError

URL = "https://publisher.invalid/list.json"


class Answers:
    """A client that answers HEAD with these headers, or with an error."""

    def __init__(self, answer):
        self.answer = answer

    def head(self, url):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


MODIFIED = "Wed, 01 Jul 2026 06:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "sign"),
    [
        ({"etag": '"a"', "last-modified": MODIFIED, "content-length": "3"}, 'etag:"a"'),
        ({"last-modified": MODIFIED, "content-length": "3"}, f"last-modified:{MODIFIED}"),
        ({"etag": "", "content-length": "3"}, "content-length:3"),
    ],
)
def test_the_surest_sign_there_is_is_taken(headers, sign):
    value, released_at = sign_of_change(Answers(headers), URL)
    assert value == sign
    assert released_at == (dt.datetime(2026, 7, 1, 6, tzinfo=dt.timezone.utc) if "last-modified" in headers else None)


def test_without_a_sign_or_with_head_refused_it_is_the_week():
    assert sign_of_change(Answers({}), URL)[0].startswith("week:")
    assert sign_of_change(Answers(PermanentFetchError("405")), URL)[0].startswith("week:")
    assert sign_of_change(Answers({"content-length": "3"}), URL, ("etag",))[0].startswith("week:"), "a length may be no sign"


def test_a_publisher_that_does_not_answer_now_is_not_mistaken_for_one_without_signs():
    with pytest.raises(TransientFetchError):
        sign_of_change(Answers(TransientFetchError("503")), URL)


def test_weeks_are_iso_weeks_and_a_date_that_is_none_dates_nothing():
    assert current_week(dt.datetime(2027, 1, 1, tzinfo=dt.timezone.utc)) == "week:2026-W53"
    assert http_date("soon") is None
