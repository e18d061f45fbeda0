"""Documents written as PDF: their words, in letters of any script, on as many pages as they need."""

import pypdfium2

from common.paper import Paper


def words(pdf):
    """The text of each page."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def test_a_document_has_its_title_paragraphs_and_tables():
    paper = Paper("Report 3", footer="Bright Foods, report 3")
    paper.heading("Rules")
    paper.paragraph("Fees <never> count & never did.")
    paper.table(["Type", "Amount"], [["Woman-owned", "1,400.00"]], widths=[3, -1])

    [page] = words(paper.pdf())

    for text in ("Report 3", "Rules", "Fees <never> count & never did.", "Woman-owned", "1,400.00", "Page 1"):
        assert text in page


def test_letters_that_the_font_lacks_become_latin_ones():
    paper = Paper("Zoë Žižková", footer="")
    paper.paragraph("深圳 и Наталья")

    assert "Zoë Žižková" in words(paper.pdf())[0]
    assert "ShenZhen и Наталья" in words(paper.pdf())[0]


def test_a_long_table_repeats_its_headings_on_each_page():
    paper = Paper("Payments", footer="")
    paper.table(["Number"], [[f"P-{number}"] for number in range(120)], widths=[1])

    pages = words(paper.pdf())

    assert len(pages) > 1
    assert all("Number" in page for page in pages)
    assert "P-119" in pages[-1]


def test_the_same_content_makes_the_same_bytes():
    def made():
        paper = Paper("Report", footer="")
        paper.paragraph("The same.")
        return paper.pdf()

    assert made() == made()
