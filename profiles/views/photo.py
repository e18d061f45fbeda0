"""Photos, served by the site itself. Their names tell their content, so a browser may keep them for ever."""

import re

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def photo(request, name):
    path = f"photos/{name}"
    if not re.fullmatch(r"[0-9a-zA-Z_]+\.webp", name) or not default_storage.exists(path):
        raise Http404
    response = FileResponse(default_storage.open(path), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
