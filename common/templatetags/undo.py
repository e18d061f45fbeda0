"""The address that a message offers to take back what it says."""

from django import template

from common import undo

register = template.Library()
register.filter("undo_url", undo.undo_url)
