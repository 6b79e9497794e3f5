"""WSGI entry point."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
application = get_wsgi_application()
# Loaded when the process starts, not while the first reader waits for the rows of a figure (about a second).
for name in ("ibis.backends.duckdb", "ibis.formats.pandas"):
    import_module(name)
