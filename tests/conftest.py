import pytest
from django.test import Client


class Browser(Client):
    """Shows a form that has to be corrected as a browser does: its answer to a POST leads to a GET of it."""

    def post(self, *args, **kwargs):
        response = super().post(*args, **kwargs)
        while response.status_code == 303 or (response.status_code == 302 and "draft=" in response.url):
            response = self.get(response.url)
        return response


@pytest.fixture
def client():
    return Browser()
