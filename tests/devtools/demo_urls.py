"""The site's URLs as they are with DEBUG on.

Import this before a test turns DEBUG on: the real ones are read once, and the other tests want them with it off.
"""

from devtools.demo.urls import urlpatterns as demo_urlpatterns
from marketplace import urls
from marketplace.urls import handler400, handler403, handler404, handler500  # noqa: F401

urlpatterns = [*demo_urlpatterns, *urls.urlpatterns]
