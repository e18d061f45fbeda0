"""What a file is that is no picture and no PDF, told by its content, and what its owner can do instead."""

import re

SCREENSHOT = "Open it, take a screenshot of it, and choose that."
AS_PDF = "Open it, save it as a PDF (Print, then Save as PDF), and attach that. Or attach a screenshot of it."
EXTRACT = "Open it, and choose the file in it that shows the certificate."

# A pattern from the start of the file, what such a file is called, and what to do. The first that fits counts.
# Comments are atomic groups: else their number would double the time with each one.
KINDS = [
    (rb"PK\x03\x04.*?word/document", "a Word document", AS_PDF),
    (rb"PK\x03\x04.*?xl/workbook", "an Excel workbook", AS_PDF),
    (rb"PK\x03\x04.*?ppt/presentation", "a PowerPoint presentation", AS_PDF),
    (rb"PK\x03\x04.*?(mimetypeapplication/vnd\.oasis|Index/Document\.iwa)", "a document of a word processor", AS_PDF),
    (rb"PK\x03\x04", "a ZIP archive", EXTRACT),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b", "an archive", EXTRACT),
    (rb"\xd0\xcf\x11\xe0", "a Word, Excel or Outlook file", AS_PDF),
    (rb"\{\\rtf", "an RTF document", AS_PDF),
    (rb"bplist00", "a saved web page", AS_PDF),
    (rb"....ftypcrx |IIRO|IIU\0|FUJIFILM", "a raw photo", SCREENSHOT),
    (rb"....ftyp(heic|heix|heim|heis|hevc|mif1|msf1|avif|avis)", "a photo that we could not read", SCREENSHOT),
    (rb"....(ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF....AVI ", "a video, or the video of a Live Photo", SCREENSHOT),
    (rb"\xff\x0a|....JXL |....jP  |\xff\x4f\xff\x51", "a JPEG XL or JPEG 2000 picture", SCREENSHOT),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*", "a picture that we could not read", SCREENSHOT),
    (rb"8BPS", "a Photoshop picture", SCREENSHOT),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file", AS_PDF),
    (rb"\s*(<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg", "an SVG drawing", SCREENSHOT),
    (rb"\s*(?><!--.*?-->\s*)*(<!doctype html|<html|<head|<body|<script)", "a web page", AS_PDF),
    (rb"(?:[\w-]+:[^\n]*\n)+\s*\n", "an email", AS_PDF),
    (rb"[\t\n\r\x20-\x7e\x80-\xff]+$", "a text file", AS_PDF),
]
LOOKED_AT = 4_096  # at the start, and at the end, where an archive lists what it holds

UNKNOWN = f"We don't know this kind of file. {AS_PDF}"


def refusal(content):
    """Return the sentence for a file that is not taken: what it is, and what to do."""
    looked_at = content[:LOOKED_AT] + content[LOOKED_AT:][-LOOKED_AT:]
    for pattern, what, then in KINDS:
        if re.match(pattern, looked_at, re.DOTALL | re.IGNORECASE):
            return f"This is {what}. {then}"
    return UNKNOWN
