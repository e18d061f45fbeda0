"""Each address that a form posts to leads to a page by a GET: from the address bar, a restored tab, or a sign-in."""

import pytest

from tests.site import every_answer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_every_address_that_a_form_posts_to_leads_on() -> None:
    answers = every_answer()
    assert len(answers) > 1000

    assert {
        (person, path): answer.status
        for (person, path), answer in answers.items()
        if answer.status == 405 or (answer.status == 200 and not answer.content)
        if not path.startswith(("/api/", "/oauth/"))  # to which only programs post
    } == {}
