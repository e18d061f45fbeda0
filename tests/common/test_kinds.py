"""What a file is told to be that is no picture and no PDF."""

import io
import zipfile

import pytest

from common import kinds


def archive(*names):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as made:
        for name in names:
            made.writestr(name, bytes(3_000))
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!-- saved -->\n<!-- twice -->\n<html>", "a web page"),
        (b"<?xml version='1.0'?><!-- drawn --><svg/>", "an SVG drawing"),
        (b"<!---->" * 500 + b"x", "a text file"),  # never done if each comment doubles the time
    ],
)
def test_file_is_named_whatever_comments_come_first(content, what):
    assert kinds.refusal(content).startswith(f"This is {what}. ")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<!DOCTYPE html><html>".encode("utf-8-sig"), "a web page"),
        ("<html><body>".encode("utf-16"), "a web page"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'><html>", "a web page"),
        (b"From: <Saved by Blink>\r\nSubject: x\r\n\r\n", "a saved web page"),
        (b"Received: from a.test\r\n\tby b.test\r\nSubject: Hi\r\n\r\nText", "an email"),
        (b"DKIM-Signature: v=1;\r\n b=" + b"a" * 5_000, "an email"),
        ("Zertifikat für Änne".encode("utf-16-be"), "a text file"),
        ("\ufeffZertifikat für Änne".encode("utf-16-le"), "a text file"),
        (archive("[Content_Types].xml", "word/media/image1.png", "word/document.xml"), "a Word document"),
        (archive("Data/a.jpg", "Index/Slide.iwa"), "a Pages, Numbers or Keynote document"),
        (archive("mimetype", "pass.json", "logo.png"), "a pass for a wallet"),
        (archive("a.pdf"), "a ZIP archive"),
        (archive(), "a ZIP archive"),
        (b"a.pdf".ljust(257, b"\0") + b"ustar\x0000", "an archive"),
        (b"MZ\x90\0" + bytes(99), "a program"),
        (b"ID3\4" + bytes(99), "a sound recording"),
    ],
)
def test_file_is_named_by_its_content(content, what):
    assert kinds.refusal(content).startswith(f"This is {what}. ")
