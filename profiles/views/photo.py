"""Photos, served by the site itself. Their names are digests of their content, so browsers may keep them forever."""

import re

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def photo(request: HttpRequest, name: str) -> FileResponse:
    if not re.fullmatch(r"[0-9a-zA-Z_]+\.webp", name):
        raise Http404
    try:
        file = default_storage.open(f"photos/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
