"""Numbers, sizes, times, and the page's language in templates: `{% load formats %}`."""

from django import template
from django.utils import translation

from .. import formats, locales

register = template.Library()
register.simple_tag(locales.tag, name="language_tag")
register.simple_tag(lambda: "rtl" if translation.get_language_bidi() else "ltr", name="text_direction")
register.simple_tag(formats.sentence_gap, name="sentence_gap")
register.simple_tag(formats.list_gap, name="list_gap")
register.filter("number", formats.number)
register.filter("listed", formats.listed)
register.filter("filesize", formats.file_size)
register.filter("short_size", formats.short_size)
register.filter("exact_bytes", formats.exact_bytes)
register.filter("speed", formats.speed)
register.filter("duration", formats.duration)
register.filter("age", formats.age)
register.filter("moment", formats.moment)
register.filter("day", formats.day)
register.filter("long_day", formats.long_day)
register.filter("until", formats.until)
register.filter("clock", formats.clock)
register.filter("time_of_day", formats.time_of_day)
register.filter("full_date", formats.full_date)
