"""What is shown when a request cannot be taken: a page in the site's own look that says what to do."""

import pytest

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
TOO_MUCH = {
    "too large": (b"login=" + b"a" * 1_100_000, FORM),
    "too many fields": (b"a=1&" * 501, FORM),
    "too many parts": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 501 + b"--x--\r\n", PARTS),
    "too many files": (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.pdf"\r\n\r\n1\r\n' * 101 + b"--x--\r\n",
        PARTS,
    ),
}
UNREADABLE = {
    "a charset that no form has": (b"\xff\xfe=1", f"{FORM}; charset=utf-16"),
    "no boundary": (b"abc", "multipart/form-data"),
}


def assert_is_ours(response):
    assert response["Cache-Control"] == "no-store"
    assert response.text.count("<h1>") == 1
    assert 'href="/talent/">Find talent</a>' in response.text
    assert 'rel="stylesheet"' in response.text


@pytest.mark.parametrize("case", TOO_MUCH)
def test_a_request_that_is_too_large_is_answered_with_what_to_do(case, client):
    body, content_type = TOO_MUCH[case]

    response = client.generic("POST", "/accounts/login/", body, content_type=content_type)

    assert response.status_code == 413
    assert "Go back and send less, like a shorter text, a smaller file or fewer rows." in response.text
    assert_is_ours(response)


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_request_is_answered_with_what_to_do(case, client):
    body, content_type = UNREADABLE[case]

    response = client.generic("POST", "/accounts/login/", body, content_type=content_type)

    assert response.status_code == 400
    assert "Go back, reload the page and try again." in response.text
    assert_is_ours(response)
