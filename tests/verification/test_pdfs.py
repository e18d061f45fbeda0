"""PDFs that owners attach: taken as viewers show them, and saved anew with nothing but their pages."""

import io
import zipfile
from typing import cast

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageChops

from verification.documents import intake, letters, pdfs

WORDS = b"BT /F1 24 Tf 72 700 Td (Certificate of a business) Tj ET"


def fonts():
    return Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))


def pdf(change=lambda pdf: None, *, pages=1, content=WORDS, size=(612, 792), **save):
    """The bytes of a PDF with `content` on each page, to which `change` was done."""
    with pikepdf.new() as made:
        for _ in range(pages):
            page = made.add_blank_page(page_size=size)
            page.obj.Resources = Dictionary(Font=fonts())
            page.obj.Contents = Stream(made, content)
        change(made)
        output = io.BytesIO()
        made.save(output, **save)
    return output.getvalue()


def accept(content):
    return intake.accept(io.BytesIO(content))


def refusal(content):
    with pytest.raises(intake.Refused) as refused:
        accept(content)
    return str(refused.value)


def text_of(content, page=0):
    return pypdfium2.PdfDocument(content)[page].get_textpage().get_text_range()


def drawn(content, page=0):
    return pypdfium2.PdfDocument(content)[page].render(scale=0.5).to_pil().convert("L")


def everything_in(content):
    """All names and values in a PDF, however it is packed: str."""
    with pikepdf.open(io.BytesIO(content)) as found:
        streams = [
            thing.read_bytes() for thing in found.objects if isinstance(thing, Stream) and "/Filter" not in thing
        ]
        return f"{found.trailer!r}" + "".join(map(repr, found.objects)) + repr(streams) + repr(content)


# What is left out


def annotated(made, **annotation):
    each = made.make_indirect(Dictionary(Type=Name.Annot, Rect=[10, 10, 99, 99], F=4, **annotation))
    made.pages[0].obj.Annots = Array([*made.pages[0].obj.get("/Annots", []), each])
    return each


def action(kind, **more):
    return Dictionary(Type=Name.Action, S=Name(f"/{kind}"), **more)


def script_on_opening(made):
    made.Root.OpenAction = action("JavaScript", JS="LEAK")


def script_by_name(made):
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("LEAK"), action("JavaScript", JS="LEAK")])))


def script_of_a_page(made):
    made.pages[0].obj.AA = Dictionary(O=action("SubmitForm", F="http://LEAK.example"))


def script_of_a_date(made):
    field(made, AA=Dictionary(F=action("JavaScript", JS='LEAK("mm/dd/yyyy")')))


def link(made):
    annotated(made, Subtype=Name.Link, A=action("URI", URI="http://LEAK.example"))


def link_to_a_file(made):
    annotated(made, Subtype=Name.Link, A=action("GoToR", F="LEAK.pdf", D=Array([0, Name.Fit])))


def program(made):
    annotated(made, Subtype=Name.Link, A=action("Launch", F="LEAK.exe"))


def attachment(made):
    made.attachments["LEAK.xml"] = b"<LEAK/>"


def attachment_of_an_invoice(made):
    attachment(made)
    made.Root.AF = Array([made.attachments["LEAK.xml"].obj])
    made.pages[0].obj.AF = made.Root.AF


def attachment_on_the_page(made):
    file = Dictionary(Type=Name.Filespec, F="LEAK.exe", EF=Dictionary(F=Stream(made, b"LEAK")))
    annotated(made, Subtype=Name.FileAttachment, FS=file)


def video(made):
    annotated(made, Subtype=Name.RichMedia, RichMediaContent=Dictionary(Assets=Dictionary(Names=Array(["LEAK"]))))


def movie(made):
    annotated(made, Subtype=Name.Movie, Movie=Dictionary(F="LEAK.mov"))


def static_xfa(made):
    field(made, V="shown")
    made.Root.AcroForm.XFA = Stream(made, b"<LEAK/>")


def content_elsewhere(made):
    made.pages[0].obj.Resources.XObject = Dictionary(
        Im0=Stream(made, b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], F="LEAK.bin", PieceInfo="LEAK")
    )


def metadata(made):
    with made.open_metadata() as told:
        told["dc:title"] = "LEAK"
    made.docinfo["/Author"] = "LEAK"
    made.pages[0].obj.PieceInfo = Dictionary(LEAK=Dictionary())
    made.pages[0].obj.Resources.Properties = Dictionary(MC0=Dictionary(Metadata=Stream(made, b"LEAK")))


def kept_aside(made):
    made.Root.Extra = made.make_indirect(Dictionary(LEAK=1))


def beside_the_fonts(made):
    made.pages[0].obj.Resources.Extra = Dictionary(JS="LEAK")


def of_outlines(made):
    made.Root.Outlines = Dictionary(First=made.make_indirect(Dictionary(Title="LEAK", A=action("Launch", F="LEAK"))))


LEFT_OUT = [
    script_on_opening, script_by_name, script_of_a_page, script_of_a_date, link, link_to_a_file, program, attachment,
    attachment_of_an_invoice, attachment_on_the_page, video, movie, static_xfa, content_elsewhere, metadata, kept_aside,
    beside_the_fonts, of_outlines,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", LEFT_OUT)
def test_a_page_is_kept_without_links_and_attachments(change):
    uploaded = pdf(change)
    assert "LEAK" in everything_in(uploaded)

    accepted = accept(uploaded)

    found = everything_in(accepted.content)
    assert "LEAK" not in found
    active = {
        "/JS",
        "/JavaScript",
        "/AA",
        "/OpenAction",
        "/EmbeddedFile",
        "/EF",
        "/AcroForm",
        "/Annots",
        "/Launch",
        "/AF",
    }
    assert {name for name in active if f"'{name}'" in found or f'"{name}"' in found} == set()
    assert "Certificate of a business" in text_of(accepted.content)


@pytest.mark.slow
def test_a_script_is_left_out_in_every_spelling():
    disabled = pikepdf.ObjectStreamMode.disable
    content = pdf(script_on_opening, object_stream_mode=disabled, compress_streams=False)
    content = content.replace(b"/JavaScript", b"/J#61vaScript")

    assert "LEAK" not in everything_in(accept(content).content)


@pytest.mark.slow
def test_hidden_layers_stay_hidden():
    def add(made):
        layer = made.make_indirect(Dictionary(Type=Name.OCG, Name="Draft"))
        made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        made.pages[0].obj.Resources.Properties = Dictionary(L=layer)

    uploaded = pdf(add, content=WORDS + b" /OC /L BDC 0 0 612 500 re f EMC")

    assert drawn(accept(uploaded).content).tobytes() == drawn(uploaded).tobytes()


# What viewers draw over a page


def field(made, kind="Tx", name="name", **more):
    form = made.Root.get("/AcroForm") or Dictionary(Fields=Array(), DA="/Helv 12 Tf 0 g")
    found = annotated(made, Subtype=Name.Widget, FT=Name(f"/{kind}"), T=name, DA="/Helv 12 Tf 0 g", **more)
    found.Rect = [72, 500 - 40 * len(form.Fields), 400, 530 - 40 * len(form.Fields)]
    form.Fields = Array([*form.Fields, found])
    made.Root.AcroForm = form
    return found


def blank_appearance(made):
    return Dictionary(N=Stream(made, b"/Tx BMC EMC", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 328, 30]))


@pytest.mark.slow
@pytest.mark.parametrize("is_needed", [True, False, None], ids=["appearances needed", "not needed", "not said"])
@pytest.mark.parametrize("has_blank", [True, False], ids=["blank appearance", "no appearance"])
def test_form_values_without_an_appearance_are_drawn(is_needed, has_blank):
    def fill(made):
        values = {"name": "Peña & Hijos", "number": "WBE2301234"}
        for name, value in values.items():
            found = field(made, name=name, V=value)
            if has_blank:
                found.AP = blank_appearance(made)
        field(made, kind="Ch", name="state", Ff=1 << 17, V="TX", Opt=Array([Array(["TX", "Texas"])]))
        if is_needed is not None:
            made.Root.AcroForm.NeedAppearances = is_needed

    kept = accept(pdf(fill)).content

    for value in ("Peña & Hijos", "WBE2301234", "Texas", "Certificate of a business"):
        assert value in text_of(kept)
    assert min(drawn(kept).crop((36, 131, 200, 146)).getextrema()) < 100


@pytest.mark.slow
def test_a_value_kept_by_the_parent_of_a_field_is_drawn():
    def fill(made):
        found = field(made)
        parent = made.make_indirect(Dictionary(T="name", FT=Name.Tx, V="Inherited LLC", Kids=Array([found])))
        del found.T, found.FT
        found.Parent = parent
        made.Root.AcroForm.Fields = Array([parent])

    assert "Inherited LLC" in text_of(accept(pdf(fill)).content)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pikepdf.PageCopyWarning")
def test_a_value_of_a_field_that_the_form_does_not_list_is_drawn():
    def fill(made):
        field(made, V="Orphan LLC")
        del made.Root.AcroForm

    assert "Orphan LLC" in text_of(accept(pdf(fill)).content)


@pytest.mark.slow
def test_a_ticked_box_stays_ticked():
    def tick(made):
        field(made, kind="Btn", V=Name.Yes, MK=Dictionary(CA="4"))
        made.Root.AcroForm.NeedAppearances = True

    def leave(made):
        field(made, kind="Btn", V=Name.Off, MK=Dictionary(CA="4"))
        made.Root.AcroForm.NeedAppearances = True

    ticked, empty = (drawn(accept(pdf(change)).content) for change in (tick, leave))
    box = (36, 131, 200, 146)
    assert min(ticked.crop(box).getextrema()) < 160 < min(empty.crop(box).getextrema())


@pytest.mark.slow
def test_the_chosen_radio_button_without_pictures_is_marked():
    def choose(made):
        buttons = [field(made, kind="Btn", Ff=1 << 15, AS=Name(f"/{state}")) for state in ("Off", "b")]
        made.Root.AcroForm.Fields = Array(buttons)

    seen = drawn(accept(pdf(choose)).content)

    assert min(seen.crop((36, 151, 200, 166)).getextrema()) < 160 < min(seen.crop((36, 131, 200, 146)).getextrema())


NAMES = [
    "Nguyễn Đặng",
    "Şahin Işık Ğ",
    "Иванов",
    "Παπαδόπουλος",
    "שלום",
    "شركة النور",
    "山田商店",
    "नमस्ते",
    "“Peña” – José",
    "شركة النور LLC",
    "👍",
]


@pytest.mark.slow
def test_values_in_letters_of_any_script_are_drawn():
    def fill(made):
        for name in NAMES:
            field(made, V=name)

    seen = drawn(accept(pdf(fill)).content)

    rows = [seen.crop((36, 131 + 20 * row, 200, 146 + 20 * row)) for row in range(len(NAMES))]
    assert [min(row.getextrema()) < 160 for row in rows] == [True] * len(NAMES)


def picture(text, **more):
    """`text` as it is drawn in a note: Image in black and white."""
    with pikepdf.new() as made:
        note = Dictionary(Subtype=Name.FreeText, Rect=[0, 0, 900, 20], **more)
        letters.write(made, note, text)
        drawing = note.AP.N.Resources.XObject.Text
        return Image.frombytes("1", (int(drawing.Width), int(drawing.Height)), drawing.read_bytes())


def part(seen, left, right):
    """What is drawn between two columns, without the white around it: bytes."""
    cropped = seen.crop((left, 0, right, seen.height))
    return cropped.crop(ImageChops.invert(cropped).getbbox()).tobytes()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("شركة النور LLC", "LLC", None),
        ("LLC شركة النور", "LLC", None),
        ("Acme שלום Ltd", "Acme", "Ltd"),
        ("שלום Acme 山田", "Acme", None),
        ("שלום Acme 山田 Ltd שלום", "שלום", None),
        ("שלום 2024", "2024", None),
        ("שלום 2024 Ltd", "Ltd", None),
        ("山田商店 Ltd", "山田商店", "Ltd"),
        ("Approved 👍 2024", "Approved", "2024"),
        ("Approved 👍🏽 👍", None, "👍"),
        ("Иванов & नमस्ते", "Иванов", "नमस्ते"),
        ("Acme\tLtd", "Acme", "Ltd"),
    ],
)
def test_each_part_of_a_text_is_drawn_in_a_font_that_contains_it(text, first, last):
    seen = picture(text)

    for alone, at_end in ((first, False), (last, True)):
        if alone:
            drawn_alone = picture(alone)
            left = seen.width - drawn_alone.width if at_end else 0
            assert part(seen, left, left + drawn_alone.width) == part(drawn_alone, 0, drawn_alone.width)


@pytest.mark.parametrize("text", ["Smith \N{CUNEIFORM SIGN A}", "Acme \ue000", "\U000e0fff", "👍\U0001fbff"])
def test_a_letter_that_no_font_contains_is_not_drawn_as_a_box(text):
    with pytest.raises(letters.NotDrawn):
        picture(text)


@pytest.mark.parametrize(
    "color",
    [
        {"C": [1, 0]},
        {"C": []},
        {"C": [Name.Red, Name.Green, Name.Blue]},
        {"C": Name.Red},
        {"MK": Dictionary(BG=["red"])},
        {"MK": Name.Red},
    ],
    ids=repr,
)
def test_a_note_with_an_unreadable_color_is_drawn_without_one(color):
    assert picture("Renewed", **color).tobytes() == picture("Renewed").tobytes()


@pytest.mark.slow
def test_an_existing_appearance_is_kept():
    def sign(made):
        signature = field(made, kind="Sig", V=Dictionary(Type=Name.Sig, Contents=b"0" * 99))
        look = Stream(made, b"BT /F1 12 Tf 2 2 Td (Signed by Renee) Tj ET", Type=Name.XObject, Subtype=Name.Form)
        look.BBox = [0, 0, 328, 30]
        look.Resources = Dictionary(Font=fonts())
        signature.AP = Dictionary(N=look)
        made.Root.AcroForm.SigFlags = 3

    assert "Signed by Renee" in text_of(accept(pdf(sign)).content)


LONG_NOTE = "Renewed through 2027 by the council that issued it, see the letter of March 3. " * 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    [{"Contents": LONG_NOTE}, {"Contents": LONG_NOTE, "DA": "0 g"}, {"RC": f"<body><p>{LONG_NOTE}</p></body>"}],
    ids=["plain", "no font", "formatted"],
)
def test_all_lines_of_a_note_without_an_appearance_are_drawn(said):
    def write(made):
        annotated(made, Subtype=Name.FreeText, **said).Rect = [72, 300, 400, 340]

    seen = drawn(accept(pdf(write)).content)

    assert [min(seen.crop((36, top, 200, top + 6)).getextrema()) < 160 for top in (226, 234)] == [True, True]


def mark(kind, **more):
    return lambda made: annotated(made, Subtype=Name(f"/{kind}"), C=[1, 0, 0], **more)


def letters_without_a_font(made):
    field(made, V="Smith \N{CUNEIFORM SIGN A} LLC")


def one_of_radio_buttons_that_nothing_tells_apart(made):
    field(made, kind="Btn", Ff=1 << 15, V=Name.b)


def dynamic_xfa(made):
    made.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(made, b"<xdp/>"))
    made.pages[0].obj.Contents = Stream(made, b"BT /F1 9 Tf 9 9 Td [(Plea) -5 (se wait...)] TJ ET")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        mark("Line", L=[10, 10, 99, 99]),
        mark("Polygon", Vertices=[10, 10, 99, 99, 10, 99]),
        mark("Stamp", Name=Name.Approved),
        letters_without_a_font,
        one_of_radio_buttons_that_nothing_tells_apart,
        dynamic_xfa,
    ],
)
def test_a_pdf_that_we_cannot_draw_is_refused_with_the_reason(change):
    assert "only some programs show" in refusal(pdf(change))


@pytest.mark.slow
def test_hidden_annotations_stay_hidden():
    def hide(made):
        field(made, V="Hidden LLC").F = 2

    assert "Hidden LLC" not in text_of(accept(pdf(hide)).content)


@pytest.mark.slow
def test_a_stamp_in_a_hidden_layer_stays_hidden():
    def hide(made):
        layer = made.make_indirect(Dictionary(Type=Name.OCG, Name="Specimen"))
        made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        stamp = annotated(made, Subtype=Name.Stamp, OC=layer)
        stamp.AP = Dictionary(
            N=Stream(made, b"0 0 89 89 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 89, 89])
        )

    assert min(drawn(accept(pdf(hide)).content).crop((5, 347, 49, 390)).getextrema()) == 255


# Fonts that a document does not bring


def written_in(font, codes=b"<005700580059>", *, is_direct=False, under=b""):
    """The bytes of a PDF with some letters in a font it does not bring."""

    def add(made):
        made.pages[0].obj.Resources.Font.F2 = font if is_direct else made.make_indirect(font)
        scan = Image.linear_gradient("L").tobytes()
        made.pages[0].obj.Resources.XObject = Dictionary(
            Scan=Stream(made, scan, Type=Name.XObject, Subtype=Name.Image, Width=256, Height=256,
                        ColorSpace=Name.DeviceGray, BitsPerComponent=8)
        )  # fmt: skip

    return pdf(add, content=WORDS + b" BT /F2 40 Tf 72 600 Td " + codes + b" Tj ET " + under)


def by_number(name, encoding, ordering):
    system = Dictionary(Registry="Adobe", Ordering=ordering, Supplement=2)
    descendant = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name(name), CIDSystemInfo=system)
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name(name), Encoding=Name(encoding),
        DescendantFonts=Array([descendant]),
    )  # fmt: skip


def by_name(name, *letters, **more):
    font = Dictionary(
        Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name(name), FirstChar=0x41, LastChar=0x43,
        Widths=Array([600] * 3), **more,
    )  # fmt: skip
    if letters:
        font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([0x41, *map(Name, letters)]))
    return font


@pytest.mark.slow
def test_chinese_in_a_font_that_is_not_included_is_drawn():
    font = by_number("/STSong-Light", "/UniGB-UCS2-H", "GB1")

    kept = accept(written_in(font, b"<" + "证书".encode("utf-16-be").hex().encode() + b">")).content
    with Image.open(io.BytesIO(intake.page_image(kept, "pdf", 1))) as seen:
        darkest, _ = cast(tuple[int, int], seen.convert("L").crop((165, 350, 340, 440)).getextrema())
        assert darkest < 160


def symbolic(name, kind="TrueType"):
    told = Dictionary(Type=Name.FontDescriptor, FontName=Name(name), Flags=4)
    font = by_name(name, FontDescriptor=told)
    font.Subtype = Name(f"/{kind}")
    return font


UNREADABLE = {
    "letters of other alphabets": (lambda: by_name("/ArialMT", "/Gbreve", "/afii10017", "/uni1EC5"), b"(ABC)"),
    "numbers of glyphs": (lambda: by_number("/ArialMT", "/Identity-H", "Identity"), b"<005700580059>"),
    "Wingdings": (lambda: by_name("/Wingdings-Regular"), b"(ABC)"),
    "other symbols": (lambda: symbolic("/Cards"), b"(AB)"),
    "symbols of a known family": (lambda: symbolic("/ArialSymbols"), b"(AB)"),
}


@pytest.mark.slow
def test_a_page_whose_letters_would_be_missing_is_refused():
    font, codes = UNREADABLE["letters of other alphabets"]

    assert "doesn't include one of its fonts" in refusal(written_in(font(), codes))


@pytest.mark.parametrize("is_direct", [False, True], ids=["indirect", "direct"])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_letters_that_would_be_missing_or_wrong_are_found_wherever_their_font_is_kept(kind, is_direct):
    font, codes = UNREADABLE[kind]

    with pytest.raises(pdfs.Refused, match="doesn't include one of its fonts"):
        pdfs.refuse_lacking_fonts(written_in(font(), codes, is_direct=is_direct))


@pytest.mark.parametrize("mode", [b"1 Tr ", b"2 Tr ", b"1 0 0 rg ", b"0.9 g "])
@pytest.mark.parametrize("kind", ["numbers of glyphs", "Wingdings"])
def test_visible_letters_are_found_in_every_painting_mode(kind, mode):
    font, codes = UNREADABLE[kind]

    with pytest.raises(pdfs.Refused, match="doesn't include one of its fonts"):
        pdfs.refuse_lacking_fonts(written_in(font(), mode + codes))


@pytest.mark.parametrize("kind", UNREADABLE)
def test_invisible_recognized_text_over_a_scan_needs_no_font(kind):
    font, codes = UNREADABLE[kind]

    pdfs.refuse_lacking_fonts(written_in(font(), b"3 Tr " + codes))


@pytest.mark.parametrize("kind", [kind for kind in UNREADABLE if kind != "letters of other alphabets"])
def test_recognized_text_under_a_scan_needs_no_font(kind):
    font, codes = UNREADABLE[kind]

    pdfs.refuse_lacking_fonts(written_in(font(), codes, under=b"q 612 0 0 792 0 0 cm /Scan Do Q"))


@pytest.mark.slow
def test_a_scan_with_recognized_text_is_kept_whole():
    font, codes = UNREADABLE["numbers of glyphs"]

    assert "Certificate of a business" in text_of(accept(written_in(font(), b"3 Tr " + codes)).content)


WELL_KNOWN = [
    "/ArialMT", "/Arial,Bold", "/Arial-BoldItalicMT", "/ABCDEF+ArialMT", "/Helvetica", "/Helvetica-BoldOblique",
    "/TimesNewRomanPS-BoldMT", "/TimesNewRoman,Italic", "/Times-Roman", "/CourierNewPS-BoldMT", "/Courier",
    "/Calibri-Light",
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in WELL_KNOWN for kind in ("TrueType", "Type1")]
    + [("/Symbol", "Type1"), ("/ZapfDingbats", "Type1")],
)
def test_well_known_fonts_marked_as_symbolic_are_drawn(name, kind):
    pdfs.refuse_lacking_fonts(written_in(symbolic(name, kind), b"(ABC)"))


# What is blank


def white_on_white(made):
    made.pages[0].obj.Contents = Stream(made, b"1 g BT /F1 24 Tf 72 700 Td (White) Tj ET")


def recognized_text_alone(made):
    made.pages[0].obj.Contents = Stream(made, b"BT 3 Tr /F1 24 Tf 72 700 Td (Invisible) Tj ET")


def nothing(made):
    del made.pages[0].obj.Contents


@pytest.mark.slow
@pytest.mark.parametrize("change", [white_on_white, recognized_text_alone, nothing])
def test_a_document_on_which_nothing_shows_is_refused(change):
    assert "Nothing shows on this PDF" in refusal(pdf(change))


@pytest.mark.slow
def test_a_blank_page_among_others_is_kept():
    assert accept(pdf(nothing, pages=2)).pages == 2


# What is protected, damaged or no page


@pytest.mark.slow
def test_a_pdf_that_opens_without_a_password_is_accepted_with_any_permissions():
    nothing_allowed = pikepdf.Permissions(extract=False, print_highres=False, print_lowres=False, modify_form=False)
    for strength in (3, 4, 6):
        lock = pikepdf.Encryption(owner="owner", user="", R=strength, aes=strength > 3, metadata=strength > 3,
                                  allow=nothing_allowed)  # fmt: skip
        accepted = accept(pdf(encryption=lock))
        with pikepdf.open(io.BytesIO(accepted.content)) as found:
            assert not found.is_encrypted
        assert "Certificate of a business" in text_of(accepted.content)


@pytest.mark.slow
def test_a_pdf_that_needs_a_password_is_refused_with_what_to_do():
    assert refusal(pdf(encryption=pikepdf.Encryption(owner="owner", user="secret"))) == (
        "This PDF needs a password to open. "
        "Open it, choose Print, then Save as PDF, and attach that. Or attach a screenshot of it."
    )


def zipped():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("evil", "x")
    return output.getvalue()


def with_wrong_startxref(content):
    start, _, _ = content.rpartition(b"startxref")
    return start + b"startxref\n7\n%%EOF\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: b"\r\n\n" + content,
        lambda content: b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + content,
        lambda content: b"x" * 1000 + b"\n" + content,
        with_wrong_startxref,
        lambda content: content.rpartition(b"startxref")[0],
        lambda content: content.rpartition(b"%%EOF")[0],
        lambda content: content + b"\0" * 3000,
        lambda content: content + zipped(),
        lambda content: content + b"<script>alert(1)</script>",
        lambda content: content.replace(b"%PDF-1.", b"%PDF-9."),
        lambda content: content.replace(b"/Count 1", b"/Count 7"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_linearized", [False, True])
def test_a_pdf_that_viewers_can_repair_is_accepted(spoil, is_linearized):
    uploaded = spoil(pdf(linearize=is_linearized, object_stream_mode=pikepdf.ObjectStreamMode.disable))

    accepted = accept(uploaded)

    assert accepted.pages == 1
    assert "Certificate of a business" in text_of(accepted.content)
    assert b"script" not in accepted.content
    assert not zipfile.is_zipfile(io.BytesIO(accepted.content))


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
def test_a_cut_off_pdf_is_refused_or_kept_whole(part):
    picture = Image.effect_noise((200, 200), 90)

    def add(made):
        for page in made.pages:
            image = Stream(made, picture.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=200, Height=200,
                           ColorSpace=Name.DeviceGray, BitsPerComponent=8)  # fmt: skip
            page.obj.Resources.XObject = Dictionary(Im0=image)

    whole = pdf(add, pages=3, content=WORDS + b" q 300 0 0 300 72 72 cm /Im0 Do Q")
    cut = whole[: int(len(whole) * part)]

    try:
        accepted = accept(cut)
    except intake.Refused as refused:
        assert "damaged" in str(refused)  # noqa: PT017, either is right
    else:
        pages = range(3)
        assert [drawn(accepted.content, page).tobytes() for page in pages] == [
            drawn(whole, page).tobytes() for page in pages
        ]


def bomb(made):
    made.Root.Extra = made.make_indirect(Stream(made, b"\0" * 400_000_000))


def portfolio(made):
    made.Root.Collection = Dictionary(Type=Name.Collection)
    attachment(made)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"GIF89a" + pdf(), "This picture"),
        (lambda: pdf(pages=51), "more than 50 pages"),
        (lambda: pdf(bomb), "unpacks to far more"),
        (lambda: pdf(portfolio), "holds several files"),
        (lambda: b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF", "damaged or cut off"),
        (lambda: b"x" * 1100 + pdf(), "kind of file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unreadable_pdf_is_refused_with_the_reason(make, sentence):
    content = make()
    assert sentence in refusal(content)


# The review's pictures


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "least"),
    [
        ((612, 792), (1400, 1800)),
        ((390, 6000), (1300, 20_000)),
        ((6000, 390), (2_000, 16_000)),  # in rows
        ((2384, 3370), (3500, 5000)),
    ],
    ids=["letter", "a long page", "a banner", "a poster"],
)
def test_a_page_is_drawn_so_that_its_print_can_be_read(size, least):
    content = accept(pdf(size=size, content=WORDS.replace(b"700", b"300"))).content

    with Image.open(io.BytesIO(intake.page_image(content, "pdf", 1))) as picture:
        assert picture.width >= least[0]
        assert picture.height >= least[1]


@pytest.mark.slow
def test_a_page_of_enormous_size_is_drawn_within_limits():
    content = accept(pdf(size=(14_400, 14_400), content=b"0 0 9000 9000 re f")).content

    with Image.open(io.BytesIO(intake.page_image(content, "pdf", 1))) as picture:
        assert picture.width * picture.height < 41_000_000
