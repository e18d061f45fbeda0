"""Files as the API gives them."""

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from sourcing.exports.files import CONTENT_TYPES

# How the OpenAPI document describes a response with one.
RESPONSE: dict[str, Any] = {
    "content": {
        type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for type in CONTENT_TYPES.values()
    }
}


def response_with(content: bytes, *, name: str, type: str) -> HttpResponse:
    """Return the response with a file, to store under its name."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=type, headers={"Content-Disposition": disposition or ""})
