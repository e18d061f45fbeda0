"""Run as a program of its own, with limits, on a PDF that may be made to break it: standard input to standard output.

`check` answers the number of pages, a line end, and the document saved anew; `draw` and a number, counted from 1, a
picture of that page. A refusal is exit status 3 and a sentence on standard error.
"""

import io
import resource
import sys

MOST_MEMORY = 1_500_000_000
MOST_SECONDS = 20
MOST_PAGES = 50
MOST_OBJECTS = 50_000
MOST_INFLATED = 300_000_000
WIDTH = 1_400  # pixels

AGAIN = "Print it to a new PDF and attach that."
# What makes a PDF do something when it is opened or clicked. Source: ISO 32000-2, 12.6.4 and 7.11.4.
ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound",
    "/RichMediaExecute", "/GoTo3DView", "/ResetForm",
}  # fmt: skip
ACTIVE_KEYS = {"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
ACTIVE_TYPES = {"/EmbeddedFile"}
ACTIVE_SUBTYPES = {"/RichMedia", "/Movie", "/Sound", "/3D", "/Screen", "/FileAttachment"}
INFLATING = {"/FlateDecode", "/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"}
ALIEN = (b"<html", b"<script")


class Refused(Exception):
    pass


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def check(content):
    import pikepdf

    refuse_polyglots(content)
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Refused("This PDF is protected. Save a copy without a password and attach that.")
            if len(pdf.objects) > MOST_OBJECTS:
                raise Refused(f"This PDF has too many parts. {AGAIN}")
            refuse_active(pdf)
            pages = len(pdf.pages)
            if not pages:
                raise Refused("This PDF has no pages.")
            if pages > MOST_PAGES:
                raise Refused(f"This PDF has {pages} pages, more than {MOST_PAGES}. Attach the certificate alone.")
            strip(pdf)
            output = io.BytesIO()
            pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise Refused("This PDF is protected with a password. Save a copy without it and attach that.") from error
    except pikepdf.PdfError as error:
        raise Refused(f"This PDF is damaged or cut off. {AGAIN}") from error
    sys.stdout.buffer.write(b"%d\n" % pages + output.getvalue())


def refuse_polyglots(content):
    """What is a PDF to one program and something else to another."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise Refused(f"This PDF is cut off. {AGAIN}")
    if content[end + 5 :].strip(b"\r\n\0\t ") or any(
        alien in content[:1024].lower() for alien in (b"<html", b"<script")
    ):
        raise Refused(f"This file is a PDF and something else at once. {AGAIN}")


def refuse_active(pdf):
    """Every object is looked at, in object streams too; names come decoded."""
    import pikepdf

    inflated = 0
    for found in pdf.objects:
        waiting = [found]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, pikepdf.Array):
                waiting += [item for item in thing.as_list() if is_direct(item)]
            elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                refuse_active_keys(thing)
                waiting += [value for _, value in thing.items() if is_direct(value)]
        if isinstance(found, pikepdf.Stream) and found.get("/Subtype") != "/Image":
            inflated += len(found.read_bytes()) if is_decodable(found) else 0
            if inflated > MOST_INFLATED:
                raise Refused(f"This PDF unpacks to far more than its size. {AGAIN}")


def is_direct(thing):
    import pikepdf

    return isinstance(thing, (pikepdf.Array, pikepdf.Dictionary)) and not thing.is_indirect


def is_decodable(stream):
    import pikepdf

    filters = stream.get("/Filter", pikepdf.Array([]))
    named = filters.as_list() if isinstance(filters, pikepdf.Array) else [filters]
    return {str(name) for name in named} <= INFLATING


def refuse_active_keys(thing):
    keys = set(thing.keys())
    active = keys & ACTIVE_KEYS
    active |= {str(thing.get("/S"))} & ACTIONS if "/S" in keys else set()
    active |= {str(thing.get("/Type"))} & ACTIVE_TYPES if "/Type" in keys else set()
    active |= {str(thing.get("/Subtype"))} & ACTIVE_SUBTYPES if "/Subtype" in keys else set()
    if active:
        raise Refused(f"This PDF can do more than be read (it holds {sorted(active)[0][1:]}). {AGAIN}")


def strip(pdf):
    """Take out what tells about its maker, and links, which lead a reader of ours somewhere else.

    What a form or a signature shows is drawn onto its page first.
    """
    pdf.flatten_annotations("all")
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for key in ("/Metadata", "/PieceInfo", "/OpenAction", "/Names", "/Lang", "/AcroForm"):
        if key in pdf.Root:
            del pdf.Root[key]
    for page in pdf.pages:
        for key in ("/Metadata", "/PieceInfo", "/LastModified", "/Annots"):
            if key in page.obj:
                del page.obj[key]
    pdf.remove_unreferenced_resources()


def draw(content, number):
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[int(number) - 1]
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), 2 * WIDTH / max(height, 1))
    page.render(scale=scale).to_pil().convert("RGB").save(sys.stdout.buffer, "JPEG", quality=80)


if __name__ == "__main__":
    limit()
    try:
        {"check": check, "draw": draw}[sys.argv[1]](sys.stdin.buffer.read(), *sys.argv[2:])
    except Refused as refused:
        sys.stderr.write(str(refused))
        sys.exit(3)
