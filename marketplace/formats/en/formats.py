"""How Django reads dates, and writes dates and times by itself, such as in the administration (docs/content.md)."""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A"
# What browsers send, and what people in the U.S. type. A year of two digits could be a day: 27-12-31.
DATE_INPUT_FORMATS = [
    "%Y-%m-%d",
    *(f"%m{mark}%d{mark}%Y" for mark in "/-."),
    *(f"{month} {day}" for month in ("%b", "%B") for day in ("%d, %Y", "%d %Y")),
]
