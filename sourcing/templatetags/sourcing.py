"""What pages of other apps say of the search."""

from django import template

from certifications.models.record import is_in_audience

register = template.Library()
register.filter("may_search", is_in_audience)
