import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .http.sub_path import BelowPath

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")

application = BelowPath(get_wsgi_application(), settings.SITE_PATH)
