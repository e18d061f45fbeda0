from django import template

from profiles import members

register = template.Library()
register.simple_tag(members.invitation_followed)
