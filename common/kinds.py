"""Names the kind of an uploaded file that is neither a picture nor a PDF, and what its owner can do instead."""

import codecs
import re

SCREENSHOT = "Open it, take a screenshot of it, and choose that."
AS_PDF = "Open it, save it as a PDF (Print, then Save as PDF), and attach that. Or attach a screenshot of it."
EXTRACT = "Open it, and choose the file in it that shows the certificate."
ANOTHER = "Choose the file that shows the certificate."

EMAIL = (  # a header that emails begin with, in mailboxes and on a Mac after a line of their own
    rb"(\d+\s*\n)?(from |(return-path|received|delivered-to|[\w-]+-signature|arc-seal|authentication-results|"
    rb"message-id|mime-version|content-type|subject|date|from|to|x-[\w-]+):)"
)

# A pattern from the start of the file, what such a file is called, and what to do. The first that fits counts.
# Comments are atomic groups: else their number would double the time with each one.
KINDS = [
    (rb"PK\x03\x04.*?word/document", "a Word document", AS_PDF),
    (rb"PK\x03\x04.*?xl/workbook", "an Excel workbook", AS_PDF),
    (rb"PK\x03\x04.*?ppt/presentation", "a PowerPoint presentation", AS_PDF),
    (rb"PK\x03\x04.*?mimetypeapplication/vnd\.oasis", "a document of a word processor", AS_PDF),
    (rb"PK\x03\x04.*?(Index/\w+\.iwa|index\.apxl|index\.xml)", "a Pages, Numbers or Keynote document", AS_PDF),
    (rb"PK\x03\x04.*?mimetypeapplication/epub", "an EPUB book", SCREENSHOT),
    (rb"PK\x03\x04.*?pass\.json", "a pass for a wallet", SCREENSHOT),
    (rb"PK\x03\x04.*?AndroidManifest\.xml|MZ|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program", ANOTHER),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive", EXTRACT),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|MSCF|.{257}ustar", "an archive", EXTRACT),
    (rb"\xd0\xcf\x11\xe0", "a Word, Excel or Outlook file", AS_PDF),
    (rb"\{\\rtf", "an RTF document", AS_PDF),
    (rb"bplist00", "a saved web page", AS_PDF),
    (rb"....ftypcrx |IIRO|IIU\0|FUJIFILM", "a raw photo", SCREENSHOT),
    (rb"....ftyp(heic|heix|heim|heis|hevc|mif1|msf1|avif|avis)", "a photo that we can't read", SCREENSHOT),
    (rb"ID3|\xff[\xf2\xf3\xfa\xfb]|RIFF....WAVE|OggS|fLaC|....ftypM4A", "a sound recording", ANOTHER),
    (
        rb"....(ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF....AVI |\x30\x26\xb2\x75|\0\0\1\xba",
        "a video, or the video of a Live Photo",
        SCREENSHOT,
    ),
    (rb"\xff\x0a|....JXL |....jP  |\xff\x4f\xff\x51", "a JPEG XL or JPEG 2000 picture", SCREENSHOT),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*", "a picture that we can't read", SCREENSHOT),
    (rb"8BPS", "a Photoshop picture", SCREENSHOT),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript file", AS_PDF),
    (rb"\s*(<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg", "an SVG drawing", SCREENSHOT),
    (
        rb"\s*(<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*(<!doctype html|<(html|head|body|script|title|meta|div|table|p)\b)",
        "a web page",
        AS_PDF,
    ),
    (rb"from: <saved by ", "a saved web page", AS_PDF),
    (EMAIL, "an email", AS_PDF),
    (rb"([\t\n\r\x20-\x7e]\0|\0[\t\n\r\x20-\x7e]){8}", "a text file", AS_PDF),
    (rb"[\t\n\r\x20-\x7e\x80-\xff]+$", "a text file", AS_PDF),
]
# What texts begin with, and their encoding.
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
LOOKED_AT = 4_096  # at the start, and at the end, where an archive lists what it holds

UNKNOWN = f"We don't know this kind of file. {AS_PDF}"


def refusal(content: bytes) -> str:
    """Return the sentence for a file that is not accepted: what it is, and what to do."""
    looked_at = content[:LOOKED_AT] + content[LOOKED_AT:][-LOOKED_AT:]
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            looked_at = content[len(mark) : LOOKED_AT].decode(encoding, "ignore").encode(errors="ignore")
    for pattern, what, then in KINDS:
        if re.match(pattern, looked_at, re.DOTALL | re.IGNORECASE):
            return f"This is {what}. {then}"
    return UNKNOWN
