"""How Django writes dates and times by itself, such as in the administration: as the pages do (docs/content.md)."""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A"
