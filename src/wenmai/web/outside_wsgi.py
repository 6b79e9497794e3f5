"""WSGI entry point of the outside site. The settings are named, not defaulted: this process never serves the office's pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "wenmai.web.outside_settings"
application = get_wsgi_application()
